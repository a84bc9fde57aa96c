"""Money: slippage, fees, margin, liquidation and bankruptcy price.

Law: everything is a `Fraction`; the venue's formulas stand here once. Isolated margin, linear.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from tests.reference.script import Instrument, Settings, Side, SlippageRounding
from tests.reference.state import Order, Position, State

BPS = Fraction(1, 10_000)


def slipped(settings: Settings, side: Side, reference: Fraction, limit: int | None) -> Fraction:
    """Price of a taker: reference ± slippage, never beyond the limit."""
    away = reference * settings.slippage_bps * BPS + settings.slippage_ticks
    price = reference + side.sign * away
    if away:
        match settings.slippage_rounding:
            case SlippageRounding.NEAREST:
                price = Fraction(round(price))
            case SlippageRounding.ADVERSE:
                price = Fraction(ceil(price) if side is Side.BUY else floor(price))
            case SlippageRounding.EXACT:
                pass
    if limit is None:
        return price
    return min(price, Fraction(limit)) if side is Side.BUY else max(price, Fraction(limit))


def fee_rate(settings: Settings, *, maker: bool) -> Fraction:
    return (settings.maker_bps if maker else settings.taker_bps) * BPS


def bankruptcy_price(settings: Settings, sign: int, average: Fraction) -> Fraction:
    """Where the margin is gone, in ticks: average * (1 ∓ 1/leverage)."""
    return average * (1 - sign / settings.leverage)


def maintenance(instrument: Instrument, notional: Fraction) -> Fraction:
    """Maintenance margin of a notional: rate * notional - deduction of its tier."""
    deduction, limit, rate = Fraction(0), Fraction(0), Fraction(0)
    for i, tier in enumerate(instrument.tiers):
        if i:
            deduction += limit * (tier.maintenance - rate)
        limit, rate = tier.limit, tier.maintenance
        if notional <= tier.limit:
            break
    return notional * rate - deduction


def liquidation_price(state: State, position: Position) -> Fraction:
    """Mark price in ticks at which the venue takes over: average ∓ (IM - MM) / quantity."""
    lots, unit = position.lots, state.unit()
    notional = lots * position.average * unit
    initial = notional / state.settings.leverage
    spare = initial - maintenance(state.script.instrument, notional)
    return position.average - position.sign * spare / (lots * unit)


def closing_reserve(state: State, sign: int, lots: int, price: Fraction) -> Fraction:
    """Fee of a closing at the bankruptcy price; 0 for a long at 1x."""
    rate = fee_rate(state.settings, maker=False)
    return lots * bankruptcy_price(state.settings, sign, price) * state.unit() * rate


def margin_of(state: State, sign: int, lots: int, price: Fraction) -> Fraction:
    """Initial margin and closing reserve of `lots` entered at `price`."""
    notional = lots * price * state.unit()
    return notional / state.settings.leverage + closing_reserve(state, sign, lots, price)


def cost_of(state: State, side: Side, lots: int, price: Fraction) -> Fraction:
    """What an entry needs: margin, closing reserve and its own (taker) fee."""
    fee = lots * price * state.unit() * fee_rate(state.settings, maker=False)
    return margin_of(state, side.sign, lots, price) + fee


def reserves_margin(order: Order) -> bool:
    """Limit entries reserve from placement, stop entries only once triggered."""
    return order.opens and order.rests and not order.cancel_sent


def working_reserve(
    state: State, *, without: Order | None = None, is_close: bool = False
) -> dict[Side, Fraction]:
    """Margin that working limit entries hold, per side, for the lots they would open.

    `is_close`: as the amends accepted at this close will have them.
    """
    held = {Side.BUY: Fraction(0), Side.SELL: Fraction(0)}
    for order in state.working():
        if order is not without and reserves_margin(order) and order.limit is not None:
            lots, limit = order.to_do, Fraction(order.limit)
            if is_close:
                lots, limit = order.next.lots, Fraction(order.next.limit or 0)
            held[order.side] += cost_of(state, order.side, lots, limit)
    return held


def free_margin(
    state: State,
    side: Side,
    *,
    without: Order | None = None,
    closing: int = 0,
    price: Fraction = Fraction(0),
) -> Fraction:
    """What entries of a side may use: balance - margin of a position of that side - its reserves.

    `closing` lots of the position are counted as closed at `price`, fee paid and profit realized.
    """
    reserved = working_reserve(state, without=without)[side]
    return settled_balance(state, side, closing=closing, price=price) - reserved


def settled_balance(
    state: State, side: Side, *, closing: int = 0, price: Fraction = Fraction(0)
) -> Fraction:
    """Balance - margin of the position if it is of that side, after `closing` of its lots at `price`."""
    p = state.position
    if p is None:
        return state.balance
    realized = p.sign * closing * (price - p.average) * state.unit()
    fee = closing * price * state.unit() * fee_rate(state.settings, maker=False)
    used = margin_of(state, p.sign, p.lots - closing, p.average) if p.side is side else Fraction(0)
    return state.balance + realized - fee - used


def unrealized(state: State, price: int) -> Fraction:
    """Of the position at `price` (ticks), in quote."""
    if state.position is None:
        return Fraction(0)
    return state.held * (price - state.position.average) * state.unit()


def equity(state: State) -> Fraction:
    """Balance and unrealized profit at the bar's close."""
    return state.balance + unrealized(state, state.bar.close)
