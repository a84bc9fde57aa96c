"""Exits that came to nothing and were asked for again: several orders of a ledger that are one exit of its card.

The law: what comes again is the same exit. It is as old as its first order is, among the exits and in bars, and what
is filled of it is what all of its orders have filled: also where the rest of it is to go with the close of that.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from runtime.formulas.sums import whole
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, OrderType, Role

Orders = Mapping[str, Order]


def first_of(order: Order, orders: Orders) -> Order:
    """Return the order that asked for an exit first: itself, where it repeats none."""
    first = order.spec.again_of
    return order if first is None else orders.get(first, order)


def bars_waited(spec: OrderSpec, orders: Orders, bar: int) -> int:
    """Return the closes that an exit has waited for as one that repeats it is asked for: also while none of it worked."""
    first = None if spec.again_of is None else orders.get(spec.again_of)
    if first is None:
        return 0
    last = max(_all(first, orders), key=lambda order: order.number)
    since = 0 if last.end_bar is None else bar + 1 - last.end_bar
    return min(last.bars_pending + max(0, since), bar - first.spec.created_bar)


def by_age(working: Collection[Order], orders: Orders) -> list[Order]:
    """Return the card's exits among working orders that wait for a price, the oldest exit first."""
    found = [
        order
        for order in working
        if order.spec.role is Role.EXIT and order.spec.order_type is not OrderType.MARKET
    ]
    return sorted(found, key=lambda order: (first_of(order, orders).number, order.number))


def filled_before(order: Order, orders: Orders) -> int:
    """Return what the orders have filled that an exit was before this one: of its total that is a part, too."""
    first = first_of(order, orders)
    if first is order:
        return 0
    return whole(one.filled for one in _all(first, orders) if one.number < order.number)


def filled_part(order: Order, orders: Orders) -> float:
    """Return the filled part of an order, of one that repeats an exit that of the whole exit; NaN of no lots.

    One at market leaves in pieces, of which the first knows the total. One at a limit has one order after another: the
    newest has been made as large as what was left, whatever the card and the position have made of it since.
    """
    first = first_of(order, orders)
    done = whole(one.filled for one in _all(first, orders)) if first is not order else order.filled
    total = first.quantity
    if order.spec.order_type is not OrderType.MARKET:
        total = done - order.filled + order.quantity
    return done / total if total else math.nan


def is_partly_over(spec: OrderSpec, orders: Orders, bar: int) -> bool:
    """Return whether the rest of an order was to go with a close (`on_partial`), after what it, or its exit, has filled."""
    order = orders.get(spec.order_id) if spec.on_partial.cancels else None
    if order is None:
        return False
    first = first_of(order, orders)
    parts = (order,) if first is order else _all(first, orders)  # COST: a back-test repeats none
    return any(x.first_fill_bar is not None and x.first_fill_bar <= bar for x in parts)


def needed(orders: Orders, before: int, named: Collection[str]) -> Iterator[str]:
    """Yield the ids of orders that ended before a time (ms UTC) and that newer ones of their exits are still read with."""
    firsts = {
        order.spec.again_of
        for order in orders.values()
        if order.spec.again_of is not None
        if order.order_id in named or not order.is_terminal or (order.end_ts or 0) >= before
    }
    for order in orders.values():
        if order.order_id in firsts or (order.filled and order.spec.again_of in firsts):
            yield order.order_id


def _all(first: Order, orders: Orders) -> Iterator[Order]:
    """Yield the orders that an exit has been."""
    return (one for one in orders.values() if first.order_id in (one.order_id, one.spec.again_of))
