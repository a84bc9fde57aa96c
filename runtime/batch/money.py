"""Money of the one position: profit, margin, what is free, and where mark liquidates.

The law: the formulas are those of `runtime/formulas`, in the order in which the account adds them up.
"""

from __future__ import annotations

from math import nan

from runtime.batch.layout import (
    AVERAGE,
    CARD_RATE,
    CLOSE,
    COEFFICIENT,
    ENTRY,
    FEES,
    FILLED,
    FUNDING,
    HELD,
    IMPACT,
    KIND,
    LEVERAGE,
    LIQUIDATION,
    LOT,
    LOTS,
    MARKET,
    NETTED,
    OPENED,
    OPENS,
    REALIZED,
    ROLE,
    SIDE,
    SLIPPAGE,
    START_EQUITY,
    STOP_MARKET,
    TAKER,
    TICK,
    TIERS,
    TIERS_AT,
    VOLUME,
    WAY,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.orders import is_armed, reference_price
from runtime.formulas.fills import linear_impact, slipped, square_root_impact
from runtime.formulas.margin import initial_margin, liquidation_price, maintenance_rate
from runtime.formulas.pnl import profit
from runtime.formulas.rounding import multiple, nearest_steps
from runtime.kernel import IntState, State


def balance(f: State) -> float:
    """Return the money that is not at stake; nothing was put in or taken out (0.0)."""
    return f[START_EQUITY] + 0.0 + f[REALIZED] - f[FEES] - f[FUNDING]


def base_of(f: State, lots: int) -> float:
    return multiple(lots, f[LOT])


def notional(f: State, lots: int, price: float) -> float:
    return multiple(lots, f[LOT]) * price


def held_notional(f: State, z: IntState) -> float:
    if z[HELD] == 0:
        return 0.0
    return notional(f, z[HELD], f[AVERAGE])


def profit_of(f: State, z: IntState, lots: int, price: float) -> float:
    """Return what closing some lots of the position realizes, before fees."""
    return profit(z[SIDE], base_of(f, lots), f[AVERAGE], price)


def unrealized(f: State, z: IntState) -> float:
    return unrealized_at(f, z, f[CLOSE])


def unrealized_at(f: State, z: IntState, price: float) -> float:
    if z[HELD] == 0:
        return 0.0
    return profit_of(f, z, z[HELD], price)


def equity(f: State, z: IntState) -> float:
    return balance(f) + unrealized(f, z)


def margin_of(f: State, side: int, value: float) -> float:
    return initial_margin(side, value, f[LEVERAGE], f[TAKER])


def expected_price(f: State, side: int, price: float) -> float:
    """Return what a market execution is expected to pay: slippage included, impact not."""
    return slipped(side, price, f[SLIPPAGE], f[TICK])


def slipped_at(f: State, z: IntState, side: int, price: float, lots: int) -> float:
    """Return the price of a market execution on this bar: slippage and impact."""
    relative = f[SLIPPAGE]
    if z[IMPACT] == 1:
        relative += square_root_impact(f[COEFFICIENT], base_of(f, lots), f[VOLUME])
    elif z[IMPACT] == 2:
        relative += linear_impact(f[COEFFICIENT], base_of(f, lots), f[VOLUME])
    return slipped(side, price, relative, f[TICK])


def order_margin(f: State, side: int, value: float) -> float:
    """Return what the opening part of a resting entry reserves: a position's margin and the fee to open."""
    return margin_of(f, side, value) + value * f[TAKER]


def entry_cost(f: State, side: int, kind: int, price: float) -> float:
    """Return what one base unit of an entry takes of free margin."""
    if kind == MARKET or kind == STOP_MARKET:
        return order_margin(f, side, expected_price(f, side, price))
    return order_margin(f, side, price)


def remaining(z: IntState, s: int) -> int:
    return max(0, z[s + LOTS] - z[s + FILLED])


def to_open(z: IntState, s: int) -> int:
    """Return the lots an entry is still to open."""
    return max(0, min(remaining(z, s), z[s + OPENS] - (z[s + OPENED] + z[s + NETTED])))


def reserved(f: State, z: IntState, s: int, lots: int) -> float:
    """Return what a working entry of some lots to open ties up."""
    if is_armed(z, s) or lots == 0:
        return 0.0
    return order_margin(f, z[s + WAY], notional(f, lots, reference_price(f, s, f[CLOSE])))


def used_by(f: State, z: IntState, side: int, without: int) -> float:
    """Return the margin that position and working entries of a side tie up, one entry left out.

    Entries at market come first: what closes the position opens nothing.
    """
    used = 0.0
    if z[HELD] > 0 and z[SIDE] == side:
        used = margin_of(f, side, held_notional(f, z))
    to_close = z[HELD]
    for at_market in range(1, -1, -1):
        for k in range(z[WORKING]):
            s = z[WORK + k]
            if z[s + ROLE] != ENTRY or s == without:
                continue
            if (z[s + KIND] == MARKET) != (at_market == 1):
                continue
            closes = 0
            if z[HELD] > 0 and z[s + WAY] != z[SIDE]:
                closes = min(remaining(z, s), to_close)
                to_close -= closes
            if z[s + WAY] == side:
                used += reserved(f, z, s, remaining(z, s) - closes)
    return used


def reserved_by(f: State, z: IntState, order: int) -> float:
    """Return what one working entry ties up."""
    to_close = z[HELD]
    for at_market in range(1, -1, -1):
        for k in range(z[WORKING]):
            s = z[WORK + k]
            if z[s + ROLE] != ENTRY or (z[s + KIND] == MARKET) != (at_market == 1):
                continue
            closes = 0
            if z[HELD] > 0 and z[s + WAY] != z[SIDE]:
                closes = min(remaining(z, s), to_close)
                to_close -= closes
            if s == order:
                return reserved(f, z, s, remaining(z, s) - closes)
    return 0.0


def used_margin(f: State, z: IntState) -> float:
    """Return the margin tied up: that of the side which needs more."""
    if z[HELD] == 0 and z[WORKING] == 0:
        return 0.0
    return max(used_by(f, z, 1, -1), used_by(f, z, -1, -1))


def closing_gain(f: State, side: int, average: float, lots: int, price: float) -> float:
    """Return what the balance gains when lots of a position close, the taker fee paid."""
    base = base_of(f, lots)
    return profit(side, base, average, price) - base * price * f[TAKER]


def lots_beyond(z: IntState, s: int, wanted: int) -> int:
    """Return what an entry of some lots opens, what it closes of the other side aside."""
    if z[HELD] > 0 and z[SIDE] != z[s + WAY]:
        return wanted - min(wanted, z[HELD])
    return wanted


def margin_needed(f: State, z: IntState, s: int, price: float, wanted: int) -> float:
    """Return the margin that lots of an entry need at a price."""
    cost = entry_cost(f, z[s + WAY], z[s + KIND], price)
    return base_of(f, lots_beyond(z, s, wanted)) * cost


def margin_free(f: State, z: IntState, s: int, price: float, wanted: int) -> float:
    """Return the margin that an entry may use, with what it gives back by closing."""
    free = balance(f) - used_by(f, z, z[s + WAY], s)
    if z[HELD] > 0 and z[SIDE] != z[s + WAY]:
        free += closing_gain(f, z[SIDE], f[AVERAGE], min(wanted, z[HELD]), price)
    return free


def is_short_of_margin(f: State, z: IntState, s: int, price: float, wanted: int) -> bool:
    """Return whether lots of an entry cannot be carried at a price."""
    if z[s + ROLE] != ENTRY or lots_beyond(z, s, wanted) == 0:
        return False
    return margin_needed(f, z, s, price, wanted) > margin_free(f, z, s, price, wanted) + 1e-9


def grid_price(f: State, price: float) -> float:
    """Return a computed price, as the price of the grid where it is one but for its last bits."""
    near = multiple(nearest_steps(price, f[TICK]), f[TICK])
    apart = near - price if near > price else price - near
    return near if apart <= 1e-9 * price else price


def set_liquidation(f: State, z: IntState) -> None:
    """Note the mark price that liquidates the position, NaN where none can."""
    f[LIQUIDATION] = nan
    if z[HELD] == 0:
        return
    value = held_notional(f, z)
    rate = f[CARD_RATE]
    if z[TIERS] > 0:
        tier = z[TIERS] - 1
        for i in range(z[TIERS]):
            if value <= f[z[TIERS_AT] + 3 * i]:
                tier = i
                break
        at = z[TIERS_AT] + 3 * tier
        rate = maintenance_rate(f[at + 1], f[at + 2], value)
    price = liquidation_price(z[SIDE], f[AVERAGE], f[LEVERAGE], rate, 0.0)
    if price > 0.0:
        f[LIQUIDATION] = grid_price(f, price)
