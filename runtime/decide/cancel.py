"""Cancels: one order by its ref, several by group or side, and the order whose ref a placement takes.

The law: a cancel given at this close counts as done for this close's decisions; one that is on its way is
not given again. An exit that is owed stands: its ref is taken, and its cancel is one.
"""

from __future__ import annotations

from functools import partial

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.older_exits import names, replaces, takes_its_place
from runtime.decide.rearm import ended_rearms
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import CancelOrder, Decided, WithdrawOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, OrderType, Side


def cancel(context: Context, intent: Intent) -> list[Decided]:
    """Return the cancel of the working order of a ref."""
    ended, has_ended = ended_rearms(context, lambda rearm: rearm.order_ref == intent.order_ref)
    has_ended |= context.capacity.let_go(partial(names, intent))
    if has_ended and context.capacity.working(intent.order_ref or "") is None:
        return ended
    order = named(context, intent)
    if order is None:
        return ended
    reason = intent.text(OptionName.REASON) or intent.kind
    return [*ended, *cancelled(context, order, reason)]


def cancel_all(context: Context, intent: Intent) -> list[Decided]:
    """Return the cancels of the card's working orders, of a group or a side where one is given."""
    group, side = intent.text(OptionName.ORDER_GROUP), intent.text(OptionName.SIDE)
    capacity = context.capacity
    chosen = [
        order
        for order in capacity.ledger.book
        if order.is_own
        and order.order_id not in capacity.gone
        and (group is None or order.spec.order_group == group)
        and (side is None or order.side.value == side)
    ]
    ended, _ = ended_rearms(
        context,
        lambda rearm: group in (None, rearm.order_group) and side in (None, rearm.side.value),
    )
    capacity.let_go(partial(names, intent))
    reason = intent.text(OptionName.REASON) or intent.kind
    return ended + [command for order in chosen for command in cancelled(context, order, reason)]


def cancelled(context: Context, order: Order, reason: str) -> list[Decided]:
    """Return the cancel of an order, and give back what it holds."""
    context.capacity.release(order)
    if order.is_going:
        return []  # already on its way
    return [CancelOrder(order_id=order.order_id, reason=reason)]


def named(context: Context, intent: Intent) -> Order | None:
    """Return the working order that an intent names; a refusal where there is none.

    None where it is one of several that the card names together (of a ladder): those that work are meant.
    """
    ref = intent.order_ref or ""
    order = context.capacity.working(ref)
    if order is None and intent.text(OptionName.ORDER_GROUP) is None:
        raise Refused(RefusalCode.UNKNOWN_REF, f"no working order is called `{ref}`")
    return order


def free_ref(context: Context, intent: Intent, side: Side, kind: OrderType) -> list[Decided]:
    """Free the ref a placement needs: an order of another side or type has to go.

    One of the same side and type stays, and is changed into what the placement asks for; where it is owed, that takes
    its place, or leaves beside it. One that was placed at this close has not left: the newer word takes its place. Nothing
    goes for an entry that would not leave.
    """
    ref, capacity = intent.order_ref, context.capacity
    owed = [one for one in capacity.owed if one.spec.order_ref == ref]
    if ref is None or not (owed or ref in capacity.refs):
        return []
    live = capacity.working(ref)
    if live is not None and _is_beside(intent, live):
        return []
    is_exit = intent.spec.verb is Verb.EXIT and all(_is_kind(one.spec, side, kind) for one in owed)
    if ref not in capacity.refs and is_exit:
        if takes_its_place(intent, is_once=capacity.is_once, rests=True):
            capacity.let_go(lambda spec: spec.order_ref == ref)
        return []
    if not replaces(intent):
        text = f"an order `{ref}` is working (`on_live_ref: replace` would change it)"
        raise Refused(RefusalCode.DUPLICATE_REF, text)
    if live is None and ref in capacity.refs and ref not in capacity.placed:
        text = f"`{ref}` was placed at market at this close: it counts as done"
        raise Refused(RefusalCode.DUPLICATE_REF, text)
    if live is not None and is_changed_into(live, side, kind):
        return []
    if context.held is not None and intent.spec.verb is Verb.ENTER:
        raise context.held  # neither would work
    capacity.let_go(lambda spec: spec.order_ref == ref)
    if live is not None:
        return cancelled(context, live, "replaced")
    return [WithdrawOrder(spec=capacity.take_back(ref))] if ref in capacity.placed else []


def in_place(context: Context, intent: Intent) -> Order | None:
    """Return the working order of a placement's ref, which it changes; not one that late lots stand beside."""
    live = None if intent.order_ref is None else context.capacity.working(intent.order_ref)
    return None if live is not None and _is_beside(intent, live) else live


def _is_beside(intent: Intent, live: Order) -> bool:
    return intent.late is not None and intent.late.beside == live.order_id


def is_changed_into(live: Order, side: Side, kind: OrderType) -> bool:
    """Return whether a placement under the ref of a live order changes it: another kind takes its place."""
    return _is_kind(live.spec, side, kind)


def _is_kind(spec: OrderSpec, side: Side, kind: OrderType) -> bool:
    return spec.order_type is kind and spec.side is side
