"""What a change of an order comes to.

The law: an entry that moves or is to open more is held back by whatever holds a new one back; no other change is.
"""

from __future__ import annotations

from runtime.orders.commands import AmendOrder
from runtime.orders.order import Order


def reaches_further(order: Order, asked: AmendOrder) -> bool:
    """Return whether a change moves an order or makes it open more."""
    opens = asked.opens if asked.opens is not None else asked.quantity
    is_moved = asked.limit_price not in (None, order.limit_price)
    is_moved = is_moved or asked.trigger_price not in (None, order.trigger_price)
    return is_moved or (opens is not None and opens > order.opens)
