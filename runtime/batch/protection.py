"""Stop and target of the position in numbers: where they stand, and what a fill makes of them.

The law: as `runtime/account/protection.py` has it: a level the card named is the card's, one of the risk model
follows the average.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.layout import (
    AVERAGE,
    CLOSE,
    DECISION,
    HELD,
    LEVEL,
    NO_LEVEL,
    PERCENT,
    SIDE,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    STOP_KIND,
    STOP_MODEL,
    STOP_VALUE,
    TARGET_KIND,
    TARGET_MODEL,
    TARGET_RESTS,
    TARGET_VALUE,
    TICK,
    TP_KIND,
    TP_MODEL,
    TP_RESTS,
    TP_VALUE,
    TRIP_RISK,
    TRIP_RISKED,
)  # fmt: skip
from runtime.batch.money import base_of, remaining
from runtime.batch.orders import reference_price
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


def bring(f: State, z: IntState, s: int, opened: int, is_first: bool) -> None:
    """Let a fill bring the protection of its entry, and note what was at risk first."""
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
