"""IC508 opposite-entries-same-bar: a long and a short entry that can fire together."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import RESTING
from compiler.catalog.orders import OptionName, PositionSide
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.cancels import cancels
from compiler.lints.context import CaseView, LintContext, Placed, followers
from compiler.lints.reasoning.branches import Claim, Truth


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries of different blocks, or of one emit list, that oppose each other."""
    entries = [(v, a) for v, a in context.opening() if a in v.actions]
    for position, (view, action) in enumerate(entries):
        for other_view, other in entries[:position]:
            if action.is_long == other.is_long or _one_cancels_other(action, other):
                continue
            if _each_ends_the_other(context, action, other):
                continue
            if _together(context, other_view, view):
                yield finding(
                    "IC508",
                    "a long and a short entry can be placed on the same bar",
                    action.written.kind_span,
                    labels=[Label(other.written.kind_span, "the opposite entry")],
                    help=_help(action, other),
                )
                break


def _help(one: Placed, two: Placed) -> str:
    apart = "make their conditions exclude each other, or "
    if not (one.written.rung or two.written.rung):
        return f"{apart}join the orders in one `order_group` with `oco: true`"
    long, short = (one, two) if one.is_long else (two, one)
    return (
        f"{apart}let the fill of one end the other (`ladder` takes no `order_group`): "
        f"`cancel_order` of `{_ref(short)}` when `position_side == long and order_pending({_ref(short)})`, "
        f"and of `{_ref(long)}` when `position_side == short and order_pending({_ref(long)})`"
    )


def _ref(placed: Placed) -> str:
    """Return what an order is cancelled by: of a ladder the ref it was written with, its group now."""
    name = OptionName.ORDER_GROUP if placed.written.rung else OptionName.ORDER_REF
    return placed.text(name) or "REF"


def _together(context: LintContext, one: CaseView, two: CaseView) -> bool:
    if one is two:
        return True
    if one.block is two.block or one.when is None or two.when is None:
        return False  # in one block the first true case wins
    return context.reasoner.possible([Claim(one.when, Truth.TRUE), Claim(two.when, Truth.TRUE)])


def _each_ends_the_other(context: LintContext, one: Placed, two: Placed) -> bool:
    """Return whether the fill of either resting order has the card cancel the other."""
    if not {one.kind, two.kind} <= RESTING:
        return False
    return _ends(context, one, two) and _ends(context, two, one)


def _ends(context: LintContext, filled: Placed, other: Placed) -> bool:
    """Return whether some rule of the position that an order opens cancels another order, or its own `on_fill` does."""
    side = PositionSide.LONG if filled.is_long else PositionSide.SHORT
    if any(cancels(action, other) for action in followers(filled)):
        return True
    return any(
        context.possible_while(view, (side.value,)) and not context.possible_while(view, ("flat",))
        for view in context.cases
        if any(cancels(action, other) for action in view.actions)
    )


def _one_cancels_other(one: Placed, two: Placed) -> bool:
    group = one.text(OptionName.ORDER_GROUP)
    return (
        one.flag(OptionName.OCO)
        and two.flag(OptionName.OCO)
        and group is not None
        and (group == two.text(OptionName.ORDER_GROUP))
    )
