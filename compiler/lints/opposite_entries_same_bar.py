"""IC508 opposite-entries-same-bar: a long and a short entry that can fire together."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.orders import OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.reasoning.branches import Claim, Truth


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries of different blocks, or of one emit list, that oppose each other."""
    entries = [(v, a) for v, a in context.opening() if a in v.actions]
    for position, (view, action) in enumerate(entries):
        for other_view, other in entries[:position]:
            if action.is_long == other.is_long or _one_cancels_other(action, other):
                continue
            if _together(context, other_view, view):
                yield finding(
                    "IC508",
                    "a long and a short entry can be placed on the same bar",
                    action.written.kind_span,
                    labels=[Label(other.written.kind_span, "the opposite entry")],
                    help="make their conditions exclude each other, or join the orders in one "
                    "`order_group` with `oco: true`",
                )
                break


def _together(context: LintContext, one: CaseView, two: CaseView) -> bool:
    if one is two:
        return True
    if one.block is two.block or one.when is None or two.when is None:
        return False  # in one block the first true case wins
    return context.reasoner.possible([Claim(one.when, Truth.TRUE), Claim(two.when, Truth.TRUE)])


def _one_cancels_other(one: Placed, two: Placed) -> bool:
    group = one.text(OptionName.ORDER_GROUP)
    return (
        one.flag(OptionName.OCO)
        and two.flag(OptionName.OCO)
        and group is not None
        and (group == two.text(OptionName.ORDER_GROUP))
    )
