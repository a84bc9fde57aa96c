"""Which orders a fill sends away: the rest of its oco group, what needed the position.

The law: decided once, as a part of booking the fill, so a journal that ends with it knows.
"""

from __future__ import annotations

from runtime.account.booking import Booking
from runtime.orders.book import PendingOrderBook
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Role


def dismiss(book: PendingOrderBook, order: Order, booking: Booking, bar: int) -> None:
    """Tell the orders of a book that an execution sends away to leave; `bar` is the last that closed.

    Exits of a group shrink by what one of them fills, until it is complete: one that is left bare
    would protect nothing. The entry that turned the position belongs to the new one.
    """
    if order.spec.oco and order.spec.order_group is not None:
        for member in book.by_group(order.spec.order_group):
            are_exits = Effect.OPEN not in (order.spec.effect, member.spec.effect)
            if are_exits and order.remaining and member is not order:
                member.give_way(booking.event.quantity)
            elif member is not order:
                member.leave("oco")
    if not booking.has_ended:
        return
    for other in book:
        if other is order:
            continue
        if other.spec.role is Role.EXIT:
            other.leave("position_closed")
        elif other.spec.on_flat.cancels and _worked_before(other, order, bar):
            other.leave("on_flat")


def _worked_before(order: Order, closing: Order, bar: int) -> bool:
    """Return whether an entry was working before an order closed the position; `bar` closed last.

    What was placed at the close that decided the closing market order comes after it, however the two
    arrive. What no answer has confirmed works if an older close than the last placed it.
    """
    if order.spec.role is not Role.ENTRY:
        return False
    if not order.is_accepted and order.spec.created_bar >= bar:
        return False
    is_together = order.spec.created_bar == closing.spec.created_bar
    return not (closing.spec.order_type is OrderType.MARKET and is_together)
