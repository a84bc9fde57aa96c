"""Trailing stops in numbers: what an entry is to bring, and `adjust_trail`, decided at a close.

The law: as `runtime/decide/trails.py` has it: what cannot be told is a refusal, never no trail.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.adjusting import wish
from runtime.batch.drafts import draft
from runtime.batch.layout import (
    AVERAGE,
    EXIT,
    FIRST_ENTRY,
    FIRST_STOP,
    HELD,
    N_NO_PROTECT,
    N_NONE,
    N_TRAIL,
    N_TRAIL_RISK,
    NO_LEVEL,
    ON_REMOVE,
    ON_TRAIL,
    ROOM_STOP,
    ROOM_TRAIL,
    ROOM_TRAIL_DISTANCE,
    ROOM_TRAIL_START,
    SIDE,
    SL_KIND,
    T_DISTANCE,
    T_START_RISK,
    TAKEN,
    TO_NO_TRAIL,
    TO_TRAIL,
    TRAIL,
    TRAIL_BEST,
    TRAIL_DISTANCE,
    TRAIL_START,
    WHY_A,
    WHY_WORD,
)  # fmt: skip
from runtime.batch.levels import is_finite
from runtime.batch.protection import asked_distance, asked_start, stop_price, whole_ticks
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State

_NUMBERS = 5  # of a trail: two distances, three starts
_AS_HELD, _GIVEN, _TAKEN_AWAY = range(3)  # the trail at this close


def _read(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    """Put the numbers of the trail that an action asks for; return why they are none."""
    for i in range(_NUMBERS):
        code = z[a + ON_TRAIL + i]
        if code < 0:
            continue
        f[WHY_A] = value(f, z, columns, code)
        z[WHY_WORD] = i
        if not is_finite(f[WHY_A]) or f[WHY_A] <= 0.0:
            return N_TRAIL
        f[s + T_DISTANCE + i] = f[WHY_A]
    return N_NONE


def ask_trail(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    """Put the trail that an entry brings, if it brings one; its stop is planned already."""
    why = _read(f, z, columns, s, a)
    if why != N_NONE or isnan(f[s + T_START_RISK]) or z[s + SL_KIND] != NO_LEVEL:
        return why
    if isnan(stop_price(f, z)) and isnan(f[ROOM_STOP]):
        z[WHY_WORD] = 0
        return N_TRAIL_RISK
    return N_NONE


def adjust_trail(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide to give the position a trail, or to take it away; return why it is refused."""
    if z[HELD] == 0:
        return N_NO_PROTECT
    has_one = z[TRAIL] == 1 if z[ROOM_TRAIL] == _AS_HELD else z[ROOM_TRAIL] == _GIVEN
    if z[a + ON_REMOVE] == 1:
        if has_one:
            z[ROOM_TRAIL] = _TAKEN_AWAY
            wish(f, z, TO_NO_TRAIL, nan, nan)
        return N_NONE
    s = draft(f, z, action, a, EXIT)
    z[s + TAKEN] = 0
    why = _read(f, z, columns, s, a)
    if why != N_NONE:
        return why
    if not isnan(f[s + T_START_RISK]) and isnan(f[FIRST_STOP]):
        z[WHY_WORD] = 1
        return N_TRAIL_RISK
    # At risk is what the first entry risked, whatever the average is by now.
    stop = f[AVERAGE] - z[SIDE] * fabs(f[FIRST_ENTRY] - f[FIRST_STOP])
    distance = whole_ticks(f, asked_distance(f, s))
    start = asked_start(f, z, s, stop)
    if has_one and _is_held(f, z, distance, start):
        return N_NONE
    z[ROOM_TRAIL] = _GIVEN
    f[ROOM_TRAIL_DISTANCE] = distance
    f[ROOM_TRAIL_START] = start
    wish(f, z, TO_TRAIL, distance, start)
    return N_NONE


def _is_held(f: State, z: IntState, distance: float, start: float) -> bool:
    """Return whether the trail of this close has that distance, and that start or is active already."""
    before = f[ROOM_TRAIL_DISTANCE]
    begins = f[ROOM_TRAIL_START]
    if z[ROOM_TRAIL] == _AS_HELD:
        before = f[TRAIL_DISTANCE]
        begins = f[TRAIL_START]
        if not isnan(f[TRAIL_BEST]):
            return before == distance
    return before == distance and (begins == start or (isnan(begins) and isnan(start)))
