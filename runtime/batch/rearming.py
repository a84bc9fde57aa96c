"""Entries that come again, in numbers: what an order knows of it, and the cancels that end it.

The law: as `runtime/decide/rearm.py` has it: an exit's order carries how its entry comes again.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.asking import is_again, is_closed_again, is_over
from runtime.batch.layout import (
    ACTION,
    ACTION_WIDTH,
    ACTIONS_AT,
    ASKED_BY,
    BORN,
    E_BORN,
    E_IS_DONE,
    E_LEFT,
    E_REARM,
    E_REARM_LIMIT,
    E_REARM_TRIGGER,
    E_ROLE,
    ENDS_NOW,
    ENTRY,
    EXIT,
    FIRED,
    FIRED_BY,
    FIRED_LIST,
    IS_NO_REARM,
    IS_WITHOUT_END,
    KIND,
    LIMIT,
    NO_MORE,
    ON_GROUP,
    ON_LEAVES,
    ON_ONLY,
    ON_REARM,
    ON_REF,
    ON_SIDE,
    ON_VERB,
    REARM,
    REARM_LEFT,
    REARM_LIMIT,
    REARM_TRIGGER,
    ROLE,
    TRIGGER,
    V_CANCEL,
    WAY,
    WITHOUT_END,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def first_price(f: State, z: IntState, s: int, which: int, price: float) -> float:
    """Return the price of an order: its first one, where it comes again and had one."""
    if is_again(z, z[s + ACTION]):
        first = f[z[ASKED_BY] + which]
        return price if isnan(first) else first
    return price


def remember_rearm(f: State, z: IntState, columns: Numbers, s: int, a: int) -> None:
    """Note how the entry comes again of an order that is decided: its own, or that of an exit's order."""
    e = z[ASKED_BY]
    again = is_again(z, z[s + ACTION])
    if again or (e >= 0 and z[a + ON_LEAVES] == 1 and _carries(z, e)):
        z[s + REARM] = z[e + E_REARM]
        z[s + REARM_LEFT] = z[e + E_LEFT]
        if again and z[e + E_LEFT] > 0:
            z[s + REARM_LEFT] -= 1
        f[s + REARM_LIMIT] = f[e + E_REARM_LIMIT]
        f[s + REARM_TRIGGER] = f[e + E_REARM_TRIGGER]
    elif z[a + ON_REARM] != IS_NO_REARM:
        z[s + REARM] = z[s + ACTION] + 1
        z[s + REARM_LEFT] = WITHOUT_END
        if z[a + ON_REARM] != IS_WITHOUT_END:
            z[s + REARM_LEFT] = int(value(f, z, columns, z[a + ON_REARM]))
        f[s + REARM_LIMIT] = f[s + LIMIT]
        f[s + REARM_TRIGGER] = f[s + TRIGGER]


def take_over_rearm(f: State, z: IntState, s: int, before: int) -> None:
    """Let an exit that takes the place of one of the same close know how the entry comes again."""
    if z[before + REARM] == 0 or z[s + REARM] != 0 or z[before + ROLE] != EXIT:
        return
    if z[s + ROLE] != EXIT or z[before + WAY] != z[s + WAY] or z[before + KIND] != z[s + KIND]:
        return
    z[s + REARM] = z[before + REARM]
    z[s + REARM_LEFT] = z[before + REARM_LEFT]
    f[s + REARM_LIMIT] = f[before + REARM_LIMIT]
    f[s + REARM_TRIGGER] = f[before + REARM_TRIGGER]


def _carries(z: IntState, e: int) -> bool:
    """Return whether the exits that an entry asks for know how it comes again."""
    if z[e + E_ROLE] != ENTRY or z[e + E_REARM] == 0 or z[e + E_IS_DONE] == 0:
        return False
    return not is_over(z, z[e + E_BORN])


def end_rearms(z: IntState, a: int) -> bool:
    """Let the entries that a cancel names not come again; return whether there were such."""
    found = False
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] != EXIT or z[s + REARM] == 0 or z[s + REARM_LEFT] == NO_MORE:
            continue
        if is_over(z, z[s + BORN]) or not _is_named(z, a, z[s + REARM] - 1):
            continue
        z[s + REARM_LEFT] = ENDS_NOW  # another cancel of this close may name it, too
        found = True
    for k in range(z[FIRED]):
        e = z[FIRED_BY + k]
        if e < 0 or z[FIRED_LIST + k] < 0:
            continue
        if z[e + E_ROLE] == EXIT:
            if z[FIRED_LIST + k] == z[e + E_REARM] - 1 and _is_named(z, a, z[FIRED_LIST + k]):
                z[FIRED_LIST + k] = -1
                found = True
        elif _is_left_by(z, e, z[FIRED_LIST + k]) and _is_named(z, a, z[e + E_REARM] - 1):
            z[e + E_REARM] = 0  # its exit is placed at this close, and knows of nothing
            found = True
    return found


def _is_left_by(z: IntState, e: int, action: int) -> bool:
    """Return whether an action is the exit of an entry that comes again, asked for at this close."""
    a = z[ACTIONS_AT] + action * ACTION_WIDTH
    return z[a + ON_LEAVES] == 1 and _carries(z, e) and not is_closed_again(z, e)


def _is_named(z: IntState, a: int, action: int) -> bool:
    """Return whether a cancel names the orders of an entry: by ref, or by group and side where it says one."""
    entry = z[ACTIONS_AT] + action * ACTION_WIDTH
    if z[a + ON_VERB] == V_CANCEL:
        return z[entry + ON_REF] == z[a + ON_REF]
    if z[a + ON_GROUP] != 0 and z[entry + ON_GROUP] != z[a + ON_GROUP]:
        return False
    return z[a + ON_ONLY] == 0 or z[entry + ON_SIDE] == z[a + ON_ONLY]
