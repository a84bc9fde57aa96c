"""What orders ask for that have ended filled: the `on_fill` of their actions, and of an exit that its entry
comes again.

The law: as `runtime/engine.py` has it: orders in the order in which they were placed, before the cases of the
card; an entry whose lots are closed again asks for nothing, and that is said.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.entries import entry_after
from runtime.batch.layers import layer_of
from runtime.batch.layout import (
    ACTION,
    ACTION_WIDTH,
    ACTIONS_AT,
    ASKED_BY,
    BAIL,
    BORN,
    BY_PARTIAL,
    BY_TTL,
    E_ACTION,
    E_BORN,
    E_FILL_PRICE,
    E_FIRST_PRICE,
    E_IS_DONE,
    E_LEFT,
    E_LOTS,
    E_NUMBER,
    E_REARM,
    E_REARM_LIMIT,
    E_REARM_TRIGGER,
    E_ROLE,
    ENDED,
    ENDED_LIST,
    ENDED_WIDTH,
    ENTRY,
    EXIT,
    FILL_PRICE,
    FILLED,
    FILLED_LOTS,
    FIRED,
    FIRED_BY,
    FIRED_LIST,
    FIRST_PRICE,
    LEAVING,
    LOTS,
    MOST_FIRED,
    MOST_ORDERS,
    N_CLOSED_AGAIN,
    NUMBER,
    ON_FILL,
    ON_FILL_COUNT,
    ON_REF,
    ON_VERB,
    OPENED,
    PLACED_AT,
    REARM,
    REARM_LEFT,
    REARM_LIMIT,
    REARM_TRIGGER,
    REARMS_ENDED,
    ROLE,
    STOPPED,
    TOO_MANY_FIRED,
    TOO_MANY_ORDERS,
    V_AMEND,
    V_CANCEL,
    VALUE,
    WITHOUT_END,
)  # fmt: skip
from runtime.batch.notes import note
from runtime.kernel import IntState, State


def note_end(f: State, z: IntState, s: int) -> None:
    """Note an order that ends, where its fills ask for more."""
    if z[s + ACTION] < 0 or z[s + FILLED] == 0:
        return
    leaves = z[s + ROLE] == EXIT and z[s + REARM] != 0
    if not leaves and z[z[ACTIONS_AT] + z[s + ACTION] * ACTION_WIDTH + ON_FILL_COUNT] == 0:
        return
    if z[ENDED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[ENDED] -= 1
    e = ENDED_LIST + z[ENDED] * ENDED_WIDTH
    z[e + E_NUMBER] = z[s + NUMBER]
    z[e + E_ACTION] = z[s + ACTION]
    z[e + E_ROLE] = z[s + ROLE]
    z[e + E_LOTS] = z[s + OPENED] if z[s + OPENED] > 0 else z[s + FILLED]
    z[e + E_REARM] = z[s + REARM]
    z[e + E_LEFT] = z[s + REARM_LEFT]
    z[e + E_BORN] = z[s + BORN]
    z[e + E_IS_DONE] = 1 if z[s + FILLED] >= z[s + LOTS] and not _is_named(z, s) else 0
    f[e + E_FIRST_PRICE] = f[s + FIRST_PRICE]
    f[e + E_FILL_PRICE] = f[s + VALUE] / z[s + FILLED]
    f[e + E_REARM_LIMIT] = f[s + REARM_LIMIT]
    f[e + E_REARM_TRIGGER] = f[s + REARM_TRIGGER]
    z[ENDED] += 1


def _is_named(z: IntState, s: int) -> bool:
    """Return whether something else than its time was to end an entry that filled whole nevertheless."""
    why = z[s + LEAVING]
    return z[s + ROLE] == ENTRY and why != 0 and why != BY_TTL and why != BY_PARTIAL


def is_closed_again(z: IntState, e: int) -> bool:
    """Return whether what an order opened is closed already."""
    return z[e + E_ROLE] == ENTRY and layer_of(z, z[e + E_NUMBER]) < 0


def ask(z: IntState) -> int:
    """Note the actions that orders of this close ask for, in the order of their placement; return how many."""
    count = 0
    last = 0
    for _ in range(z[ENDED]):
        e = entry_after(z, ENDED_LIST, ENDED_WIDTH, z[ENDED], E_NUMBER, last)
        last = z[e + E_NUMBER]
        a = z[ACTIONS_AT] + z[e + E_ACTION] * ACTION_WIDTH
        for i in range(z[a + ON_FILL_COUNT]):
            count = _note_asked(z, count, z[a + ON_FILL] + i, e)
        if comes_again(z, e):
            count = _note_asked(z, count, z[e + E_REARM] - 1, e)
    return count


def _note_asked(z: IntState, count: int, action: int, e: int) -> int:
    at = count
    if at >= MOST_FIRED:
        z[BAIL] = TOO_MANY_FIRED
        at -= 1
    z[FIRED_LIST + at] = action
    z[FIRED_BY + at] = e
    return at + 1


def refuse_closed(f: State, z: IntState, lf: State, lz: IntState, now: int) -> None:
    """Refuse what is asked for lots that are closed again."""
    for k in range(z[FIRED]):
        e = z[FIRED_BY + k]
        if e >= 0 and is_closed_again(z, e):
            note(f, z, lf, lz, N_CLOSED_AGAIN, now, z[FIRED_LIST + k], 0)
            z[FIRED_LIST + k] = -1


def know_fill(f: State, z: IntState, k: int) -> None:
    """Let an action know of the fill that asks for it: the prices of its order, and its lots."""
    e = z[FIRED_BY + k]
    z[ASKED_BY] = e
    z[FILLED_LOTS] = z[e + E_LOTS] if e >= 0 else 0
    f[FILL_PRICE] = f[e + E_FILL_PRICE] if e >= 0 else nan
    f[PLACED_AT] = nan
    if is_again(z, z[FIRED_LIST + k]):
        trigger = f[e + E_REARM_TRIGGER]
        f[PLACED_AT] = f[e + E_REARM_LIMIT] if isnan(trigger) else trigger
    elif e >= 0:
        f[PLACED_AT] = f[e + E_FIRST_PRICE]


def is_due(z: IntState, ref: int) -> bool:
    """Return whether an `on_fill` of this close places an order of a ref."""
    for k in range(z[ENDED]):
        e = ENDED_LIST + k * ENDED_WIDTH
        if is_closed_again(z, e):
            continue
        a = z[ACTIONS_AT] + z[e + E_ACTION] * ACTION_WIDTH
        for i in range(z[a + ON_FILL_COUNT]):
            child = z[ACTIONS_AT] + (z[a + ON_FILL] + i) * ACTION_WIDTH
            names = z[child + ON_VERB] == V_CANCEL or z[child + ON_VERB] == V_AMEND
            if not names and z[child + ON_REF] == ref:
                return True
        if comes_again(z, e):
            entry = z[ACTIONS_AT] + (z[e + E_REARM] - 1) * ACTION_WIDTH
            if z[entry + ON_REF] == ref:
                return True
    return False


# ---------------------------------------------------------------- entries that come again


def is_over(z: IntState, born: int) -> bool:
    """Return whether of orders decided at a bar's close no entry comes again."""
    return born <= z[STOPPED] or born <= z[REARMS_ENDED]


def comes_again(z: IntState, e: int) -> bool:
    """Return whether the entry of an exit that has ended comes again at this close."""
    if z[e + E_ROLE] != EXIT or z[e + E_REARM] == 0 or z[e + E_IS_DONE] == 0:
        return False
    left = z[e + E_LEFT]
    return left != 0 and left >= WITHOUT_END and not is_over(z, z[e + E_BORN])


def is_again(z: IntState, action: int) -> bool:
    """Return whether what is decided is the entry of the exit that asks; an exit asks for no other entry above it."""
    e = z[ASKED_BY]
    return e >= 0 and z[e + E_ROLE] == EXIT and action == z[e + E_REARM] - 1
