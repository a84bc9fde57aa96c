"""What the targets of a position are short of at the venue: not there, smaller, or at another price.

The law: a function of the ledger; only what the venue has confirmed stands. What may still fill, whatever becomes of what
was asked of it, is not closed a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runtime.account.absence import Scope, protects
from runtime.account.ledger import Ledger
from runtime.account.wanted import Wanted, wanted
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderType, Role

# Of targets what the market has reached while it did not stand: since when (ms UTC), and how many lots.
Reached = Mapping[Scope, tuple[int, int]]


def short_targets(ledger: Ledger) -> dict[Scope, Wanted]:
    """Return the targets that do not stand as the card wants them, each with the lots that do not."""
    if ledger.position is None:
        return {}
    found: dict[Scope, Wanted] = {}
    for scope, target in wanted(ledger).items():
        if scope[0] is Role.TAKE_PROFIT:
            lots = target.lots - _standing(ledger, scope, target)
            if lots > 0:
                found[scope] = Wanted(lots, target.price, target.is_limit)
    return found


def _standing(ledger: Ledger, scope: Scope, target: Wanted) -> int:
    lots = 0
    for order in ledger.book:
        is_of_it = (order.spec.role, order.spec.layer) == scope and protects(order, ledger.position)
        is_at_market = order.spec.order_type is OrderType.MARKET  # done, or not there
        if is_of_it and not is_at_market and not rests_elsewhere(order, target):
            lots += order.stands
    return lots


def rests_elsewhere(order: Order, target: Wanted) -> bool:
    """Return whether an order rests at another price than its target's; one that acts already does not."""
    if order.spec.order_type is OrderType.LIMIT:
        return order.limit_price != target.price
    return order.is_armed_stop and order.trigger_price != target.price


def rests(order: Order) -> bool:
    """Return whether an order has arrived and waits for its price."""
    return order.is_accepted and (order.spec.order_type is OrderType.LIMIT or order.is_armed_stop)


def may_fill(order: Order) -> int:
    """Return the lots that an order may still fill, whatever becomes of what was asked of it."""
    asked = order.amending
    if asked is None or asked.quantity is None:
        return order.remaining
    return max(order.remaining, asked.quantity - order.filled)


def apart(ledger: Ledger, reached: Reached) -> tuple[dict[Scope, Wanted], dict[Scope, int]]:
    """Return what is wanted without what the market has reached of a larger target, and the lots of that to be asked for.

    Beside an order that may still fill more than the rest, they wait for as many.
    """
    goal, owed = wanted(ledger), dict[Scope, int]()
    for scope, (_, lots) in reached.items():
        target = goal.get(scope)
        if target is None or lots >= target.lots:
            continue  # all of it is
        goal[scope] = replace(target, lots=target.lots - lots)
        at_price = at_market = 0
        for order in ledger.book:
            if (order.spec.role, order.spec.layer) != scope or not protects(order, ledger.position):
                continue
            if order.spec.order_type is OrderType.MARKET:
                at_market += may_fill(order)
            else:
                at_price += may_fill(order)
        owed[scope] = max(0, lots - at_market - max(0, at_price - goal[scope].lots))
    return goal, owed
