"""Cancels that a close decides: one order by its ref, several by group or side.

The law: as `runtime/decide/cancel.py` has it; what is cancelled counts as gone for the rest of the close.
"""

from __future__ import annotations

from runtime.batch.drafts import decided, is_taken
from runtime.batch.layout import (
    BY_REPLACED,
    CANCEL_LIST,
    CANCELS,
    EXIT,
    GOING_WHY,
    GONE,
    GROUP,
    KIND,
    LIVE,
    MARKET,
    N_NONE,
    N_UNKNOWN_REF,
    NUMBER,
    ON_GROUP,
    ON_ONLY,
    ON_REASON,
    ON_REF,
    ON_REPLACES,
    REF,
    REPLACED,
    ROLE,
    WAY,
    WHY_WORD,
    WITHDRAWN,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.orders import working
from runtime.batch.rearming import end_rearms
from runtime.batch.room import release, take_back
from runtime.kernel import IntState, State


def cancel_one(f: State, z: IntState, s: int, why: int) -> None:
    """Cancel a working order: its word is on its way, its room is free."""
    release(f, z, s)
    z[s + GOING_WHY] = why
    z[CANCEL_LIST + z[CANCELS]] = z[s + NUMBER]
    z[CANCELS] += 1


def free_ref(f: State, z: IntState, s: int, a: int) -> bool:
    """Free the ref of an order that is decided, False where it is taken; the order it changes is `LIVE`.

    One of another side or type has to go, and one that this close has decided: it is `WITHDRAWN`.
    """
    z[LIVE] = -1
    if not is_taken(z, z[s + REF]):
        return True
    z[WHY_WORD] = 0
    if z[a + ON_REPLACES] == 0:
        return False
    live = working(z, z[s + REF])
    if live < 0:
        return _withdraw(f, z, decided(z, z[s + REF]))
    if z[live + KIND] == z[s + KIND] and z[live + WAY] == z[s + WAY]:
        z[LIVE] = live
        return True
    cancel_one(f, z, live, BY_REPLACED)
    z[REPLACED] = live
    return True


def _withdraw(f: State, z: IntState, s: int) -> bool:
    """Let an order that this close has decided not leave, False where it counts as done: it is at market."""
    if z[s + KIND] == MARKET:
        z[WHY_WORD] = 1
        return False
    take_back(f, z, s)
    z[WITHDRAWN] = s
    return True


def cancel(f: State, z: IntState, a: int) -> int:
    has_ended = end_rearms(z, a)
    found = working(z, z[a + ON_REF])
    if found < 0:
        # One of several that the card names together: those that work are meant.
        return N_NONE if has_ended or z[a + ON_GROUP] != 0 else N_UNKNOWN_REF
    cancel_one(f, z, found, z[a + ON_REASON])
    return N_NONE


def cancel_all(f: State, z: IntState, a: int) -> None:
    end_rearms(z, a)
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] > EXIT or z[s + GONE] == 1:
            continue
        if z[a + ON_GROUP] != 0 and z[s + GROUP] != z[a + ON_GROUP]:
            continue
        if z[a + ON_ONLY] != 0 and z[s + WAY] != z[a + ON_ONLY]:
            continue
        cancel_one(f, z, s, z[a + ON_REASON])
