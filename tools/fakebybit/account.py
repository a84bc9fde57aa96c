"""Margin of the account: what orders and positions hold back, and what is left.

Law: available = balance - margin of positions - margin of orders - locked - bonus (isolated mode).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Kind, Order, Side
from tools.fakebybit.position import cost
from tools.fakebybit.state import State


def position_margin(state: State) -> Decimal:
    return sum(
        (p.initial_margin(state.facts(p.symbol)) for p in state.positions.values() if p.size), ZERO
    )


def maintenance_margin(state: State) -> Decimal:
    return sum(
        (p.maintenance_margin(state.facts(p.symbol)) for p in state.positions.values() if p.size),
        ZERO,
    )


def unrealised(state: State) -> Decimal:
    return sum((p.unrealised(state.markets[p.symbol].mark) for p in state.positions.values()), ZERO)


def order_margin(state: State, extra: Order | None = None) -> Decimal:
    """Return what all active orders hold back, with `extra` counted as one of them."""
    total = ZERO
    for symbol in state.active:
        sides = _sides(state, symbol, extra)
        held = state.positions[symbol].initial_margin(state.facts(symbol))
        total += max(sides.values()) - held
    return total


def _sides(state: State, symbol: str, extra: Order | None = None) -> dict[Side, Decimal]:
    """Return what each side of a contract ties up: its position and its opening orders.

    The two never need margin at once, what opens one has closed the other: the larger counts.
    """
    position, facts = state.positions[symbol], state.facts(symbol)
    orders = [o for o in state.active[symbol].values() if holds_margin(o)]
    if extra is not None and extra.symbol == symbol and extra not in orders:
        orders.append(extra)
    orders.sort(key=lambda order: order.kind is not Kind.MARKET)  # those meet the position first
    found = {side: _side_margin(state, symbol, side, orders) for side in Side}
    if position.side is not None:
        found[position.side] += position.initial_margin(facts)
    return found


def _side_margin(state: State, symbol: str, side: Side, orders: Iterable[Order]) -> Decimal:
    position = state.positions[symbol]
    closes = abs(position.size) if position.size * side.sign < 0 else ZERO
    total = ZERO
    for order in orders:
        if order.side is not side:
            continue
        closing = min(closes, order.leaves)
        closes -= closing
        total += cost(
            state.facts(symbol), side, order.leaves - closing, order.price, position.leverage
        )
    return total


def holds_margin(order: Order) -> bool:
    """Conditional orders hold nothing until they trigger; reducing ones never do."""
    return (
        not order.reduce_only
        and order.status.value in ("Created", "New", "PartiallyFilled")
        and (not order.trigger or order.status.value != "Created")
    )


def available(state: State, extra: Order | None = None) -> Decimal:
    """Return the free USDT, after `extra` if one is given."""
    wallet = state.wallet
    held = position_margin(state) + order_margin(state, extra)
    return wallet.balance - held - wallet.locked - wallet.bonus


def can_afford(state: State, order: Order) -> bool:
    """Say whether the account can hold this order; what only reduces is always affordable."""
    side = order.side
    with_it, without = _sides(state, order.symbol, order), _sides(state, order.symbol)
    return with_it[side] <= without[side] or free_with(state, order) >= 0


def free_with(state: State, order: Order) -> Decimal:
    """Return what is free for the side of an order, with the order counted.

    What it closes first gives back its margin and what it earns or loses there, the fee paid.
    """
    position, wallet = state.positions[order.symbol], state.wallet
    closes = ZERO
    if position.size * order.side.sign < 0:
        closes = min(abs(position.size), order.leaves)
    fee = closes * order.price * state.facts(order.symbol).taker
    others = sum((max(_sides(state, s).values()) for s in state.active if s != order.symbol), ZERO)
    mine = _sides(state, order.symbol, order)[order.side]
    cash = wallet.balance + position.gain(closes, order.price) - fee
    return cash - others - mine - wallet.locked - wallet.bonus


def exceeds_tier(state: State, order: Order) -> bool:
    """Say whether the position this order could make is too big for the leverage."""
    position = state.positions[order.symbol]
    size = abs(position.size + order.side.sign * order.leaves)
    if size <= abs(position.size):
        return False
    return size * order.price > state.facts(order.symbol).cap(position.leverage)


def book(state: State, what: str, change: Decimal, row: dict[str, object]) -> None:
    """Move cash, and write the line of the transaction log."""
    state.wallet.balance += change
    state.changes.wallet = True
    state.ledger.append(
        {"type": what, "change": change, "cash": state.wallet.balance, "time": state.now, **row}
    )
