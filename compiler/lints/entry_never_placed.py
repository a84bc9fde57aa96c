"""IC512 entry-never-placed: an entry that is refused at every close at which it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.catalog.actions import ENTRIES, Verb, actions_where
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label, Severity
from compiler.lints.certain_refusals import opens, reasons
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.first_trades import before_trades, of_closed_trades
from compiler.lints.target_sizes import Reason

_LOOKED_AT = (
    ENTRIES
    | actions_where(lambda spec: spec.verb is Verb.ADJUST_SIZE)
    | actions_where(lambda spec: spec.reduce_only and spec.rests)
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the first reason of each order that can never be placed.

    An error where no entry of the card is left: a card that can trade by another one is warned.
    """
    entries: list[tuple[CaseView, Placed]] = []
    refused: list[tuple[Reason, bool]] = []
    for view, action in context.placed(_LOOKED_AT):
        if action not in view.actions:
            continue  # `on_fill` asks at another close
        if view.when is not None and not context.reasoner.can_be_true(view.when):
            continue  # said by never-true
        reason = next(reasons(context, view, action), None)
        if reason is not None:
            refused.append((reason, action.spec.reduce_only))
        elif action.may_open:
            entries.append((view, action))
    for reason, is_exit in refused:
        yield _report(reason, is_error=not entries and not is_exit)
    if refused:
        return
    if any(opens(context, *entry) for entry in entries):
        yield from _wait_for_trades(context, entries)
    else:
        for view, action in entries:
            yield finding(
                "IC512",
                "no entry of this card can be the first: this one needs a position",
                action.written.kind_span,
                labels=[Label(view.span, "never true, or never with a known price, while flat")],
                help="let one entry work without a position, and without what only one tells",
            )


def _wait_for_trades(
    context: LintContext, entries: Sequence[tuple[CaseView, Placed]]
) -> Iterator[Diagnostic]:
    """Yield the entries of a card of which each needs a figure of closed trades: there is never a first."""
    before = before_trades(context)
    if not before or any(opens(context, *entry, *before) for entry in entries):
        return
    for view, action in entries:
        figure = of_closed_trades(context, view, action)
        if figure is None:
            continue  # it opens nothing for another reason
        yield finding(
            "IC512",
            f"no entry of this card can be the first: {figure} is unknown until trades were closed",
            action.written.kind_span,
            labels=[Label(view.span, "read here, or by a price or the size")],
            help=f"say what holds until then: `{figure.strip('`')} is missing or …` in a condition, `… ?? risk 1%` "
            "behind a size",
            severity=Severity.WARNING,
        )


def _report(reason: Reason, *, is_error: bool) -> Diagnostic:
    return finding(
        "IC512",
        reason.text,
        reason.span,
        help=reason.help,
        severity=None if reason.for_sure and is_error else Severity.WARNING,
    )
