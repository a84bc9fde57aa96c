"""IC404 overlapping-cases: two cases of a block that can be true at once and trade against each other."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.orders import PositionSide
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext
from compiler.lints.reasoning.branches import Claim, Truth


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield later cases whose entries oppose those of an earlier overlapping case."""
    for view, before in context.earlier():
        for earlier in before:
            if _overlap(context, earlier, view):
                yield _report(context, earlier, view)
                break


def _report(context: LintContext, earlier: CaseView, view: CaseView) -> Diagnostic:
    help = "make them exclude each other if the order is not meant"
    example = context.example(_both(earlier, view))
    return finding(
        "IC404",
        "this case and an earlier one can be true on the same bar",
        view.span,
        labels=[Label(earlier.span, "this one wins then, because it is first")],
        help=f"{help}; both are true with {example}" if example else help,
    )


def _both(one: CaseView, two: CaseView) -> list[Claim]:
    return [Claim(view.when, Truth.TRUE) for view in (one, two) if view.when is not None]


def _overlap(context: LintContext, one: CaseView, two: CaseView) -> bool:
    if one.when is None or two.when is None or not _oppose(one, two):
        return False
    if context.reasoner.implies(two.when, one.when):
        return False  # said by unreachable-case
    return context.reasoner.possible(_both(one, two))


def _oppose(one: CaseView, two: CaseView) -> bool:
    def opened(view: CaseView) -> set[PositionSide | None]:
        return {action.spec.side for action in view.actions if action.may_open}

    return any(side in opened(one) and side.opposite in opened(two) for side in PositionSide)
