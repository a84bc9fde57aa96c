"""Has the venue room for the stops that an entry will need?

The law: an entry that could not be protected does not leave. Every stop, and every target at market, is a
conditional order of its own, and the venue takes few of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from runtime.account.absence import Scope, protects
from runtime.account.ledger import Ledger
from runtime.account.wanted import fit_in_pieces, wanted
from runtime.formulas.sums import whole
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    OrderSpec,
    Protect,
    Role,
    Side,
    TakeProfitType,
)
from runtime.orders.pieces import MOST_CONDITIONALS, pieces

MOST_ACTIVE = 500


def no_room(ledger: Ledger) -> str:
    """Return why the venue could not take what stands and what working entries will bring, "" if it can.

    The entry that is judged stands in the ledger already.
    """
    orders = [order for order in ledger.book if not order.is_going]
    count = max(_of_side(ledger, orders, side) for side in Side)
    if count > MOST_CONDITIONALS:
        most = ledger.instrument.max_market_lots
        return (
            f"{count} conditional orders (stops, and targets at market, each of {most} lots at most) would "
            f"stand; the venue takes {MOST_CONDITIONALS} of a contract"
        )
    if len(orders) > MOST_ACTIVE:
        return f"{len(orders)} orders would work; the venue takes {MOST_ACTIVE} of a contract"
    return ""


def stands_whole(ledger: Ledger) -> str:
    """Return what is told of stops above the largest market order that the venue does not take in pieces, "" for none."""
    most = ledger.instrument.max_market_lots
    larger = [
        order.order_id
        for order in ledger.book
        if protects(order, ledger.position) and order.is_armed_stop and order.remaining > most
    ]
    if not larger or fit_in_pieces(ledger, wanted(ledger)):
        return ""
    return (
        f"{', '.join(larger)}: above the largest market order of {most} lots, and in pieces more than the "
        f"{MOST_CONDITIONALS} conditional orders of a contract: it stands whole; hold less"
    )


def _of_side(ledger: Ledger, orders: Iterable[Order], side: Side) -> int:
    """Return how many conditional orders will stand where the position is of one side.

    What working entries bring is as many orders as it has pieces of the largest market order. Entries of one
    side share the pair of the position; of two sides one comes to be, and what protects the other goes with it.
    """
    position = ledger.position
    turns = position is not None and position.side is not side
    stand = [o for o in orders if not (turns and protects(o, position))]
    opening = [o for o in stand if o.spec.effect is Effect.OPEN and o.to_open]
    own = whole(
        _more(ledger, stand, (role, order.order_id), order.side, order.quantity)
        for order in opening
        if order.spec.protect is Protect.LAYER
        for role in _brings(order.spec)
    )
    return whole(o.is_armed_stop for o in stand) + own + _shared(ledger, stand, opening, side)


def _shared(ledger: Ledger, orders: Iterable[Order], opening: Iterable[Order], side: Side) -> int:
    """Return how many orders the pair of a position of one side will need besides those that stand."""
    position = ledger.position
    held = position.quantity if position is not None and position.side is side else 0
    mine = [o for o in opening if o.side is side and o.spec.protect is not Protect.LAYER]
    roles = {role for order in mine for role in _brings(order.spec)}
    lots = held + whole(order.to_open for order in mine)
    return whole(_more(ledger, orders, (role, None), side, lots) for role in roles)


def _more(ledger: Ledger, orders: Iterable[Order], scope: Scope, side: Side, lots: int) -> int:
    """Return how many orders a stop or target of so many lots of a side needs besides those of it that stand."""
    stand = whole((o.spec.role, o.spec.layer) == scope and o.side is side.opposite for o in orders)
    return max(0, len(pieces(lots, max(1, ledger.instrument.max_market_lots))) - stand)


def _brings(spec: OrderSpec) -> set[Role]:
    found = set[Role]()
    if spec.stop_loss is not None or spec.trail is not None:
        found.add(Role.STOP_LOSS)
    if spec.take_profit is not None and spec.take_profit_type is not TakeProfitType.LIMIT:
        found.add(Role.TAKE_PROFIT)
    return found
