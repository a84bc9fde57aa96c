"""What is larger than one order may be, as several.

The law: the parts are the whole, and none is larger than the largest.
"""

from __future__ import annotations

from operator import le

from runtime.formulas.sums import whole
from runtime.orders.order import Order


def pieces(lots: int, largest: int | None) -> list[int]:
    """Return lots as parts of one order each, the larger ones first; None: nothing bounds an order."""
    if lots <= 0:
        return []
    if largest is None or lots <= largest:
        return [lots]
    count, rest = divmod(lots, largest)
    return [largest] * count + [rest] * bool(rest)


def shares(orders: list[Order], lots: int, largest: int | None) -> list[tuple[Order, int]]:
    """Return how many of the lots each order is to cover; orders that cover them all as they are stay so."""
    most = [
        lots if largest is None or not order.is_armed_stop else max(0, largest - order.filled)
        for order in orders
    ]
    stands = [order.remaining for order in orders]
    if whole(stands) == lots and all(map(le, stands, most)):
        return list(zip(orders, stands, strict=True))
    shares: list[tuple[Order, int]] = []
    for order, limit in zip(orders, most, strict=True):
        share = min(lots, limit)
        lots -= share
        shares.append((order, share))
    return shares
