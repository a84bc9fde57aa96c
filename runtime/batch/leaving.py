"""Exits in numbers: market and limit orders that only make a position smaller.

The law: as `runtime/decide/leave.py` has it: one that finds nothing left to close is refused.
"""

from __future__ import annotations

from math import nan

from runtime.batch.amending import replace_exit, wanted_total
from runtime.batch.cancels import free_ref
from runtime.batch.drafts import draft, keep_draft
from runtime.batch.layout import (
    BY_DUST,
    CLOSE,
    CUT_GIVEN,
    CUT_KIND,
    CUT_WANTED,
    EXIT,
    KIND,
    LEAST_NOTIONAL,
    LIMIT,
    LIVE,
    LOTS,
    MARKET,
    MIN_LOTS,
    N_BAND,
    N_EXIT_SMALL,
    N_EXITS,
    N_NO_POSITION,
    N_NONE,
    N_REF,
    N_SCALE_OUT,
    ON_PRICE,
    ON_SIDE,
    ROOM_EXITING,
    ROOM_LOTS,
    ROOM_SIDE,
    SCALES_OUT,
    SPEC_REASON,
    TAKEN,
    WAY,
    WHY_B,
    WHY_C,
)  # fmt: skip
from runtime.batch.levels import OF_PRICE, on_grid, outside_band
from runtime.batch.money import notional
from runtime.batch.room import exit_room, note_rounding, reduce
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def decide_exit(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide an exit; return why it is refused, `N_NONE` if it is not."""
    side = z[a + ON_SIDE]
    if side == 0:
        side = 1 if z[ROOM_SIDE] < 0 else -1
    s = draft(f, z, action, a, EXIT)
    z[s + WAY] = side
    z[LIVE] = -1
    why = _exit(f, z, columns, s, a)
    if why != N_NONE or z[LIVE] >= 0:
        z[s + TAKEN] = 0
    return why


def _exit(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    side = z[s + WAY]
    at_market = z[s + KIND] == MARKET
    price = f[CLOSE]
    if not at_market:
        f[s + LIMIT] = on_grid(f, z, value(f, z, columns, z[a + ON_PRICE]), OF_PRICE, side > 0)
        if f[s + LIMIT] == 0.0:
            return int(f[WHY_B])
        if outside_band(f, z, f[s + LIMIT], nan, side):
            return N_BAND
        price = f[s + LIMIT]
    if z[ROOM_SIDE] != -side or z[ROOM_LOTS] == 0:
        return N_NO_POSITION
    if not free_ref(f, z, s, a):
        return N_REF
    live = z[LIVE]
    wanted = wanted_total(f, z, columns, a, price, live)
    if wanted < 0:
        return -wanted
    if live >= 0:
        return replace_exit(f, z, columns, s, a, live, wanted)
    base = f[WHY_C]
    why = place_exit(f, z, columns, s, a, wanted, at_market)
    if why == N_NONE:
        note_rounding(f, z, base, z[s + LOTS])
    return why


def place_exit(
    f: State, z: IntState, columns: Numbers, s: int, a: int, wanted: int, at_market: bool
) -> int:
    """Decide an exit of as many of the wanted lots as it may take, dust included."""
    room = exit_room(z, at_market)
    if wanted != 0 and room <= 0:
        return N_EXITS
    if wanted > room:
        z[CUT_KIND] = N_EXITS
        z[CUT_WANTED] = wanted
        z[CUT_GIVEN] = room
    lots = min(wanted, room)
    shared = lots
    held = z[ROOM_LOTS]
    left = held - lots
    strands = left < z[MIN_LOTS] or notional(f, left, f[CLOSE]) < f[LEAST_NOTIONAL]
    if lots != 0 and left != 0 and strands and room >= held:
        lots = held
    if lots < min(z[MIN_LOTS], held) or lots == 0:
        return N_EXIT_SMALL
    if lots < held and z[SCALES_OUT] == 0:
        return N_SCALE_OUT
    if lots > shared:
        z[s + SPEC_REASON] = BY_DUST
    why = keep_draft(f, z, columns, s, a, lots)
    if why == N_NONE and at_market:
        reduce(f, z, lots)
    elif why == N_NONE:
        z[ROOM_EXITING] += lots
    return why
