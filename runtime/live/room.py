"""Has the venue room for the stops that an entry will need?

The law: an entry that could not be protected does not leave. Every stop, and every target at market, is a
conditional order of its own, and the venue takes few of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from runtime.account.ledger import Ledger
from runtime.formulas.sums import whole
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    PROTECTIVE,
    Effect,
    OrderSpec,
    Protect,
    Role,
    TakeProfitType,
)

# VENUE: docs/v5/order/create-order: per symbol, TP/SL of the venue's own making not counted.
MOST_CONDITIONALS = 10
MOST_ACTIVE = 500


def no_room(ledger: Ledger) -> str:
    """Return why the venue could not take what stands and what working entries will bring, "" if it can.

    The entry that is judged stands in the ledger already.
    """
    orders = [order for order in ledger.book if not order.is_going]
    count = whole(order.is_armed_stop for order in orders) + _to_come(orders)
    if count > MOST_CONDITIONALS:
        return (
            f"{count} conditional orders (stops, and targets at market) would stand; the venue takes "
            f"{MOST_CONDITIONALS} of a contract"
        )
    if len(orders) > MOST_ACTIVE:
        return f"{len(orders)} orders would work; the venue takes {MOST_ACTIVE} of a contract"
    largest, most = _largest_stop(ledger, orders), ledger.instrument.max_market_lots
    if largest > most:
        return (
            f"a stop of {largest} lots would be needed; the venue's largest market order is {most}"
        )
    return ""


def _largest_stop(ledger: Ledger, orders: Iterable[Order]) -> int:
    """Return the lots of the largest stop that working entries will need, 0 for none."""
    position, largest = ledger.position, 0
    opening = [order for order in orders if order.spec.effect is Effect.OPEN and order.to_open]
    for order in opening:
        if Role.STOP_LOSS not in _brings(order.spec):
            continue
        lots = order.quantity
        if order.spec.protect is not Protect.LAYER:
            lots = whole(other.to_open for other in opening if other.side is order.side)
            lots += position.quantity if position is not None and position.side is order.side else 0
        largest = max(largest, lots)
    return largest


def _to_come(orders: Iterable[Order]) -> int:
    """Return how many conditional orders the fills of working entries will add."""
    shared, own = set[Role](), 0
    shared_roles = {
        o.spec.role for o in orders if o.spec.role in PROTECTIVE and o.spec.layer is None
    }
    for order in orders:
        if order.spec.effect is not Effect.OPEN or order.filled:
            continue  # what has filled has its stops, or they are asked for
        brings = _brings(order.spec)
        if order.spec.protect is Protect.LAYER:
            own += len(brings)
        else:
            shared |= brings
    return own + len(shared - shared_roles)


def _brings(spec: OrderSpec) -> set[Role]:
    found = set[Role]()
    if spec.stop_loss is not None:
        found.add(Role.STOP_LOSS)
    if spec.take_profit is not None and spec.take_profit_type is not TakeProfitType.LIMIT:
        found.add(Role.TAKE_PROFIT)
    return found
