"""What proves that a change on its way was carried out, besides a row of the order that works.

The law: what an order fills as a change has made it, it fills with what that change brings: stop and target are in no row,
so the change is told before the fill. An execution says where its order stood and how large it was; it may come before
every row, and the last row may come alone. What happened before the newest row says nothing of a change since.
"""

from __future__ import annotations

from collections.abc import Iterator

from runtime.backends.bybit.messages import Execution, OrderUpdate
from runtime.orders.changes import amended
from runtime.orders.events import OrderAmended
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderType

_AT_A_LIMIT = (OrderType.LIMIT, OrderType.STOP_LIMIT)  # another's price is a bound of the venue's


def by_execution(order: Order, row: Execution, newest: int, bar: int) -> Iterator[OrderAmended]:
    """Yield the change that an execution proves. `newest`: when the newest row seen of the order was written."""
    if row.ts >= newest:
        yield from _proven(order, row.order_quantity, row.order_price, None, bar, row.ts)


def by_end(order: Order, row: OrderUpdate, bar: int) -> Iterator[OrderAmended]:
    """Yield the change that the last row of an order proves: its executions, or what stands in for them, come after it."""
    if row.filled > order.filled:
        price, trigger = row.limit_price, row.trigger_price
        yield from _proven(order, row.quantity, price, trigger, bar, row.updated_at)


def _proven(
    order: Order, total: int | None, limit: float | None, trigger: float | None, bar: int, ts: int
) -> Iterator[OrderAmended]:
    """Yield the change on its way, all of it, where something is as asked that was not, and nothing is told to be otherwise."""
    asked = order.amending
    if asked is None or order.is_terminal:
        return
    limit = limit if order.spec.order_type in _AT_A_LIMIT else None
    told = (
        (asked.quantity, order.quantity, total),
        (asked.limit_price, order.limit_price, limit),
        (asked.trigger_price, order.trigger_price, trigger),
    )
    named = [one for one in told if one[0] is not None and one[0] != one[1] and one[2] is not None]
    if named and all(wanted == now for wanted, _, now in named):
        yield amended(asked, bar, ts)
