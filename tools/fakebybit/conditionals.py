"""Triggers: which waiting orders a price sets off, and the walk of a price from one print to the next.

Law: between two prints the price is continuous, so a trigger or a limit on the way is met at its
own price; only a gap jumps over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tools.fakebybit import account, protection, settlement
from tools.fakebybit.matching import Print, end, meet, on_print
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import By, Order, Side, Status, StopType
from tools.fakebybit.publisher import flush
from tools.fakebybit.state import State


def hit(state: State, order: Order) -> bool:
    """Say whether the market has reached the trigger of a waiting order."""
    if order.stop_type is StopType.TRAILING and order.peak is None:
        return False
    price = state.markets[order.symbol].price_by(order.by)
    return price >= order.trigger if order.direction == 1 else price <= order.trigger


def check(state: State, symbol: str) -> None:
    """Set off every trigger the present prices reach, oldest first, until none is left."""
    protection.trail(state, symbol)
    while order := next((o for o in state.waiting(symbol) if hit(state, o)), None):
        fire(state, order)
        flush(state)
    settlement.liquidate_if_due(state, symbol)


def fire(state: State, order: Order) -> None:
    """Trigger one order: it becomes an active one, and its sibling ends."""
    if order.is_child:
        sibling = state.orders.get(order.sibling)
        order.sibling = ""
        if sibling is not None and sibling.status is Status.UNTRIGGERED:
            sibling.sibling = ""
            protection.drop(state, sibling, "CancelByTpSlTsClear")
    order.status = Status.TRIGGERED
    state.say(order)
    if order.kind.value == "Market":
        order.price = state.markets[order.symbol].touch(order.side)
    if not order.reduce_only and not account.can_afford(state, order):
        # VENUE: margin is asked for at the trigger; short of it the order is cancelled.
        end(state, order, Status.CANCELLED, reason="EC_Others")
        return
    meet(state, order)


def move(state: State, symbol: str, target: Print, *, gap: bool) -> None:
    """Bring the price to a new print, meeting everything on the way; a gap meets nothing between."""
    if not gap:
        while (stop := _next_on_way(state, symbol, target.price)) is not None:
            way = Side.BUY if target.price > state.markets[symbol].last else Side.SELL
            _show(state, symbol, Print(stop, ZERO, way, is_passing=True))
    _show(state, symbol, target)


def _show(state: State, symbol: str, shown: Print) -> None:
    on_print(state, symbol, shown)
    check(state, symbol)
    flush(state)


def _next_on_way(state: State, symbol: str, target: Decimal) -> Decimal | None:
    last = state.markets[symbol].last
    rising = target > last
    between = [p for p in _interesting(state, symbol) if min(last, target) < p < max(last, target)]
    if not between:
        return None
    return min(between) if rising else max(between)


def _interesting(state: State, symbol: str) -> Iterator[Decimal]:
    market = state.markets[symbol]
    for order in state.open_orders(symbol):
        if order.is_resting:
            yield order.price
        elif order.by is By.LAST or market.mark_follows:
            yield order.trigger
    liquidation = state.positions[symbol].liquidation(market.instrument)
    if market.mark_follows and liquidation is not None:
        yield liquidation.quantize(market.instrument.tick)
