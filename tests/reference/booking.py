"""Fills: what one execution does to layers, average, balance and to the other orders.

Laws: realized money is measured from the average, never from a layer; the consequences of a fill
(oco, on_flat, shrinking, position_closed) hold before anything else happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from tests.reference.money import bankruptcy_price, cost_of, fee_rate, free_margin, slipped
from tests.reference.outcome import EndKind, Fill, Moment, Role
from tests.reference.protection import (
    adopt,
    brings_own,
    layer_of,
    level_of,
    new_level,
    owns,
    put,
)
from tests.reference.script import Method, Mode, OnFlat, OrderType, Side
from tests.reference.state import Birth, Kind, Layer, Order, Position, State, method_of

Slices = list[tuple[Layer, int]]


@dataclass(frozen=True, slots=True)
class How:
    """How an execution comes about: the price before slippage, and what it pays.

    `takes` = meets the market: slippage, and possibly a better price than the limit. `maker` is
    the fee alone (the rest of a post-only order meets the market and still pays as maker).
    """

    reference: Fraction
    takes: bool
    maker: bool = False


def at_market(reference: Fraction) -> How:
    return How(reference, takes=True)


def take(layers: Slices, lots: int, method: Method) -> Slices:
    """Split `lots` over layers (oldest first) by the method; conserved to the lot."""
    if method is Method.PROPORTIONAL:
        return _proportionally(layers, lots)
    order = layers if method is Method.FIFO else layers[::-1]
    slices: Slices = []
    for layer, available in order:
        part = min(lots, available)
        lots -= part
        if part:
            slices.append((layer, part))
    return slices


def _proportionally(layers: Slices, lots: int) -> Slices:
    """Largest remainders; equal remainders go to the older layer."""
    total = sum(n for _, n in layers)
    exact = [Fraction(lots * n, total) for _, n in layers]
    parts = [floor(x) for x in exact]
    by_remainder = sorted(range(len(layers)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: lots - sum(parts)]:
        parts[i] += 1
    return [(layer, part) for (layer, _), part in zip(layers, parts, strict=True) if part]


def everything(position: Position) -> Slices:
    return [(layer, layer.lots) for layer in position.layers]


def fill_exit(
    state: State,
    slices: Slices,
    how: How,
    *,
    role: Role,
    ref: str,
    limit: int | None = None,
    order: Order | None = None,
    fired: Kind | None = None,
) -> None:
    """Close the slices; `order` is the explicit exit behind it, if one is."""
    position = state.position
    lots = sum(n for _, n in slices)
    if position is None or lots == 0:
        return
    side = position.side.opposite
    price = slipped(state.settings, side, how.reference, limit) if how.takes else how.reference
    price, bounded = _bounded(state, price, how)
    realized = _close(position, slices, price, fired) * state.unit()
    fee = _pay(state, side, lots, price, how)
    state.balance += realized
    state.fills.append(
        Fill(
            bar=state.bar_index, ref=ref, role=role, side=side, lots=lots, closed=lots,
            price=price, reference=how.reference, maker=how.maker, moment=state.now.moment,
            realized=realized, fee=fee, limit=limit, marketable=how.takes and limit is not None,
            bounded=bounded,
        )
    )  # fmt: skip
    if order:
        order.filled += lots
        order.to_do -= lots
        order.filled_bar = state.bar_index
        _oco(state, order, lots)
        if order.to_do == 0:
            state.end(order, EndKind.FILLED, "")
    consequences(state, by=order)
    state.keep_step()


def liquidate(state: State) -> None:
    """Cancel everything, then close all that is held at the bankruptcy price."""
    for order in state.working():
        state.cancel(order, "liquidation")
    state.sent.clear()
    state.pending.clear()
    position = state.position
    assert position is not None
    price = bankruptcy_price(state.settings, position.sign, position.average)
    how = How(price, takes=False)
    fill_exit(state, everything(position), how, role=Role.LIQUIDATION, ref="position")


def fill_entry(state: State, order: Order, lots: int, how: How) -> int:
    """Trade `lots` of an entry: first against an opposite position, then open. Lots traded."""
    limit = order.limit
    price = (
        slipped(state.settings, order.side, how.reference, limit) if how.takes else how.reference
    )
    closing = min(lots, state.against(order.sign))
    realized, fee, bounded = Fraction(0), Fraction(0), False
    if closing:
        if closing == lots:
            price, bounded = _bounded(state, price, how)
        realized, fee = _close_with_entry(state, order, closing, price, how)
    opening = min(lots - closing, order.to_do)
    if opening and not _may_open(state, order, price):
        opening = 0
    if opening:
        fee += _pay(state, order.side, opening, price, how)
        opens_position = state.position is None
        _open(state, order, opening, price)
        if opens_position:
            order.protects = False
        _bring_protection(state, order, opening, how.reference)
    if closing + opening == 0:
        return 0
    state.fills.append(
        Fill(
            bar=state.bar_index, ref=order.ref, role=Role.ENTRY, side=order.side,
            lots=closing + opening, closed=closing, price=price, reference=how.reference,
            maker=how.maker, moment=state.now.moment, realized=realized, fee=fee, limit=limit,
            marketable=how.takes and limit is not None, bounded=bounded,
        )
    )  # fmt: skip
    order.filled_bar = state.bar_index
    _oco(state, order, closing + opening)
    if order.to_do == 0:
        state.end(order, EndKind.FILLED, "")
    state.keep_step()
    return closing + opening


def _bounded(state: State, price: Fraction, how: How) -> tuple[Fraction, bool]:
    """The price of a taker who only closes, no worse than bankruptcy: the loss is the margin, never more."""
    position = state.position
    assert position is not None
    worst = bankruptcy_price(state.settings, position.sign, position.average)
    is_worse = how.takes and (price - worst) * position.sign < 0
    return (worst, True) if is_worse else (price, False)


def _close_with_entry(
    state: State, order: Order, lots: int, price: Fraction, how: How
) -> tuple[Fraction, Fraction]:
    position = state.position
    assert position is not None
    slices = take(everything(position), lots, method_of(order, state.settings))
    netted = max(0, lots - state.carries(order))
    realized = _close(position, slices, price) * state.unit()
    fee = _pay(state, order.side, lots, price, how)
    state.balance += realized
    order.carried += lots
    order.filled += lots
    order.netted += netted
    order.to_do -= netted
    consequences(state, by=order)
    return realized, fee


def _may_open(state: State, order: Order, price: Fraction) -> bool:
    """Checks that are made again at the first opening lot of an entry that closed before."""
    mode = state.settings.mode
    forbidden = Mode.SHORT_ONLY if order.side is Side.BUY else Mode.LONG_ONLY
    if mode is forbidden:
        state.cancel(order, "policy_side")
        return False
    again = state.settings.allow_flip and order.carried and not order.opened
    if again and order.place.type is not OrderType.MARKET:
        if cost_of(state, order.side, order.to_do, price) > free_margin(
            state, order.side, without=order
        ):
            state.cancel(order, "no_margin")
            return False
    return True


def _open(state: State, order: Order, lots: int, price: Fraction) -> None:
    position = state.position
    if position is None:
        position = state.position = Position(sign=order.sign, average=price)
    else:
        _wake(state, position)
        held = position.lots
        position.average = (held * position.average + lots * price) / (held + lots)
    layer = layer_of(position, order)
    if layer is None:
        position.layers.append(Layer(ref=order.ref, order=order, lots=lots, entry=price))
    else:
        layer.entry = (layer.lots * layer.entry + lots * price) / (layer.lots + lots)
        layer.lots += lots
    order.to_do -= lots
    order.opened += lots
    order.filled += lots


def _wake(state: State, position: Position) -> None:
    """A level of the position that had nothing to protect is made anew for what comes."""
    for kind in Kind:
        level = level_of(position, kind)
        if level is not None and not _shared(position, kind):
            made = new_level(state, level.price, level.source, level.type)
            made.plan, made.made, made.waits = level.plan, level.made, level.waits
            put(position, kind, made)


def _bring_protection(state: State, order: Order, lots: int, reference: Fraction) -> None:
    """Live at once, except children of a stop met on the jump and under `attached: next_bar`."""
    is_jumped = state.now.moment is Moment.JUMP
    is_stop = order.place.type is OrderType.STOP_MARKET  # a stop-limit met there rested before
    birth = Birth(order, reference, state.next_age(), state.position)
    birth.is_late = is_jumped and is_stop and not state.is_next_bar
    if not (state.is_next_bar or birth.is_late):
        adopt(state, birth)
        return
    layer = layer_of(state.position, order)
    assert layer is not None
    if state.is_next_bar and layer.lots == lots:
        layer.to_own = brings_own(state, order)
    for kind in Kind:
        layer.uncovered[kind] += lots
    state.pending.append(birth)
    if birth.is_late:
        adopt(state, birth)  # what it names is named: it arrives at the open


def _close(
    position: Position, slices: Slices, price: Fraction, fired: Kind | None = None
) -> Fraction:
    """Take the slices out; realized in ticks * lots. `fired`: the kind of level that takes them.

    The others protect as many lots as they did, as far as those are there.
    """
    open_ = {kind: _uncovered(position, kind) for kind in Kind}
    lots = 0
    for layer, part in slices:
        layer.lots -= part
        lots += part
        for kind in Kind:
            own = owns(layer, kind)
            rest = layer.uncovered[kind] - (0 if kind is fired else part)
            if own:
                layer.uncovered[kind] = min(layer.lots, max(0, rest))
            elif kind is not fired:
                open_[kind] = max(0, open_[kind] - part)
    for kind in Kind:
        _spread(position, kind, open_[kind])
    position.layers = [layer for layer in position.layers if layer.lots]
    return position.sign * (price - position.average) * lots


def _shared(position: Position, kind: Kind) -> list[Layer]:
    return [layer for layer in position.layers if not owns(layer, kind)]


def _uncovered(position: Position, kind: Kind) -> int:
    return sum(layer.uncovered[kind] for layer in _shared(position, kind))


def _spread(position: Position, kind: Kind, lots: int) -> None:
    """Lots that the position's level does not protect yet: said to be the newest ones."""
    for layer in reversed(_shared(position, kind)):
        layer.uncovered[kind] = min(lots, layer.lots)
        lots -= layer.uncovered[kind]


def _pay(state: State, side: Side, lots: int, price: Fraction, how: How) -> Fraction:
    """Charge the fee and move the cash."""
    notional = lots * price * state.unit()
    fee = notional * fee_rate(state.settings, maker=how.maker)
    state.balance -= fee
    state.cash -= side.sign * notional + fee
    return fee


def consequences(state: State, *, by: Order | None) -> None:
    """What a smaller position means for the orders that work."""
    position = state.position
    if position is None:
        return
    if position.lots:
        shrink_exits(state)
        return
    state.position = None
    for order in state.working():
        if order is by and order.opens:
            continue
        if not order.opens:
            state.cancel(order, "position_closed")
        elif order.place.on_flat is OnFlat.CANCEL and order.arrived:
            if by is None or not by.is_market or order.placed != by.placed:
                state.cancel(order, "on_flat")


def shrink_exits(state: State) -> None:
    """Limit exits share the position: those placed last give way first. Stops shrink one by one.

    What has not arrived is not in effect: it is shrunk where it arrives.
    """
    position = state.position
    if position is None:
        return
    exits = [o for o in state.orders if not (o.ended or o.opens or o.is_market)]
    limits = [o for o in exits if o.rests and o.arrived]
    excess = sum(o.to_do for o in limits) - position.lots
    for order in reversed(limits):
        cut = max(0, min(excess, order.to_do))
        excess -= cut
        order.to_do -= cut
        if order.to_do == 0:
            state.cancel(order, "reduce_only")
    for order in exits:
        if not order.rests:
            order.to_do = min(order.to_do, position.lots)


def _oco(state: State, filled: Order, lots: int) -> None:
    """Entries: the first lot cancels the others. Exits: siblings shrink by what was filled."""
    group = filled.place.oco
    if group is None:
        return
    for order in state.working():
        if order is filled or order.place.oco != group:
            continue
        if filled.opens or order.opens:
            state.cancel(order, "oco")
            continue
        order.to_do -= min(lots, order.to_do)
        if order.to_do == 0 or filled.to_do == 0:
            state.cancel(order, "oco")
