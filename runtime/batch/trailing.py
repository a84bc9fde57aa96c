"""Trailing stops in numbers: what an entry is to bring, and `adjust_trail`, decided at a close.

The law: as `runtime/decide/trails.py` has it: what cannot be told is a refusal, never no trail.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.adjusting import aimed_at, refused, wish
from runtime.batch.drafts import draft
from runtime.batch.layout import (
    AVERAGE,
    EXIT,
    FIRST_ENTRY,
    FIRST_STOP,
    HELD,
    L_ROOM_DISTANCE,
    L_ROOM_START,
    L_ROOM_STOP,
    L_ROOM_TRAIL,
    L_TRAIL,
    L_TRAIL_BEST,
    L_TRAIL_DISTANCE,
    L_TRAIL_START,
    N_LAYER_STOP,
    N_NO_LAYER,
    N_NO_PROTECT,
    N_NONE,
    N_TRAIL,
    N_TRAIL_RISK,
    NO_LEVEL,
    ON_REMOVE,
    ON_TRAIL,
    SIDE,
    SL_KIND,
    T_DISTANCE,
    T_START_RISK,
    TAKEN,
    TO_NO_TRAIL,
    TO_TRAIL,
    WHOLE,
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
    if isnan(stop_price(f, z, WHOLE)) and isnan(f[WHOLE + L_ROOM_STOP]):
        z[WHY_WORD] = 0
        return N_TRAIL_RISK
    return N_NONE


def adjust_trail(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide to give the position or a layer a trail, or to take it away; return why it is refused."""
    if z[HELD] == 0:
        return N_NO_PROTECT
    y = aimed_at(f, z, columns, a)
    if y < 0:
        return N_NO_LAYER
    has_one = z[y + L_TRAIL] == 1
    if z[y + L_ROOM_TRAIL] != _AS_HELD:
        has_one = z[y + L_ROOM_TRAIL] == _GIVEN
    if z[a + ON_REMOVE] == 1:
        if has_one:
            z[y + L_ROOM_TRAIL] = _TAKEN_AWAY
            wish(f, z, TO_NO_TRAIL, y, nan, nan)
        return N_NONE
    why = refused(z, y, True)
    if why == N_NONE and y != WHOLE and isnan(stop_price(f, z, y)):
        why = N_LAYER_STOP
    if why != N_NONE:
        return why
    return _give(f, z, columns, action, a, y, has_one)


def _give(
    f: State, z: IntState, columns: Numbers, action: int, a: int, y: int, has_one: bool
) -> int:
    """Decide to give a trail in place of the one that there is, if any; return why it is refused."""
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
    distance = whole_ticks(f, asked_distance(f, s, f[AVERAGE]))
    start = asked_start(f, z, s, f[AVERAGE], stop)
    if has_one and _is_held(f, z, y, distance, start):
        return N_NONE
    z[y + L_ROOM_TRAIL] = _GIVEN
    f[y + L_ROOM_DISTANCE] = distance
    f[y + L_ROOM_START] = start
    wish(f, z, TO_TRAIL, y, distance, start)
    return N_NONE


def _is_held(f: State, z: IntState, y: int, distance: float, start: float) -> bool:
    """Return whether the trail of this close has that distance, and that start or is active already."""
    before = f[y + L_ROOM_DISTANCE]
    begins = f[y + L_ROOM_START]
    if z[y + L_ROOM_TRAIL] == _AS_HELD:
        before = f[y + L_TRAIL_DISTANCE]
        begins = f[y + L_TRAIL_START]
        if not isnan(f[y + L_TRAIL_BEST]):
            return before == distance
    return before == distance and (begins == start or (isnan(begins) and isnan(start)))
