"""Room for an entry: layers, tier, leverage, liquidation price, margin, largest position.

Law: room is what is left after everything accepted before, market exits of this close counted as
done at the close; unrealized profit is not room.
"""

from __future__ import annotations

from fractions import Fraction

from tests.reference.money import (
    cost_of,
    equity,
    fee_rate,
    liquidation_price,
    settled_balance,
    slipped,
    working_reserve,
)
from tests.reference.protection import layer_of
from tests.reference.script import OrderType, Place, Side
from tests.reference.state import Order, State


def why_not(
    state: State, place: Place, lots: int, price: Fraction, *, changes: Order | None = None
) -> str | None:
    """The first check that `lots` of the entry fail; `changes`: the order they are to be of."""
    if changes is None and (code := _layers(state, place.side)):
        return code
    if code := _tier(state, place.side, lots, price, changes):
        return code
    if _beyond_liquidation(state, place.side, price):
        return "beyond_liquidation"
    if not _margin_fits(state, place, lots, price, changes):
        return "no_margin"
    largest = state.settings.max_position
    if largest is None:
        largest = equity(state) * state.settings.leverage
    if _committed(state, place.side, changes) + lots * price * state.unit() > largest:
        return "over_max_position"
    return None


def _layers(state: State, side: Side) -> str | None:
    """Layers held and working entries of that side that hold none yet."""
    limit = state.settings.max_layers
    if limit is None:
        return None
    position = state.position
    stays = position is not None and position.side is side and released(state) < position.lots
    held = len(position.layers) if position and stays else 0
    waiting = [o for o in entries(state, side) if layer_of(position, o) is None]
    return "max_layers" if held + len(waiting) + 1 > limit else None


def entries(state: State, side: Side) -> list[Order]:
    """Working entries of a side whose cancel is not on its way."""
    return [o for o in state.working() if o.opens and o.side is side and not o.cancel_sent]


def _tier(
    state: State, side: Side, lots: int, price: Fraction, changes: Order | None
) -> str | None:
    """Position and working entries at their prices against what the tiers allow at this leverage."""
    leverage = state.settings.leverage
    limits = [t.limit for t in state.script.instrument.tiers if t.max_leverage >= leverage]
    if not limits:
        return "leverage"
    total = _committed(state, side, changes) + lots * price * state.unit()
    return "tier_limit" if total > max(limits) else None


def _committed(state: State, side: Side, without: Order | None) -> Fraction:
    """Entry notional of the position (after exits of this close) and of working entries."""
    position, total = state.position, Fraction(0)
    if position and position.side is side:
        total += (position.lots - released(state)) * position.average * state.unit()
    for order in entries(state, side):
        if order is without:
            continue
        coming = order.next
        price = coming.limit if coming.limit is not None else coming.trigger
        at = order.plan_price if price is None else Fraction(price)
        total += coming.lots * at * state.unit()
    return total


def leaving(state: State) -> int:
    """Lots that market exits will close, those that still wait for a trade included."""
    exits = (o for o in state.working() if not o.opens and o.is_market)
    return sum(o.to_do for o in exits if not o.cancel_sent)


def released(state: State) -> int:
    """Lots that what was accepted at market at this close will close: only that makes room here."""
    new = (o for o in state.working() if o.is_market and o.placed == state.bar_index)
    if any(o.opens and state.against(o.sign) and not o.cancel_sent for o in new):
        return abs(state.held)  # an entry that turns the position closes all of it
    exits = (o for o in state.working() if not o.opens and o.is_market)
    return sum(o.to_do for o in exits if o.placed == state.bar_index)


def _beyond_liquidation(state: State, side: Side, price: Fraction) -> bool:
    """An addition to an open position at a price where it would be liquidated already."""
    position = state.position
    if position is None or position.side is not side:
        return False
    return (liquidation_price(state, position) - price) * side.sign >= 0


def _margin_fits(
    state: State, place: Place, lots: int, price: Fraction, changes: Order | None
) -> bool:
    """Stop entries reserve nothing; a market order needs close ± slippage, its fee, the reserve."""
    if changes is not None and changes.rests:
        reserves = working_reserve(state, without=changes, is_close=True)
        reserves[place.side] += cost_of(state, place.side, lots, price)
        return reserves[place.side] <= settled_balance(state, place.side)
    if place.type in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT):
        return True
    close = Fraction(state.bar.close if state.last_traded is None else state.last_traded)
    closing = min(released(state), abs(state.held))
    is_market = place.type is OrderType.MARKET
    if is_market and state.settings.allow_flip:
        closing = max(closing, state.against(place.side.sign))
    free = settled_balance(state, place.side, closing=closing, price=close)
    for order in state.working():
        if order.opens and order.is_market and not order.cancel_sent:
            at = slipped(state.settings, order.side, close, None)
            if order.side is place.side:
                free -= cost_of(state, order.side, order.to_do, at)
            else:
                free -= order.to_do * at * state.unit() * fee_rate(state.settings, maker=False)
    reserves = working_reserve(state, is_close=True)
    if is_market:
        free -= reserves[place.side]
        return (
            cost_of(state, place.side, lots, slipped(state.settings, place.side, close, None))
            <= free
        )
    reserves[place.side] += cost_of(state, place.side, lots, price)
    return reserves[place.side] <= free
