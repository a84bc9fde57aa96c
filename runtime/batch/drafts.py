"""An order while it is being decided: what its action says, and its time to live.

The law: as `runtime/decide/make_spec.py` has it; a draft that is refused gives its place back.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.layout import (
    ACTION,
    BAIL,
    BAR,
    CLOSE,
    DECIDED,
    DECIDED_LIST,
    DECISION,
    END_BAR,
    EXIT,
    EXPIRES,
    FIRST,
    FIRST_PRICE,
    FLAT_CANCELS,
    FORCE,
    GONE,
    GROUP,
    GTC,
    GTD,
    ISSUED,
    KIND,
    LAST,
    LATE,
    LIMIT,
    LOTS,
    METHOD,
    MOST,
    MOST_ORDERS,
    N_NONE,
    N_TTL,
    ON_FLAT,
    ON_FORCE,
    ON_GROUP,
    ON_KIND,
    ON_METHOD,
    ON_OWN_LAYER,
    ON_PARTIAL,
    ON_POST,
    ON_REASON,
    ON_REF,
    ON_SHARES,
    ON_TARGET_RESTS,
    ON_TTL,
    OPENS,
    OWN_ID,
    OWN_LAYER,
    PARTIAL_CANCELS,
    POST_ONLY,
    REF,
    ROLE,
    SHARES,
    SPEC_REASON,
    TAKEN,
    TOO_MANY_ORDERS,
    TP_RESTS,
    TRIGGER,
    TTL,
    WHY_A,
    WITHDRAWN,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.levels import is_finite
from runtime.batch.orders import free_place, without
from runtime.batch.rearming import remember_rearm, take_over_rearm
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def draft(f: State, z: IntState, action: int, a: int, role: int) -> int:
    """Return the place of an order that is being decided, with all that its action says."""
    s = free_place(f, z)
    z[s + ACTION] = action
    z[s + ROLE] = role
    z[s + KIND] = z[a + ON_KIND]
    z[s + REF] = z[a + ON_REF]
    z[s + GROUP] = z[a + ON_GROUP]
    z[s + POST_ONLY] = z[a + ON_POST]
    z[s + TP_RESTS] = z[a + ON_TARGET_RESTS]
    z[s + OWN_LAYER] = z[a + ON_OWN_LAYER]
    z[s + PARTIAL_CANCELS] = z[a + ON_PARTIAL]
    z[s + FLAT_CANCELS] = z[a + ON_FLAT]
    z[s + METHOD] = z[a + ON_METHOD]
    z[s + SPEC_REASON] = z[a + ON_REASON]
    z[s + TTL] = -1
    z[s + EXPIRES] = -1
    z[s + FIRST] = -1
    z[s + LAST] = -1
    z[s + END_BAR] = -1
    z[s + LATE] = -1
    z[s + MOST] = -1
    z[s + SHARES] = z[a + ON_SHARES]
    f[s + DECISION] = f[CLOSE]
    return s


def keep_draft(f: State, z: IntState, columns: Numbers, s: int, a: int, lots: int) -> int:
    """Decide an order of some lots, unless its time to live cannot be told."""
    z[s + FORCE] = z[a + ON_FORCE]
    if not read_ttl(f, z, columns, s, a):
        return N_TTL
    if z[s + FORCE] < 0:
        z[s + FORCE] = GTD if z[a + ON_TTL] >= 0 else GTC
    if z[WITHDRAWN] >= 0:
        _leave_out(z, z[WITHDRAWN])
    if z[DECIDED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[DECIDED] -= 1
    z[s + LOTS] = lots
    f[s + FIRST_PRICE] = f[s + LIMIT] if isnan(f[s + TRIGGER]) else f[s + TRIGGER]
    z[s + OPENS] = lots
    remember_rearm(f, z, columns, s, a)
    if z[WITHDRAWN] >= 0:
        take_over_rearm(f, z, s, z[WITHDRAWN])
        z[WITHDRAWN] = -1
    z[ISSUED] += 1
    z[s + OWN_ID] = z[ISSUED]
    z[DECIDED_LIST + z[DECIDED]] = s
    z[DECIDED] += 1
    return N_NONE


def _leave_out(z: IntState, s: int) -> None:
    """Take an order out of those that this close has decided: another takes its place."""
    z[s + TAKEN] = 0
    z[DECIDED] = without(z, DECIDED_LIST, z[DECIDED], s)


def read_ttl(f: State, z: IntState, columns: Numbers, s: int, a: int) -> bool:
    """Put the time to live that an action asks for; False where it cannot be told."""
    if z[a + ON_TTL] < 0:
        return True
    bars = value(f, z, columns, z[a + ON_TTL])
    if not is_finite(bars) or bars < 1.0:
        f[WHY_A] = bars
        return False
    z[s + TTL] = int(bars)
    z[s + EXPIRES] = z[BAR] + z[s + TTL]
    return True


def is_taken(z: IntState, ref: int) -> bool:
    """Return whether an order of a ref works, or was decided at this close."""
    if ref == 0:
        return False
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT and z[s + REF] == ref and z[s + GONE] == 0:
            return True
    return decided(z, ref) >= 0


def decided(z: IntState, ref: int) -> int:
    """Return the order of a ref that was decided at this close, -1 for none."""
    for k in range(z[DECIDED]):
        if z[z[DECIDED_LIST + k] + REF] == ref:
            return z[DECIDED_LIST + k]
    return -1
