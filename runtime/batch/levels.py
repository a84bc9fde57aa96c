"""Prices, levels and sizes that an intent asks for, on the grid, or the reason why they are none.

The law: as `runtime/decide` (prices, levels, sizes) has it. What is found stands in the place of the order
that is being made; a reason's numbers stand in `WHY_…`.
"""

from __future__ import annotations

from math import fabs, inf, isnan, nan

from runtime.batch.layout import (
    BAND,
    BY_ATR,
    BY_PERCENT,
    BY_POINTS,
    BY_STRUCTURE,
    CLOSE,
    DISTANCE,
    FILL_PRICE,
    FILLED_LOTS,
    FIXED_USDT,
    HELD,
    L_ROOM_STOP,
    LEVEL,
    LEVERAGE,
    N_BELOW_TICK,
    N_DISTANCE,
    N_LEVEL,
    N_LEVEL_SIDE,
    N_LEVEL_TICK,
    N_NO_DISTANCE,
    N_NO_SIZE,
    N_NO_STOP,
    N_NONE,
    N_PRICE,
    N_RISK,
    N_SIZE,
    NO_LEVEL,
    NO_RULE,
    NO_SIZING,
    ON_BY_ORDER,
    ON_OWN_LAYER,
    ON_SIZE,
    ON_SIZE_VALUE,
    ON_STATED,
    ON_STOP,
    PER_LOSS,
    PERCENT,
    PERCENT_EQUITY,
    PLACED_AT,
    ROOM_EQUITY,
    ROOM_MOST,
    ROOM_SIDE,
    RULE_STOP,
    RULE_STOP_BUFFER,
    RULE_STOP_NODE,
    RULE_STOP_VALUE,
    RULE_TARGET,
    RULE_TARGET_BUFFER,
    RULE_TARGET_NODE,
    RULE_TARGET_VALUE,
    S_BASE,
    S_EQUITY,
    S_FILL,
    S_MAXIMUM,
    S_POSITION,
    S_REST,
    S_USDT,
    SIDE,
    SIZING,
    SIZING_LEVERAGE,
    SIZING_VALUE,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    TICK,
    TP_KIND,
    TP_MODEL,
    TP_VALUE,
    WAY,
    WHOLE,
    WHY_A,
    WHY_B,
    WHY_WORD,
)  # fmt: skip
from runtime.batch.money import base_of
from runtime.batch.protection import nearer, stop_price, trail_price
from runtime.batch.values import value
from runtime.formulas.rounding import price_above, price_below
from runtime.kernel import IntState, Numbers, State

OF_PRICE, OF_LIMIT, OF_TRIGGER = range(3)  # which price a reason is about


def is_finite(x: float) -> bool:
    return x > -inf and x < inf


def on_grid(f: State, z: IntState, price: float, slot: int, down: bool) -> float:
    """Return a price on the tick grid; 0.0 where it is none, `WHY_A` and `WHY_B` say why."""
    f[WHY_A] = price
    z[WHY_WORD] = slot
    if not is_finite(price) or price <= 0.0:
        f[WHY_B] = float(N_PRICE)
        return 0.0
    rounded = price_below(price, f[TICK]) if down else price_above(price, f[TICK])
    if rounded <= 0.0:
        f[WHY_B] = float(N_BELOW_TICK)
        return 0.0
    return rounded


def outside_band(f: State, z: IntState, limit: float, trigger: float, side: int) -> bool:
    """Return whether a limit is too far on the costly side of where it starts to work."""
    if isnan(limit):
        return False
    start = f[CLOSE] if isnan(trigger) else trigger
    f[WHY_A] = limit
    f[WHY_B] = start
    z[WHY_WORD] = (2 if side > 0 else 0) + (0 if isnan(trigger) else 1)
    return side * (limit - start) > start * f[BAND] / 100


def level_at(f: State, z: IntState, s: int, price: float, reference: float, is_stop: bool) -> int:
    """Put a stop or target at a price, rounded away from the entry."""
    side = z[s + WAY]
    f[WHY_A] = price
    z[WHY_WORD] = 1 if is_stop else 0
    if not is_finite(price) or price <= 0.0:
        return N_LEVEL
    above = is_stop if side < 0 else not is_stop
    rounded = price_above(price, f[TICK]) if above else price_below(price, f[TICK])
    is_wrong = rounded <= reference if above else rounded >= reference
    if is_wrong:
        f[WHY_A] = rounded
        f[WHY_B] = reference
        z[WHY_WORD] = (1 if is_stop else 0) + (2 if above else 0)
        return N_LEVEL_SIDE
    if rounded <= 0.0:
        return N_LEVEL_TICK
    _put(f, z, s, LEVEL, rounded, 0, is_stop)
    return N_NONE


def _put(
    f: State, z: IntState, s: int, kind: int, level: float, by_model: int, is_stop: bool
) -> None:
    if is_stop:
        z[s + SL_KIND] = kind
        f[s + SL_VALUE] = level
        z[s + SL_MODEL] = by_model
    else:
        z[s + TP_KIND] = kind
        f[s + TP_VALUE] = level
        z[s + TP_MODEL] = by_model


def _away(f: State, z: IntState, s: int, kind: int, distance: float, is_stop: bool) -> int:
    """Put a stop or target of the risk model a distance or a percentage from the entry."""
    z[WHY_WORD] = 1 if is_stop else 0
    if isnan(distance):
        return N_DISTANCE
    if distance <= 0.0:
        return N_NO_DISTANCE
    _put(f, z, s, kind, distance, 1, is_stop)
    return N_NONE


def _by_rule(
    f: State, z: IntState, columns: Numbers, s: int, reference: float, is_stop: bool
) -> int:
    """Put the stop or target of the risk model for an entry decided at this close."""
    rule = z[RULE_STOP] if is_stop else z[RULE_TARGET]
    amount = f[RULE_STOP_VALUE] if is_stop else f[RULE_TARGET_VALUE]
    node = z[RULE_STOP_NODE] if is_stop else z[RULE_TARGET_NODE]
    if rule == BY_PERCENT:
        return _away(f, z, s, PERCENT, amount, is_stop)
    if rule == BY_POINTS:
        return _away(f, z, s, DISTANCE, amount, is_stop)
    if rule == BY_ATR:
        return _away(f, z, s, DISTANCE, amount * value(f, z, columns, node), is_stop)
    if rule == BY_STRUCTURE:
        above = is_stop if z[s + WAY] < 0 else not is_stop
        buffer = f[RULE_STOP_BUFFER] if is_stop else f[RULE_TARGET_BUFFER]
        factor = 1 + buffer / 100 if above else 1 - buffer / 100
        price = value(f, z, columns, node) * factor
        why = level_at(f, z, s, price, reference, is_stop)
        if why == N_NONE:
            z[s + (SL_MODEL if is_stop else TP_MODEL)] = 1
        return why
    return _by_ratio(f, z, s, reference, amount)


def _by_ratio(f: State, z: IntState, s: int, reference: float, ratio: float) -> int:
    """Put a target at a multiple of the stop's distance as it is planned."""
    if z[s + SL_KIND] == NO_LEVEL:
        return N_NO_STOP
    z[WHY_WORD] = 0
    if isnan(ratio):
        return N_DISTANCE
    if ratio <= 0.0:
        return N_NO_DISTANCE
    if z[s + SL_KIND] == LEVEL:
        _put(f, z, s, DISTANCE, ratio * fabs(reference - f[s + SL_VALUE]), 1, False)
    else:
        _put(f, z, s, z[s + SL_KIND], ratio * f[s + SL_VALUE], 1, False)
    return N_NONE


def plan(
    f: State, z: IntState, columns: Numbers, s: int, a: int, reference: float, is_stop: bool
) -> int:
    """Put the stop or the target of an entry: the action's own, else the risk model's."""
    named = z[a + ON_STOP + (0 if is_stop else 1)]
    if named >= 0:
        return level_at(f, z, s, value(f, z, columns, named), reference, is_stop)
    rule = z[RULE_STOP] if is_stop else z[RULE_TARGET]
    if rule == NO_RULE:
        return N_NONE
    return _by_rule(f, z, columns, s, reference, is_stop)


# ---------------------------------------------------------------- sizes


def distance_of(side: int, kind: int, level: float, price: float) -> float:
    """Return how far a stop is on the losing side of an entry at a price, NaN where it is not."""
    if kind == NO_LEVEL:
        return nan
    if kind == PERCENT:
        return price * level / 100
    if kind == DISTANCE:
        return level
    distance = side * (price - level)
    return distance if distance > 0.0 else nan


def risk_distance(f: State, z: IntState, s: int, a: int, price: float) -> float:
    """Return how far the stop that will protect an entry is on its losing side, NaN where it is not."""
    side = z[s + WAY]
    kind = z[s + SL_KIND]
    level = f[s + SL_VALUE]
    by_itself = z[a + ON_OWN_LAYER] == 1 and kind != NO_LEVEL
    if z[a + ON_STOP] < 0 and z[ROOM_SIDE] == side and not by_itself:
        moved = f[WHOLE + L_ROOM_STOP]
        in_force = stop_price(f, z, WHOLE) if isnan(moved) else moved
        in_force = nearer(z[SIDE], in_force, trail_price(f, z, WHOLE))
        if not isnan(in_force):
            kind = LEVEL
            level = in_force
    return distance_of(side, kind, level, price)


def sized(f: State, z: IntState, kind: int, given: float, price: float, distance: float) -> float:
    """Return the base units of a size the card gives, minus 1.0 where it is none (`WHY_B` says why)."""
    amount = base_of(f, z[FILLED_LOTS]) if kind == S_FILL else given
    f[WHY_A] = amount
    if not is_finite(amount) or amount < 0.0:
        f[WHY_B] = float(N_SIZE)
        return -1.0
    if kind == S_USDT:
        return amount / price
    if kind == S_EQUITY:
        return max(0.0, f[ROOM_EQUITY]) * amount / price
    if kind == S_MAXIMUM:
        return f[ROOM_MOST] * amount / price
    if kind == S_BASE or kind == S_FILL:
        return amount
    if kind == S_POSITION or kind == S_REST:
        return base_of(f, z[HELD]) * amount
    if not distance > 0.0:
        f[WHY_B] = float(N_RISK)
        return -1.0
    return max(0.0, f[ROOM_EQUITY]) * amount / 100 / distance


def modelled(f: State, z: IntState, price: float, distance: float) -> float:
    """Return the base units that `risk_model.sizing` gives, minus 1.0 where it gives none."""
    equity = max(0.0, f[ROOM_EQUITY])
    most = inf
    leverage = f[LEVERAGE]
    if not isnan(f[SIZING_LEVERAGE]):
        leverage = min(leverage, f[SIZING_LEVERAGE])
        most = equity * leverage / price
    if z[SIZING] == FIXED_USDT:
        return f[SIZING_VALUE] / price
    if z[SIZING] == PERCENT_EQUITY:
        return min(equity * f[SIZING_VALUE] / 100 * leverage / price, most)
    if not distance > 0.0:
        f[WHY_B] = float(N_RISK)
        return -1.0
    return min(equity * f[SIZING_VALUE] / 100 / distance, most)


def wanted_base(
    f: State, z: IntState, columns: Numbers, a: int, price: float, distance: float
) -> float:
    """Return the base units an entry asks for, minus 1.0 where it asks for none that can be told.

    `distance` is that of the stop which will protect them, NaN without one.
    """
    if z[a + ON_SIZE] >= 0:
        f[PER_LOSS] = price / distance if distance > 0.0 else nan
        placed_at = f[PLACED_AT]
        filled_at = f[FILL_PRICE]
        if z[a + ON_BY_ORDER] == 1:
            f[PLACED_AT] = nan  # known to sizes that hold no risk
            f[FILL_PRICE] = nan
        amount = value(f, z, columns, z[a + ON_SIZE_VALUE])
        f[PER_LOSS] = nan
        f[PLACED_AT] = placed_at
        f[FILL_PRICE] = filled_at
        return sized(f, z, z[a + ON_SIZE], amount, price, distance)
    if z[SIZING] == NO_SIZING:
        f[WHY_B] = float(N_NO_SIZE)
        return -1.0
    return modelled(f, z, price, distance)


def states_amount(z: IntState, a: int) -> bool:
    """Return whether the card states the amount of an entry, instead of computing it."""
    if z[a + ON_SIZE] < 0:
        return z[SIZING] == FIXED_USDT
    return z[a + ON_STATED] == 1
