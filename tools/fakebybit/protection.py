"""Stops and targets the venue makes: for the whole position (Full) or for what filled (Partial).

Law: protective orders never outlive their position and never ask for more than it holds.
"""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import (
    PARTIALS,
    TARGETS,
    Attached,
    By,
    Force,
    Kind,
    Leg,
    Mode,
    Order,
    Side,
    Status,
    StopType,
)
from tools.fakebybit.settings import ChildRule
from tools.fakebybit.state import State

CREATE_TYPES = {
    StopType.TAKE_PROFIT: "CreateByTakeProfit",
    StopType.STOP_LOSS: "CreateByStopLoss",
    StopType.TRAILING: "CreateByTrailingStop",
    StopType.PARTIAL_TAKE_PROFIT: "CreateByPartialTakeProfit",
    StopType.PARTIAL_STOP_LOSS: "CreateByPartialStopLoss",
}


def children(state: State, symbol: str) -> list[Order]:
    """Return the waiting protective orders of a symbol, oldest first."""
    return [order for order in state.waiting(symbol) if order.is_child]


def of_type(state: State, symbol: str, stop_type: StopType) -> Order | None:
    """Return the one whole-position order of this type, if it waits."""
    return next((o for o in children(state, symbol) if o.stop_type is stop_type), None)


def partial_count(state: State, symbol: str) -> int:
    return sum(order.stop_type in PARTIALS for order in children(state, symbol))


def after_fill(state: State, order: Order, opened: Decimal) -> None:
    """Bring what an entry has attached, for the quantity it just opened."""
    wanted = order.attached
    if not opened or (wanted.target is None and wanted.stop is None):
        return
    if wanted.mode is Mode.PARTIAL:
        _partial(state, order, opened)
    else:
        set_full(state, order.symbol, wanted, parent=order.link)


def set_full(state: State, symbol: str, wanted: Attached, *, parent: str = "") -> None:
    """Set the pair of the whole position; a leg that is None stays as it is."""
    target = _full_leg(state, symbol, StopType.TAKE_PROFIT, wanted.target, parent)
    stop = _full_leg(state, symbol, StopType.STOP_LOSS, wanted.stop, parent)
    if target is not None and stop is not None:
        target.sibling, stop.sibling = stop.id, target.id


def _full_leg(
    state: State, symbol: str, stop_type: StopType, leg: Leg | None, parent: str
) -> Order | None:
    if leg is None:
        return None
    order = of_type(state, symbol, stop_type)
    if order is None:
        size = abs(state.positions[symbol].size)
        return make(state, symbol, stop_type, leg, qty=size, parent=parent)
    untie(state, order)
    order.trigger, order.by = leg.price, leg.by
    order.parent_link = parent or order.parent_link
    state.say(order)
    return order


def _partial(state: State, parent: Order, opened: Decimal) -> None:
    mine = [
        o
        for o in children(state, parent.symbol)
        if parent.link and o.parent_link == parent.link and o.stop_type in PARTIALS
    ]
    if mine and state.settings.children is ChildRule.GROW:
        for child in mine:
            child.qty += opened
            state.say(child)
        return
    add_pair(state, parent.symbol, parent.attached, opened, parent=parent.link)


def add_pair(
    state: State, symbol: str, wanted: Attached, qty: Decimal, *, parent: str = ""
) -> None:
    """Add a Partial target and/or stop; given both, the end of one ends the other."""
    made = [
        make(state, symbol, stop_type, leg, qty=qty, parent=parent)
        for stop_type, leg in (
            (StopType.PARTIAL_TAKE_PROFIT, wanted.target),
            (StopType.PARTIAL_STOP_LOSS, wanted.stop),
        )
        if leg is not None
    ]
    if len(made) == 2:
        made[0].sibling, made[1].sibling = made[1].id, made[0].id


def make(
    state: State, symbol: str, stop_type: StopType, leg: Leg, *, qty: Decimal, parent: str = ""
) -> Order:
    """Make one protective order against the present position."""
    position = state.positions[symbol]
    side = Side.SELL if position.size > 0 else Side.BUY
    rises = (side is Side.SELL) == (stop_type in TARGETS)
    order = Order(
        id=state.uuid(),
        link="",
        parent_link=parent,
        symbol=symbol,
        side=side,
        kind=Kind.MARKET if leg.limit is None else Kind.LIMIT,
        force=Force.IOC if leg.limit is None else Force.GTC,
        qty=qty,
        price=leg.limit or ZERO,
        created=state.now,
        updated=state.now,
        last_on_created=state.markets[symbol].last,
        reduce_only=True,
        close_on_trigger=True,
        trigger=leg.price,
        direction=1 if rises else 2,
        by=leg.by,
        stop_type=stop_type,
        create_type=CREATE_TYPES[stop_type],
        mode=Mode.PARTIAL if stop_type in PARTIALS else Mode.FULL,
        status=Status.UNTRIGGERED,
    )
    state.add(order)
    state.say(order)
    return order


def set_trailing(state: State, symbol: str, distance: Decimal, active: Decimal) -> None:
    """Set the trailing stop of the position; without an active price it trails at once."""
    old = of_type(state, symbol, StopType.TRAILING)
    if old is not None:
        drop(state, old, "CancelByUser")
    last = state.markets[symbol].last
    leg = Leg(price=active or last, by=By.LAST)
    order = make(state, symbol, StopType.TRAILING, leg, qty=abs(state.positions[symbol].size))
    order.distance, order.active_price = distance, active
    order.mode = Mode.NONE
    trail(state, symbol)
    state.say(order)


def trail(state: State, symbol: str) -> None:
    """Move the trailing stop behind the last price; it never moves back."""
    order = of_type(state, symbol, StopType.TRAILING)
    if order is None:
        return
    last, sign = state.markets[symbol].last, -order.side.sign
    if order.peak is None and order.active_price and (last - order.active_price) * sign < 0:
        return
    best = last if order.peak is None or (last - order.peak) * sign > 0 else order.peak
    order.peak = best
    order.trigger = best - sign * order.distance


def drop(state: State, order: Order, cancel_type: str) -> None:
    """End a waiting order before its trigger; a bound pair ends together when a person does it."""
    order.status, order.cancel_type = Status.DEACTIVATED, cancel_type
    state.retire(order)
    state.say(order)
    sibling = state.orders.get(order.sibling)
    if sibling is not None and sibling.status is Status.UNTRIGGERED:
        sibling.sibling = ""
        drop(state, sibling, cancel_type)


def untie(state: State, order: Order) -> None:
    """A one-sided change loses the binding of the pair."""
    sibling = state.orders.get(order.sibling)
    if sibling is not None:
        sibling.sibling = ""
    order.sibling = ""


def follow(state: State, symbol: str) -> None:
    """After the position changed: end what belongs to a side that is gone, shrink the rest."""
    position = state.positions[symbol]
    size = abs(position.size)
    for order in children(state, symbol):
        if order.status is not Status.UNTRIGGERED:
            continue
        if not size or order.side is position.side:
            drop(state, order, "CancelByTpSlTsClear")
        elif order.stop_type in PARTIALS:
            order.qty = min(order.qty, size)
        else:
            order.qty = size
