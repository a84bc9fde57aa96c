"""Cancels that a close decides: one order by its ref, several by group or side.

The law: as `runtime/decide/cancel.py` has it; what is cancelled counts as gone for the rest of the close.
"""

from __future__ import annotations

from runtime.batch.layout import (
    CANCEL_LIST,
    CANCELS,
    EXIT,
    GOING_WHY,
    GONE,
    GROUP,
    N_NONE,
    N_UNKNOWN_REF,
    NUMBER,
    ON_GROUP,
    ON_ONLY,
    ON_REASON,
    ON_REF,
    REF,
    ROLE,
    WAY,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.rearming import end_rearms
from runtime.batch.room import release
from runtime.kernel import IntState, State


def cancel_one(f: State, z: IntState, s: int, why: int) -> None:
    """Cancel a working order: its word is on its way, its room is free."""
    release(f, z, s)
    z[s + GOING_WHY] = why
    z[CANCEL_LIST + z[CANCELS]] = z[s + NUMBER]
    z[CANCELS] += 1


def cancel(f: State, z: IntState, a: int) -> int:
    has_ended = end_rearms(z, a)
    found = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT and z[s + REF] == z[a + ON_REF]:
            found = s
    if found < 0 or z[found + GONE] == 1:
        return N_NONE if has_ended else N_UNKNOWN_REF
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
