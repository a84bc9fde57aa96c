"""The laws of entries: what one has opened beyond what it was to open does not stay, and its stop is that of its price."""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.live.exits import Exits
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Role

BELOW = 900.0  # how far below its limit the stop of the entry `a` of a random story is, wherever its card moves it


def opened_too_much(ledger: Ledger, exits: Exits) -> int:
    """Lots that orders have opened in the position beyond what they were to open, and that no exit takes back.

    What one entry closed for another that other opens; an order that reduces opens nothing at a venue. What was opened
    before a target size takes away is in the size that the card says is to be held.
    """
    position, lots = ledger.position, 0
    if position is None or not ledger.settings.policy.allow_flip:
        return 0
    orders = list(ledger.orders.values())
    for order in orders:
        if order.side is not position.side or order.counted_in < position.number - 1:
            continue
        if order.opened and _is_taken_over(order, ledger, exits):
            continue
        if order.spec.effect is Effect.OPEN:
            is_here = order.counted_in == position.number
            lots += max(0, order.opened + order.netted - order.opens) * is_here - order.netted
        elif order.spec.reduce_only:
            lots += order.opened
    for order in orders:
        if order.spec.reason == "turned_too_far" and order.side is not position.side:
            lots -= order.quantity if order.order_id in ledger.book else order.filled
    lots -= min(_given_up(orders, ledger), _closed_from_outside(orders, ledger))
    return lots - sum(x.lots for x in exits.owed.values() if x.spec.reason == "turned_too_far")


def _given_up(orders: list[Order], ledger: Ledger) -> int:
    """Return the lots that exits of a turn's surplus did not close before they ended."""
    return sum(
        order.remaining
        for order in orders
        if order.spec.reason == "turned_too_far" and order.order_id not in ledger.book
    )


def _closed_from_outside(orders: list[Order], ledger: Ledger) -> int:
    """Return the lots of the position that others have closed: what is owed meanwhile is closed with that."""
    return sum(
        order.netted
        for order in orders
        if order.spec.role is Role.OUTSIDE and order.counted_in == ledger.positions
    )


def _is_taken_over(order: Order, ledger: Ledger, exits: Exits) -> bool:
    """Return whether a target size, asked for after an order's last execution, takes away: done, on its way or owed."""
    owed = [one.last.owed_by for one in exits.owed.values() if one.spec.reason == "adjust_size"]
    for later in ledger.orders.values():
        spec = later.spec
        is_target = spec.reason == "adjust_size" and spec.effect is Effect.REDUCE
        if not is_target or later.side is order.side or spec.created_at < order.fills[-1].ts:
            continue
        if not later.remaining or later.order_id in ledger.book or later.order_id in owed:
            return True
    return False


def torn_from_their_price(ledger: Ledger, prices: dict[str, float]) -> list[str]:
    """Return the entries `a` that have filled in one piece with the stop of another price than they had at the venue.

    The stop of an entry is in no row of the venue: it is changed with the price, or not at all. A limit far beyond the
    market the venue takes nearer to it.
    """
    filled = [o for o in ledger.orders.values() if o.spec.order_ref == "a" and len(o.fills) == 1]
    return [
        order.order_id
        for order in filled
        if not order.remaining and (order.limit_price or 0.0) <= prices.get(order.order_id, 0.0)
        if order.stop_loss is None or order.stop_loss.value != prices[order.order_id] - BELOW
    ]
