"""Stops, targets and trails of the position and its layers in numbers: where they stand, what a fill makes of them.

The law: as `runtime/account/protection.py` has it: a level the card named is the card's, one of the risk model
follows the average of what it protects. A trail is as `runtime/orders/trailing.py` and `runtime/account/standing.py`
have it. `y` is the base of a layer, or `WHOLE` for the position.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.apart import remember_levels
from runtime.batch.layers import covered, has_level, layer_of, scope_of
from runtime.batch.layout import (
    AVERAGE,
    BAR,
    BY_LAYER,
    CLOSE,
    DECISION,
    HELD,
    IS_TRAILED,
    L_OWNED,
    L_PRICE,
    L_STOP_KIND,
    L_STOP_MODEL,
    L_STOP_VALUE,
    L_TARGET_KIND,
    L_TARGET_MODEL,
    L_TARGET_RESTS,
    L_TARGET_VALUE,
    L_TRAIL,
    L_TRAIL_BAR,
    L_TRAIL_BEST,
    L_TRAIL_DISTANCE,
    L_TRAIL_FLOOR,
    L_TRAIL_START,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LEVEL,
    NO_LEVEL,
    NUMBER,
    OF_LAYER,
    OWN_LAYER,
    PERCENT,
    ROLE,
    SIDE,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    STOP_LOSS,
    T_DISTANCE,
    T_PERCENT,
    T_START,
    T_START_PERCENT,
    T_START_RISK,
    TAKE_PROFIT,
    TICK,
    TP_KIND,
    TP_MODEL,
    TP_RESTS,
    TP_VALUE,
    TRIGGER,
    TRIP_RISK,
    TRIP_RISKED,
    WHOLE,
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


def stop_price(f: State, z: IntState, y: int) -> float:
    """Return where the stop of a layer or of the position stands, NaN without one."""
    kind = z[y + L_STOP_KIND]
    if z[HELD] == 0 or kind == NO_LEVEL:
        return nan
    level = f[y + L_STOP_VALUE]
    if kind == LEVEL:
        return level
    if kind == PERCENT:
        return stop_by_percent(z[SIDE], f[y + L_PRICE], level, f[TICK])
    return stop_by_distance(z[SIDE], f[y + L_PRICE], level, f[TICK])


def target_price(f: State, z: IntState, y: int) -> float:
    """Return where the target of a layer or of the position stands, NaN without one."""
    kind = z[y + L_TARGET_KIND]
    if z[HELD] == 0 or kind == NO_LEVEL:
        return nan
    level = f[y + L_TARGET_VALUE]
    if kind == LEVEL:
        return level
    if kind == PERCENT:
        return target_by_percent(z[SIDE], f[y + L_PRICE], level, f[TICK])
    return target_by_distance(z[SIDE], f[y + L_PRICE], level, f[TICK])


def has_levels(z: IntState) -> bool:
    """Return whether the position or one of its layers has a stop or a target."""
    if z[HELD] == 0:
        return False
    if has_level(z, WHOLE):
        return True
    if z[BY_LAYER] == 1:
        for k in range(z[LAYERS_HELD]):
            if has_level(z, LAYERS + k * LAYER_WIDTH):
                return True
    return False


# ---------------------------------------------------------------- what trails


def trails(z: IntState) -> bool:
    """Return whether anything trails. COST: asked on every bar."""
    if z[WHOLE + L_TRAIL] == 1:
        return True
    if z[BY_LAYER] == 1:
        for k in range(z[LAYERS_HELD]):
            if z[LAYERS + k * LAYER_WIDTH + L_TRAIL] == 1:
                return True
    return False


def nearer(sign: int, one: float, other: float) -> float:
    """Return the tighter of two stops, each NaN where there is none."""
    if isnan(one) or isnan(other):
        return other if isnan(one) else one
    return max(one, other) if sign > 0 else min(one, other)


def trail_price(f: State, z: IntState, y: int) -> float:
    """Return where a trail stands, NaN without one or before it is active."""
    if z[HELD] == 0 or z[y + L_TRAIL] == 0:
        return nan
    best = f[y + L_TRAIL_BEST]
    if isnan(best):
        return f[y + L_TRAIL_FLOOR]
    level = stop_by_distance(z[SIDE], best, f[y + L_TRAIL_DISTANCE], f[TICK])
    return nearer(z[SIDE], level, f[y + L_TRAIL_FLOOR])


def stop_in_force(f: State, z: IntState, y: int) -> float:
    """Return where a layer or the position is left: at the tighter of its stop and its trail, NaN without both."""
    return nearer(z[SIDE], stop_price(f, z, y), trail_price(f, z, y))


def is_trailed(f: State, z: IntState, s: int) -> bool:
    """Return whether an order that acts is the stop where the trail stands, not its own level."""
    if z[s + ROLE] != STOP_LOSS:
        return False
    y = scope_of(z, s)
    if y < 0 or z[y + L_TRAIL] == 0:
        return False
    stop = stop_price(f, z, y)
    trail = trail_price(f, z, y)
    at = f[s + TRIGGER]
    if isnan(trail) or trail == stop or at == stop:
        return False
    if at == trail or at == f[y + L_TRAIL_FLOOR]:
        return True
    if nearer(z[SIDE], at, trail) != trail:
        return False  # a trail only tightens: it never stood there
    return trail == stop_in_force(f, z, y) and z[y + L_TRAIL_BAR] < z[BAR]


def trail_comes(f: State, z: IntState, y: int, price: float) -> bool:
    """Let a trail come to where the market is; return whether that activates or moves it."""
    if isnan(f[y + L_TRAIL_BEST]):
        start = f[y + L_TRAIL_START]
        if not isnan(start) and z[SIDE] * (price - start) < 0.0:
            return False
    elif z[SIDE] * (price - f[y + L_TRAIL_BEST]) <= 0.0:
        return False
    f[y + L_TRAIL_BEST] = price
    return True


def begin_trail(
    f: State, z: IntState, y: int, distance: float, start: float, price: float, bar: int
) -> None:
    """Begin a trail where the market is at a price, never looser than the one that it replaces."""
    floor = trail_price(f, z, y)
    z[y + L_TRAIL] = 1
    z[y + L_TRAIL_BAR] = bar
    f[y + L_TRAIL_DISTANCE] = whole_ticks(f, distance)
    f[y + L_TRAIL_START] = start
    f[y + L_TRAIL_BEST] = nan
    f[y + L_TRAIL_FLOOR] = floor
    trail_comes(f, z, y, price)


def whole_ticks(f: State, distance: float) -> float:
    return max(f[TICK], price_above(distance, f[TICK]))


def has_trail(f: State, s: int) -> bool:
    """Return whether an order brings a trail."""
    return not (isnan(f[s + T_DISTANCE]) and isnan(f[s + T_PERCENT]))


def asked_distance(f: State, s: int, entry: float) -> float:
    """Return how far the trail that is asked for stays behind, in price units, before it is on the grid."""
    if isnan(f[s + T_DISTANCE]):
        return entry * f[s + T_PERCENT] / 100
    return f[s + T_DISTANCE]


def asked_start(f: State, z: IntState, s: int, entry: float, stop: float) -> float:
    """Return the price from which on the trail that is asked for is active, NaN where that is at once."""
    if not isnan(f[s + T_START_PERCENT]):
        return entry * (1 + z[SIDE] * f[s + T_START_PERCENT] / 100)
    if not isnan(f[s + T_START_RISK]) and not isnan(stop):
        return entry + z[SIDE] * f[s + T_START_RISK] * fabs(entry - stop)
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


def bring(
    f: State, z: IntState, s: int, opened: int, is_new: bool, may_set: bool, price: float
) -> None:
    """Let a fill bring the protection of its entry, and note what was at risk first.

    `is_new`: its layer is; `may_set`: the order has opened nothing before, or the position opens. `price` is that
    of the fill before slippage: a trail begins there.
    """
    y = WHOLE
    is_first = may_set
    if z[s + OWN_LAYER] == 1:
        y = layer_of(z, z[s + NUMBER])
        is_first = is_new
    is_changed = _bring_levels(f, z, s, y, is_first)
    if is_first and has_trail(f, s):
        entry = f[y + L_PRICE]
        start = asked_start(f, z, s, entry, stop_price(f, z, y))
        begin_trail(f, z, y, asked_distance(f, s, entry), start, price, z[BAR])
        is_changed = True
    if is_changed and y == WHOLE:
        remember_levels(f, z)
    elif is_changed:
        z[y + L_OWNED] = 1
    if not is_changed or z[TRIP_RISKED] == 1 or z[y + L_STOP_KIND] == NO_LEVEL:
        return
    stop = stop_price(f, z, y)
    distance = z[SIDE] * (f[AVERAGE] - stop)
    if distance <= 0.0:  # breached when it was filled: planned from the price it was meant for
        close = f[s + DECISION]
        if isnan(close) or close == 0.0:
            close = f[CLOSE]
        distance = fabs(reference_price(f, s, close) - stop)
    f[TRIP_RISK] = max(0.0, distance) * base_of(f, remaining(z, s) + opened)
    z[TRIP_RISKED] = 1


def _bring_levels(f: State, z: IntState, s: int, y: int, is_first: bool) -> bool:
    """Put the levels of an entry where they go before those that are held; return whether that changes any."""
    is_changed = False
    if _follows(z[s + SL_KIND], z[s + SL_MODEL], z[y + L_STOP_KIND], z[y + L_STOP_MODEL], is_first):
        is_changed = (
            z[y + L_STOP_KIND] != z[s + SL_KIND]
            or z[y + L_STOP_MODEL] != z[s + SL_MODEL]
            or f[y + L_STOP_VALUE] != f[s + SL_VALUE]
        )
        z[y + L_STOP_KIND] = z[s + SL_KIND]
        z[y + L_STOP_MODEL] = z[s + SL_MODEL]
        f[y + L_STOP_VALUE] = f[s + SL_VALUE]
    held = z[y + L_TARGET_KIND]
    if _follows(z[s + TP_KIND], z[s + TP_MODEL], held, z[y + L_TARGET_MODEL], is_first):
        is_changed = (
            is_changed
            or held != z[s + TP_KIND]
            or z[y + L_TARGET_MODEL] != z[s + TP_MODEL]
            or f[y + L_TARGET_VALUE] != f[s + TP_VALUE]
            or z[y + L_TARGET_RESTS] != z[s + TP_RESTS]
        )
        z[y + L_TARGET_KIND] = z[s + TP_KIND]
        z[y + L_TARGET_MODEL] = z[s + TP_MODEL]
        f[y + L_TARGET_VALUE] = f[s + TP_VALUE]
        z[y + L_TARGET_RESTS] = z[s + TP_RESTS]
    return is_changed


def spend(f: State, z: IntState, s: int) -> None:
    """Let the position's stop, trail or target be spent that has filled, where every layer left has one of its own."""
    is_stop = z[s + ROLE] == STOP_LOSS
    if z[s + OF_LAYER] != 0 or not (is_stop or z[s + ROLE] == TAKE_PROFIT):
        return
    if covered(z, WHOLE, is_stop) > 0:
        return
    if not is_stop:
        z[WHOLE + L_TARGET_KIND] = NO_LEVEL
    elif z[IS_TRAILED] == 1:
        z[WHOLE + L_TRAIL] = 0
    elif z[WHOLE + L_STOP_KIND] == NO_LEVEL:
        return
    else:
        z[WHOLE + L_STOP_KIND] = NO_LEVEL
    remember_levels(f, z)


def forget(f: State, z: IntState) -> None:
    """The position is gone, and its protection with it."""
    for i in range(LAYER_WIDTH):
        z[WHOLE + i] = 0
        f[WHOLE + i] = 0.0
    z[SIDE] = 0
    f[AVERAGE] = nan
