"""Stop, target and trail of the position in numbers: where they stand, and what a fill makes of them.

The law: as `runtime/account/protection.py` has it: a level the card named is the card's, one of the risk model
follows the average. A trail is as `runtime/orders/trailing.py` and `runtime/account/standing.py` have it.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.layout import (
    AVERAGE,
    BAR,
    CLOSE,
    DECISION,
    HELD,
    LEVEL,
    NO_LEVEL,
    PERCENT,
    ROLE,
    SIDE,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    STOP_KIND,
    STOP_LOSS,
    STOP_MODEL,
    STOP_VALUE,
    T_DISTANCE,
    T_PERCENT,
    T_START,
    T_START_PERCENT,
    T_START_RISK,
    TARGET_KIND,
    TARGET_MODEL,
    TARGET_RESTS,
    TARGET_VALUE,
    TICK,
    TP_KIND,
    TP_MODEL,
    TP_RESTS,
    TP_VALUE,
    TRAIL,
    TRAIL_BAR,
    TRAIL_BEST,
    TRAIL_DISTANCE,
    TRAIL_FLOOR,
    TRAIL_START,
    TRIGGER,
    TRIP_RISK,
    TRIP_RISKED,
)  # fmt: skip
from runtime.batch.money import base_of, remaining
from runtime.batch.orders import reference_price
from runtime.formulas.rounding import price_above
from runtime.formulas.stops import (
    stop_by_distance,
    stop_by_percent,
    target_by_distance,
    target_by_percent,
)
from runtime.kernel import IntState, State


def stop_price(f: State, z: IntState) -> float:
    """Return where the stop of the position stands, NaN without one."""
    if z[HELD] == 0 or z[STOP_KIND] == NO_LEVEL:
        return nan
    if z[STOP_KIND] == LEVEL:
        return f[STOP_VALUE]
    if z[STOP_KIND] == PERCENT:
        return stop_by_percent(z[SIDE], f[AVERAGE], f[STOP_VALUE], f[TICK])
    return stop_by_distance(z[SIDE], f[AVERAGE], f[STOP_VALUE], f[TICK])


def target_price(f: State, z: IntState) -> float:
    """Return where the target of the position stands, NaN without one."""
    if z[HELD] == 0 or z[TARGET_KIND] == NO_LEVEL:
        return nan
    if z[TARGET_KIND] == LEVEL:
        return f[TARGET_VALUE]
    if z[TARGET_KIND] == PERCENT:
        return target_by_percent(z[SIDE], f[AVERAGE], f[TARGET_VALUE], f[TICK])
    return target_by_distance(z[SIDE], f[AVERAGE], f[TARGET_VALUE], f[TICK])


# ---------------------------------------------------------------- what trails


def nearer(sign: int, one: float, other: float) -> float:
    """Return the tighter of two stops, each NaN where there is none."""
    if isnan(one) or isnan(other):
        return other if isnan(one) else one
    return max(one, other) if sign > 0 else min(one, other)


def trail_price(f: State, z: IntState) -> float:
    """Return where the trail of the position stands, NaN without one or before it is active."""
    if z[HELD] == 0 or z[TRAIL] == 0:
        return nan
    if isnan(f[TRAIL_BEST]):
        return f[TRAIL_FLOOR]
    level = stop_by_distance(z[SIDE], f[TRAIL_BEST], f[TRAIL_DISTANCE], f[TICK])
    return nearer(z[SIDE], level, f[TRAIL_FLOOR])


def stop_in_force(f: State, z: IntState) -> float:
    """Return where the position is left: at the tighter of its stop and its trail, NaN without both."""
    return nearer(z[SIDE], stop_price(f, z), trail_price(f, z))


def is_trailed(f: State, z: IntState, s: int) -> bool:
    """Return whether an order that acts is the stop where the trail stands, not its own level."""
    if z[s + ROLE] != STOP_LOSS or z[TRAIL] == 0:
        return False
    stop = stop_price(f, z)
    trail = trail_price(f, z)
    at = f[s + TRIGGER]
    if isnan(trail) or trail == stop or at == stop:
        return False
    if at == trail or at == f[TRAIL_FLOOR]:
        return True
    if nearer(z[SIDE], at, trail) != trail:
        return False  # a trail only tightens: it never stood there
    return trail == stop_in_force(f, z) and z[TRAIL_BAR] < z[BAR]


def trail_comes(f: State, z: IntState, price: float) -> bool:
    """Let the trail come to where the market is; return whether that activates or moves it."""
    if isnan(f[TRAIL_BEST]):
        if not isnan(f[TRAIL_START]) and z[SIDE] * (price - f[TRAIL_START]) < 0.0:
            return False
    elif z[SIDE] * (price - f[TRAIL_BEST]) <= 0.0:
        return False
    f[TRAIL_BEST] = price
    return True


def begin_trail(
    f: State, z: IntState, distance: float, start: float, price: float, bar: int
) -> None:
    """Begin a trail where the market is at a price, never looser than the one that it replaces."""
    floor = trail_price(f, z)
    z[TRAIL] = 1
    z[TRAIL_BAR] = bar
    f[TRAIL_DISTANCE] = whole_ticks(f, distance)
    f[TRAIL_START] = start
    f[TRAIL_BEST] = nan
    f[TRAIL_FLOOR] = floor
    trail_comes(f, z, price)


def whole_ticks(f: State, distance: float) -> float:
    return max(f[TICK], price_above(distance, f[TICK]))


def has_trail(f: State, s: int) -> bool:
    """Return whether an order brings a trail."""
    return not (isnan(f[s + T_DISTANCE]) and isnan(f[s + T_PERCENT]))


def asked_distance(f: State, s: int) -> float:
    """Return how far the trail that is asked for stays behind, in price units, before it is on the grid."""
    if isnan(f[s + T_DISTANCE]):
        return f[AVERAGE] * f[s + T_PERCENT] / 100
    return f[s + T_DISTANCE]


def asked_start(f: State, z: IntState, s: int, stop: float) -> float:
    """Return the price from which on the trail that is asked for is active, NaN where that is at once."""
    if not isnan(f[s + T_START_PERCENT]):
        return f[AVERAGE] * (1 + z[SIDE] * f[s + T_START_PERCENT] / 100)
    if not isnan(f[s + T_START_RISK]) and not isnan(stop):
        return f[AVERAGE] + z[SIDE] * f[s + T_START_RISK] * fabs(f[AVERAGE] - stop)
    return f[s + T_START]


# ---------------------------------------------------------------- what a fill brings


def _follows(
    planned: int, planned_by_model: int, held: int, held_by_model: int, is_first: bool
) -> bool:
    """Return whether a fill puts its entry's level in the place of the one that is held."""
    if planned == NO_LEVEL:
        return False
    if held == NO_LEVEL:
        return True
    if is_first:
        return held_by_model == 1 or planned_by_model == 0
    return planned_by_model == 1 and planned != LEVEL and held_by_model == 1


def bring(f: State, z: IntState, s: int, opened: int, is_first: bool, price: float) -> None:
    """Let a fill bring the protection of its entry, and note what was at risk first.

    `price` is that of the fill before slippage: a trail begins there.
    """
    is_changed = False
    if _follows(z[s + SL_KIND], z[s + SL_MODEL], z[STOP_KIND], z[STOP_MODEL], is_first):
        is_changed = (
            z[STOP_KIND] != z[s + SL_KIND]
            or z[STOP_MODEL] != z[s + SL_MODEL]
            or f[STOP_VALUE] != f[s + SL_VALUE]
        )
        z[STOP_KIND] = z[s + SL_KIND]
        z[STOP_MODEL] = z[s + SL_MODEL]
        f[STOP_VALUE] = f[s + SL_VALUE]
    if _follows(z[s + TP_KIND], z[s + TP_MODEL], z[TARGET_KIND], z[TARGET_MODEL], is_first):
        is_changed = (
            is_changed
            or z[TARGET_KIND] != z[s + TP_KIND]
            or z[TARGET_MODEL] != z[s + TP_MODEL]
            or f[TARGET_VALUE] != f[s + TP_VALUE]
            or z[TARGET_RESTS] != z[s + TP_RESTS]
        )
        z[TARGET_KIND] = z[s + TP_KIND]
        z[TARGET_MODEL] = z[s + TP_MODEL]
        f[TARGET_VALUE] = f[s + TP_VALUE]
        z[TARGET_RESTS] = z[s + TP_RESTS]
    if is_first and has_trail(f, s):
        distance = asked_distance(f, s)
        begin_trail(f, z, distance, asked_start(f, z, s, stop_price(f, z)), price, z[BAR])
        is_changed = True
    if not is_changed or z[TRIP_RISKED] == 1 or z[STOP_KIND] == NO_LEVEL:
        return
    stop = stop_price(f, z)
    distance = z[SIDE] * (f[AVERAGE] - stop)
    if distance <= 0.0:  # breached when it was filled: planned from the price it was meant for
        close = f[s + DECISION]
        if isnan(close) or close == 0.0:
            close = f[CLOSE]
        distance = fabs(reference_price(f, s, close) - stop)
    f[TRIP_RISK] = max(0.0, distance) * base_of(f, remaining(z, s) + opened)
    z[TRIP_RISKED] = 1
