"""What orders ask for that have ended filled: the `on_fill` of their actions, decided at that close.

The law: as `runtime/engine.py` has it: orders in the order in which they were placed, before the cases of the
card; an entry whose lots are closed again asks for nothing, and that is said.
"""

from __future__ import annotations

from math import nan

from runtime.batch.layers import layer_of
from runtime.batch.layout import (
    ACTION,
    ACTION_WIDTH,
    ACTIONS_AT,
    BAIL,
    E_ACTION,
    E_LOTS,
    E_NUMBER,
    E_ROLE,
    ENDED,
    ENDED_LIST,
    ENDED_WIDTH,
    ENTRY,
    FILLED,
    FILLED_LOTS,
    FIRED,
    FIRED_BY,
    FIRED_LIST,
    FIRST_PRICE,
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
    ROLE,
    TOO_MANY_FIRED,
    TOO_MANY_ORDERS,
    V_CANCEL,
)  # fmt: skip
from runtime.batch.notes import note
from runtime.kernel import IntState, State


def note_end(f: State, z: IntState, s: int) -> None:
    """Note an order that ends, where its fills ask for more."""
    if z[s + ACTION] < 0 or z[s + FILLED] == 0:
        return
    if z[z[ACTIONS_AT] + z[s + ACTION] * ACTION_WIDTH + ON_FILL_COUNT] == 0:
        return
    if z[ENDED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[ENDED] -= 1
    e = ENDED_LIST + z[ENDED] * ENDED_WIDTH
    z[e + E_NUMBER] = z[s + NUMBER]
    z[e + E_ACTION] = z[s + ACTION]
    z[e + E_ROLE] = z[s + ROLE]
    z[e + E_LOTS] = z[s + OPENED] if z[s + OPENED] > 0 else z[s + FILLED]
    f[e] = f[s + FIRST_PRICE]
    z[ENDED] += 1


def is_closed_again(z: IntState, e: int) -> bool:
    """Return whether what an order opened is closed already."""
    return z[e + E_ROLE] == ENTRY and layer_of(z, z[e + E_NUMBER]) < 0


def ask(z: IntState) -> int:
    """Note the actions that orders of this close ask for, in the order of their placement; return how many."""
    count = 0
    last = 0
    for _ in range(z[ENDED]):
        e = _next(z, last)
        last = z[e + E_NUMBER]
        a = z[ACTIONS_AT] + z[e + E_ACTION] * ACTION_WIDTH
        for i in range(z[a + ON_FILL_COUNT]):
            if count >= MOST_FIRED:
                z[BAIL] = TOO_MANY_FIRED
                count -= 1
            z[FIRED_LIST + count] = z[a + ON_FILL] + i
            z[FIRED_BY + count] = e
            count += 1
    return count


def _next(z: IntState, number: int) -> int:
    """Return the order of the smallest number beyond one."""
    found = -1
    for k in range(z[ENDED]):
        e = ENDED_LIST + k * ENDED_WIDTH
        if z[e + E_NUMBER] > number and (found < 0 or z[e + E_NUMBER] < z[found + E_NUMBER]):
            found = e
    return found


def refuse_closed(f: State, z: IntState, lf: State, lz: IntState, now: int) -> None:
    """Refuse what is asked for lots that are closed again."""
    for k in range(z[FIRED]):
        e = z[FIRED_BY + k]
        if e >= 0 and is_closed_again(z, e):
            note(f, z, lf, lz, N_CLOSED_AGAIN, now, z[FIRED_LIST + k], 0)
            z[FIRED_LIST + k] = -1


def know_fill(f: State, z: IntState, k: int) -> None:
    """Let an action know of the fill that asks for it: the price of its order, and its lots."""
    e = z[FIRED_BY + k]
    f[PLACED_AT] = f[e] if e >= 0 else nan
    z[FILLED_LOTS] = z[e + E_LOTS] if e >= 0 else 0


def is_due(z: IntState, ref: int) -> bool:
    """Return whether an `on_fill` of this close places an order of a ref."""
    for k in range(z[ENDED]):
        e = ENDED_LIST + k * ENDED_WIDTH
        if is_closed_again(z, e):
            continue
        a = z[ACTIONS_AT] + z[e + E_ACTION] * ACTION_WIDTH
        for i in range(z[a + ON_FILL_COUNT]):
            child = z[ACTIONS_AT] + (z[a + ON_FILL] + i) * ACTION_WIDTH
            if z[child + ON_VERB] != V_CANCEL and z[child + ON_REF] == ref:
                return True
    return False
