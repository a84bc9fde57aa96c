"""`adjust_size` in numbers: buy or sell at market what is missing to a target size of the position.

The law: as `runtime/decide/adjust_size.py` has it: what it adds is an entry, what it takes away an exit, each with
the checks of its kind; what is on its way at market since an earlier close is not asked for again.
"""

from __future__ import annotations

from math import nan

from runtime.batch.asking import know_fill
from runtime.batch.cancels import free_ref
from runtime.batch.drafts import draft, keep_draft
from runtime.batch.entering import enter, may_enter
from runtime.batch.layout import (
    ACTION_WIDTH,
    ACTIONS_AT,
    CARRIED,
    CLOSE,
    ENTRY,
    EXIT,
    FIRED,
    FIRED_LIST,
    FLIPS,
    GONE,
    ISSUED,
    KIND,
    MARKET,
    N_FLIP,
    N_LAYERS,
    N_MIN_LOTS,
    N_NONE,
    N_NOTHING_TO_ADJUST,
    N_REF,
    ON_SIDE,
    ON_SIZE,
    ON_SIZE_VALUE,
    ON_STATED,
    ON_VERB,
    OWN_LAYER,
    RANK_LIST,
    ROLE,
    ROOM_LOTS,
    ROOM_SIDE,
    ROOM_WAITING,
    TAKEN,
    TP_RESTS,
    V_ENTER,
    V_EXIT,
    V_SIZE,
    WAY,
    WHY_A,
    WHY_B,
    WHY_WORD,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.leaving import place_exit
from runtime.batch.levels import sized
from runtime.batch.money import notional, to_open
from runtime.batch.promising import broken_promise
from runtime.batch.room import (
    accept_entry,
    fit,
    has_layer,
    lots_for,
    minimum,
    note_rounding,
)  # fmt: skip
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def rank_sizes(f: State, z: IntState, columns: Numbers) -> None:
    """Note of each target size whether its order is an exit: before anything else is decided at this close."""
    for k in range(z[FIRED]):
        z[RANK_LIST + k] = V_ENTER
        if z[FIRED_LIST + k] < 0:
            continue
        a = z[ACTIONS_AT] + z[FIRED_LIST + k] * ACTION_WIDTH
        if z[a + ON_VERB] == V_SIZE:
            know_fill(f, z, k)
            if _takes_away(f, z, columns, a):
                z[RANK_LIST + k] = V_EXIT


def _takes_away(f: State, z: IntState, columns: Numbers, a: int) -> bool:
    if z[ROOM_SIDE] == 0:
        return False
    target = _target(f, z, columns, a)
    is_turned = z[a + ON_SIDE] != 0 and z[a + ON_SIDE] != z[ROOM_SIDE]
    return target >= 0 and target < _least(z) and (target == 0 or not is_turned)


def adjust_size(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide the order that brings the position to its target size; return why it is refused."""
    held = z[ROOM_SIDE]
    wanted = z[a + ON_SIDE]
    if held == 0 and wanted == 0:
        return N_NOTHING_TO_ADJUST
    target = _target(f, z, columns, a)
    if target < 0:
        return -target
    base = f[WHY_A]
    issued = z[ISSUED]
    why = _bring(f, z, columns, action, a, target)
    if why == N_NONE and z[ISSUED] > issued:  # a target that is there already asks for nothing
        note_rounding(f, z, base, target)
    return why


def _bring(f: State, z: IntState, columns: Numbers, action: int, a: int, target: int) -> int:
    """Decide what brings the position to so many lots; return why it is refused."""
    held = z[ROOM_SIDE]
    if z[a + ON_SIDE] != 0 and held != z[a + ON_SIDE]:
        return _open(f, z, columns, action, a, target)
    most = z[ROOM_LOTS] + _coming(z, held)
    if target > most:
        return _enlarge(f, z, columns, action, a, target - most)
    if target < _least(z):
        return _reduce(f, z, columns, action, a, _least(z) - target)
    return N_NONE


def _target(f: State, z: IntState, columns: Numbers, a: int) -> int:
    """Return the lots of the size a position is to have, minus the reason where it cannot be told.

    Its base units, before they are rounded down, stay in `WHY_A`.
    """
    amount = value(f, z, columns, z[a + ON_SIZE_VALUE])
    base = sized(f, z, z[a + ON_SIZE], amount, f[CLOSE], nan)
    if base < 0.0:
        return -int(f[WHY_B])
    f[WHY_A] = base
    return lots_for(f, base)


def _least(z: IntState) -> int:
    """Return the fewest lots there are once what is on its way at market has ended."""
    return max(0, z[ROOM_LOTS] - z[ROOM_WAITING])


def _coming(z: IntState, side: int) -> int:
    """Return the lots of a side that market entries of earlier closes have still to open."""
    lots = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if (
            z[s + ROLE] == ENTRY
            and z[s + WAY] == side
            and z[s + KIND] == MARKET
            and z[s + GONE] == 0
        ):
            lots += to_open(z, s)
    return lots


def _open(f: State, z: IntState, columns: Numbers, action: int, a: int, target: int) -> int:
    """Bring a target of a side about while the position is none, or one of the other side."""
    coming = _coming(z, z[a + ON_SIDE])
    held = z[ROOM_SIDE]
    if held == 0 and f[WHY_A] > 0.0 and target == 0 and coming == 0:
        return N_MIN_LOTS
    if held != 0 and z[FLIPS] == 0:
        z[WHY_WORD] = 0
        return N_FLIP
    if held != 0 and target == 0:
        return _reduce(f, z, columns, action, a, _least(z)) if _least(z) > 0 else N_NONE
    if target <= coming or (held != 0 and coming > 0):
        return N_NONE
    return enter(f, z, columns, action, a, target - coming)


def _reduce(f: State, z: IntState, columns: Numbers, action: int, a: int, lots: int) -> int:
    s = draft(f, z, action, a, EXIT)
    z[s + WAY] = -z[ROOM_SIDE]
    why = N_REF
    if free_ref(f, z, s, a):
        why = place_exit(f, z, columns, s, a, lots, True)
    if why != N_NONE:
        z[s + TAKEN] = 0
    return why


def _enlarge(f: State, z: IntState, columns: Numbers, action: int, a: int, lots: int) -> int:
    side = z[ROOM_SIDE]
    why = may_enter(f, z, side)
    if why != N_NONE:
        return why
    s = draft(f, z, action, a, ENTRY)
    z[s + WAY] = side
    z[s + TP_RESTS] = 0  # the open position keeps what it has
    z[s + OWN_LAYER] = 0
    why = _add(f, z, columns, s, a, lots)
    if why != N_NONE:
        z[s + TAKEN] = 0
    return why


def _add(f: State, z: IntState, columns: Numbers, s: int, a: int, wanted: int) -> int:
    side = z[s + WAY]
    price = f[CLOSE]
    if not free_ref(f, z, s, a):
        return N_REF
    why = minimum(f, z, wanted, price)
    if why != N_NONE:
        return why
    if not has_layer(f, z, side):
        return N_LAYERS
    z[CARRIED] = 0
    lots = fit(f, z, side, MARKET, price, wanted, z[a + ON_STATED] == 1)
    if lots < 0:
        return -lots
    added = notional(f, lots, price)
    why = broken_promise(f, z, columns, s, 1, lots, added, price, False)
    if why == N_NONE:
        why = keep_draft(f, z, columns, s, a, lots)
    if why == N_NONE:
        accept_entry(f, z, side, MARKET, lots, price)
    return why
