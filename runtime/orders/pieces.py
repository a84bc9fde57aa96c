"""What is larger than one order may be, as several.

The law: the parts are the whole, and none is larger than the largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import le

from runtime.formulas.sums import whole
from runtime.orders.order import Order

# VENUE: docs/v5/order/create-order: per symbol, TP/SL of the venue's own making not counted.
MOST_CONDITIONALS = 10


def pieces(lots: int, largest: int | None) -> list[int]:
    """Return lots as parts of one order each, the larger ones first; None: nothing bounds an order."""
    if lots <= 0:
        return []
    if largest is None or lots <= largest:
        return [lots]
    count, rest = divmod(lots, largest)
    return [largest] * count + [rest] * bool(rest)


def shares(
    orders: list[Order], lots: int, largest: int | None, *, may_cut: bool = True
) -> list[tuple[Order, int]]:
    """Return how many of the lots each order is to cover; orders that cover them all as they are stay so.

    `may_cut`: one that is larger than the largest is cut to that, else it stands as it is.
    """
    most = [
        lots
        if largest is None or not order.is_armed_stop
        else max(0 if may_cut else order.remaining, largest - order.filled)
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


def until_covered(shared: list[tuple[Order, int]], lots: int) -> Iterator[tuple[Order, int]]:
    """Yield the shares; an order that others are to relieve keeps what it has until they stand at the venue."""
    spare = whole(order.stands for order, _ in shared) - lots
    for order, share in shared:
        cut = order.stands - share
        if cut <= 0:
            yield order, share
        elif cut <= spare:
            spare -= cut
            yield order, share
        else:
            yield order, order.remaining
