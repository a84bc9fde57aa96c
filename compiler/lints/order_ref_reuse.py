"""IC502 order-ref-reuse: placing under a ref that may still be working is refused at run time."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import RESTING, Verb
from compiler.catalog.orders import OnFlat, OnLiveRef, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.cancels import cleared
from compiler.lints.context import CaseView, LintContext, Placed, account, at_most, holding
from compiler.lints.events import is_event
from compiler.lints.reasoning.branches import OneOf
from compiler.syntax import tree as s

_HELP = (
    "add `pending_order_count == 0`, or set `on_live_ref: replace`; "
    "a second order under a working ref is refused"
)
# Replaced, the lots of the fill before would have no exit any more.
_OF_A_FILL = (
    "leave its `order_ref` away: then the lots of each fill have an exit of their own, and `rearm` follows it; "
    "a second order under a working ref is refused"
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield placements whose condition does not ask whether their ref is still working."""
    for view, action in context.placed(RESTING):
        ref = action.written.option(OptionName.ORDER_REF)
        if ref is None or action.text(OptionName.ON_LIVE_REF) == OnLiveRef.REPLACE:
            continue
        if is_event(context, view) or cleared(view, action):
            continue
        if context.may_repeat_while_pending(view, action):
            yield _still_working(view, action, ref)
        elif _may_come_again_beside(context, view, action):
            yield _coming_again(view, action, ref)


def _still_working(view: CaseView, action: Placed, ref: s.Option) -> Diagnostic:
    return finding(
        "IC502",
        f"this places `{ref.value}` also while an order with that ref is still working",
        ref.span,
        labels=[Label(view.span, "the condition does not ask whether it is working")],
        help=_OF_A_FILL if action.spec.verb is Verb.EXIT and _follows(view, action) else _HELP,
    )


def _may_come_again_beside(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether the case can fire at the close at which the entry it placed comes again.

    Where the position is closed by then and no order ends with it, the others of a ladder still wait, or come
    again with it: nothing of two ladders is mixed.
    """
    ref = action.text(OptionName.ORDER_REF)
    if not action.comes_again or ref is None or _follows(view, action):
        return False
    due = OneOf(account("order_due", ref), frozenset({1.0}), -1)
    if context.possible_while(view, ("long", "short"), due):
        return True
    others_wait = action.written.rung and not _is_cut_short(action)
    just_closed = at_most(account("bars_since_exit"), 0)
    return not others_wait and context.possible(view, holding("flat"), just_closed, due)


def _is_cut_short(action: Placed) -> bool:
    """Return whether an entry ends with the position, or by its time."""
    ends = action.text(OptionName.ON_FLAT) == OnFlat.CANCEL
    return ends or action.number(OptionName.TTL_BARS) is not None


def _coming_again(view: CaseView, action: Placed, ref: s.Option) -> Diagnostic:
    name = action.text(OptionName.ORDER_GROUP) if action.written.rung else ref.value
    return finding(
        "IC502",
        f"`{ref.value}` comes again by `rearm` at the close at which its exit has filled; "
        "this places it at that close, too, and is refused",
        ref.span,
        labels=[Label(view.span, "the condition does not ask whether it comes again")],
        help=(
            "set `on_live_ref: replace`: the ladder is laid anew whole; without it the order that comes again "
            f"keeps its old price among the new ones, and with `not order_due({name})` waits alone"
            if action.written.rung
            else f"add `not order_due({name})`: it comes again at its first price; or set "
            "`on_live_ref: replace`: it waits at the new one"
        ),
    )


def _follows(view: CaseView, action: Placed) -> bool:
    """Return whether an action stands in an `on_fill`."""
    return all(one.written is not action.written for one in view.actions)
