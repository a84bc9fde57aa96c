"""IC601 entry-without-stop: an entry that no stop protects."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.codes import finding
from compiler.diagnostics import Diagnostic, Severity
from compiler.lints.context import ENTRIES, CaseView, LintContext, Placed, side_is


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries without a stop of their own, of the card, or set by a rule of the card."""
    if context.graph.settings.risk.stop_loss is not None:
        return
    for view, action in context.placed(ENTRIES):
        if action.price("stop_loss") is not None or _set_by_rule(context, action):
            continue
        if adds_to_protected(context, view, action):
            yield finding(
                "IC601", "this entry has no stop of its own", action.written.kind_span,
                severity=Severity.INFO,
                help="it adds to a position, so it relies on the stop that the first entry set",
            )  # fmt: skip
        else:
            yield finding(
                "IC601", "nothing limits the loss of this entry", action.written.kind_span,
                help="add `stop_loss`, or a `risk_model: {stop_loss: …}` for all entries",
            )  # fmt: skip


def adds_to_protected(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether the entry only ever adds to a position that another entry protects."""
    side = "long" if action.is_long else "short"
    if view.when is None or context.possible(view, side_is(*({"flat", "long", "short"} - {side}))):
        return False
    others = [
        a for _, a in context.placed(ENTRIES)
        if a.is_long == action.is_long and a.written is not action.written
        and a.text("protect") != "layer"
    ]  # fmt: skip
    return any(other.price("stop_loss") is not None for other in others)


def _set_by_rule(context: LintContext, action: Placed) -> bool:
    side = "long" if action.is_long else "short"
    return any(
        context.possible(view, side_is(side))
        for view, _ in context.placed(frozenset({"adjust_stop"}))
    )
