"""The law of entries that turn: what an order has opened beyond what it was to open does not stay."""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.live.exits import Exits
from runtime.orders.order_spec import Effect


def opened_too_much(ledger: Ledger, exits: Exits) -> int:
    """Lots that orders have opened in the position beyond what they were to open, and that no exit takes back.

    What one entry closed for another that other opens; an order that reduces opens nothing at a venue.
    """
    position, lots = ledger.position, 0
    if position is None or not ledger.settings.policy.allow_flip:
        return 0
    orders = list(ledger.orders.values())
    for order in orders:
        if order.side is not position.side or order.counted_in < position.number - 1:
            continue
        if order.spec.effect is Effect.OPEN:
            is_here = order.counted_in == position.number
            lots += max(0, order.opened + order.netted - order.opens) * is_here - order.netted
        elif order.spec.reduce_only:
            lots += order.opened
    for order in orders:
        if order.spec.reason == "turned_too_far" and order.side is not position.side:
            lots -= order.quantity if order.order_id in ledger.book else order.filled
    return lots - sum(x.lots for x in exits.owed.values() if x.spec.reason == "turned_too_far")
