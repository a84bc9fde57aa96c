"""Entries in numbers: prices, side, ref, protection, size, and what the order must not exceed.

The law: as `runtime/decide/enter.py` has it; the first check that fails is the reason.
"""

from __future__ import annotations

from runtime.batch.amending import replace_entry
from runtime.batch.cancels import free_ref
from runtime.batch.drafts import draft, keep_draft
from runtime.batch.layout import (
    CARRIED,
    CLOSE,
    DECIDED,
    DECIDED_LIST,
    E_REARM_LIMIT,
    E_REARM_TRIGGER,
    ENTRY,
    FLIPS,
    GONE,
    KIND,
    LIMIT,
    LIMITED,
    LIVE,
    LONG_ONLY,
    LOTS,
    MARKET,
    MODE,
    N_BAND,
    N_FLIP,
    N_LAYERS,
    N_LIMIT,
    N_LIQUIDATED,
    N_MIN_LOTS,
    N_NONE,
    N_POLICY,
    N_REF,
    N_TRIGGER,
    ON_LIMIT,
    ON_PRICE,
    ON_SIDE,
    ON_TRIGGER,
    REF,
    ROLE,
    ROOM_LOTS,
    ROOM_SIDE,
    SHORT_ONLY,
    STANDING,
    STOP_LIMIT,
    STOP_MARKET,
    TAKEN,
    TRIGGER,
    WAY,
    WHY_A,
    WHY_B,
    WHY_WORD,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.levels import (
    OF_LIMIT,
    OF_PRICE,
    OF_TRIGGER,
    on_grid,
    outside_band,
    plan,
    risk_distance,
    states_amount,
    wanted_base,
)  # fmt: skip
from runtime.batch.money import notional
from runtime.batch.orders import reference_price, working
from runtime.batch.promising import brings_stop, broken_promise
from runtime.batch.rearming import first_price
from runtime.batch.room import (
    accept_entry,
    fit,
    has_layer,
    is_beyond_liquidation,
    lots_for,
    minimum,
    note_rounding,
    reduce,
)
from runtime.batch.trailing import ask_trail
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def decide_entry(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide an entry; return why it is refused, `N_NONE` if it is not."""
    return enter(f, z, columns, action, a, -1)


def may_enter(f: State, z: IntState, side: int) -> int:
    """Return why nothing enters on a side at this close: a limit of the card, or its policy."""
    if z[STANDING] != 0:
        f[WHY_A] = float(z[STANDING] - 1)
        return N_LIMIT
    if (z[MODE] == LONG_ONLY and side < 0) or (z[MODE] == SHORT_ONLY and side > 0):
        return N_POLICY
    return N_NONE


def enter(f: State, z: IntState, columns: Numbers, action: int, a: int, wanted: int) -> int:
    """Decide an entry of the `wanted` lots, below zero of the action's size; return why it is refused."""
    side = z[a + ON_SIDE]
    why = may_enter(f, z, side)
    if why != N_NONE:
        return why
    s = draft(f, z, action, a, ENTRY)
    z[s + WAY] = side
    why = _price(f, z, columns, s, a)
    if why != N_NONE:
        z[s + TAKEN] = 0
        return why
    if z[LIVE] >= 0:
        z[s + TAKEN] = 0
        return replace_entry(f, z, columns, s, a, z[LIVE])
    if z[CARRIED] > 0 and z[s + KIND] == MARKET:
        reduce(f, z, z[CARRIED])  # what it closes counts as done
    why = _size(f, z, columns, s, a, wanted)
    if why != N_NONE:
        z[s + TAKEN] = 0
    return why


def _price(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    """Put the prices of an entry, and check what hangs on them: side of the position, ref, protection."""
    side = z[s + WAY]
    if z[s + KIND] == STOP_MARKET and z[a + ON_LIMIT] >= 0:
        z[s + KIND] = STOP_LIMIT
    slot = OF_PRICE if z[s + KIND] == LIMITED else OF_LIMIT
    code = z[a + ON_PRICE] if slot == OF_PRICE else z[a + ON_LIMIT]
    if code >= 0:
        price = first_price(f, z, s, E_REARM_LIMIT, value(f, z, columns, code))
        f[s + LIMIT] = on_grid(f, z, price, slot, side > 0)
        if f[s + LIMIT] == 0.0:
            return int(f[WHY_B])
    if z[a + ON_TRIGGER] >= 0:
        price = value(f, z, columns, z[a + ON_TRIGGER])
        price = first_price(f, z, s, E_REARM_TRIGGER, price)
        f[s + TRIGGER] = on_grid(f, z, price, OF_TRIGGER, side < 0)
        if f[s + TRIGGER] == 0.0:
            return int(f[WHY_B])
        if side * (f[CLOSE] - f[s + TRIGGER]) >= 0.0:
            f[WHY_A] = f[s + TRIGGER]
            f[WHY_B] = f[CLOSE]
            z[WHY_WORD] = 1 if side > 0 else 0
            return N_TRIGGER
    if outside_band(f, z, f[s + LIMIT], f[s + TRIGGER], side):
        return N_BAND
    z[CARRIED] = 0
    if z[ROOM_SIDE] == -side:
        z[WHY_WORD] = 0
        if z[FLIPS] == 0:
            return N_FLIP
        changes = z[s + KIND] != MARKET and _changes_one(z, s)
        if z[s + KIND] != MARKET and not changes and _is_turned(z, s):
            z[WHY_WORD] = 1
            return N_FLIP
        if not changes:  # who carries the position does so as before
            z[CARRIED] = z[ROOM_LOTS]
    if not free_ref(f, z, s, a):
        return N_REF
    price = reference_price(f, s, f[CLOSE])
    why = plan(f, z, columns, s, a, price, True)
    if why != N_NONE:
        return why
    why = plan(f, z, columns, s, a, price, False)
    return ask_trail(f, z, columns, s, a) if why == N_NONE else why


def _changes_one(z: IntState, s: int) -> bool:
    """Return whether an order of the same ref, side and kind works already."""
    o = working(z, z[s + REF])
    return o >= 0 and z[o + KIND] == z[s + KIND] and z[o + WAY] == z[s + WAY]


def _is_turned(z: IntState, s: int) -> bool:
    """Return whether another entry that waits for a price turns the position already."""
    for k in range(z[WORKING]):
        o = z[WORK + k]
        if z[o + ROLE] != ENTRY or z[o + GONE] == 1 or z[o + KIND] == MARKET:
            continue
        is_mine = z[s + REF] != 0 and z[o + REF] == z[s + REF]
        if z[o + WAY] == z[s + WAY] and not is_mine:
            return True
    for k in range(z[DECIDED]):
        o = z[DECIDED_LIST + k]
        is_mine = z[s + REF] != 0 and z[o + REF] == z[s + REF]
        is_resting = z[o + ROLE] == ENTRY and z[o + KIND] != MARKET
        if is_resting and z[o + WAY] == z[s + WAY] and not is_mine:
            return True
    return False


def _size(f: State, z: IntState, columns: Numbers, s: int, a: int, given: int) -> int:
    """Size an entry and check that it fits."""
    side = z[s + WAY]
    price = reference_price(f, s, f[CLOSE])
    wanted = given
    base = -1.0
    if given < 0:
        base = wanted_base(f, z, columns, a, price, risk_distance(f, z, s, a, price))
        if base < 0.0:
            return int(f[WHY_B])
        wanted = lots_for(f, base)
    why = minimum(f, z, wanted, price)
    if why != N_NONE:
        if why == N_MIN_LOTS and given < 0:
            f[WHY_A] = base
        return why
    if is_beyond_liquidation(f, z, side, price):
        return N_LIQUIDATED
    if not has_layer(f, z, side):
        return N_LAYERS
    lots = fit(f, z, side, z[s + KIND], price, wanted, states_amount(z, a))
    if lots < 0:
        return -lots
    note_rounding(f, z, base, lots)
    added = notional(f, lots, price)
    why = broken_promise(f, z, columns, s, 1, lots, added, price, brings_stop(f, z, s))
    if why != N_NONE:
        return why
    why = keep_draft(f, z, columns, s, a, lots)
    if why == N_NONE:
        z[s + LOTS] = lots + z[CARRIED]
        accept_entry(f, z, side, z[s + KIND], lots, price)
    return why
