"""How the promises of a card are broken, in numbers: by the fill of an entry, or at a close.

The law: as `runtime/records/promises.py` judges it; watching changes nothing, and a run without records does not watch.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.layers import layer_of
from runtime.batch.layout import (
    AVERAGE,
    BAR,
    BAR_MS,
    BAR_TS,
    ENTRY_BAR,
    EXIT,
    HELD,
    L_LOTS,
    L_PART,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    N_BREACH_CLOSE,
    N_BREACH_FILL,
    NUMBER,
    P_AVERAGE,
    P_CONDITION,
    P_FLAT,
    P_LAYERS,
    P_NOTIONAL,
    P_PROTECTED,
    P_WHILE,
    PR_BARRED,
    PR_BROKEN,
    PR_CLOSES,
    PR_CODE,
    PR_UNKNOWN,
    PROMISE_WIDTH,
    PROMISES,
    PROMISES_AT,
    ROLE,
    SIDE,
    WAY,
    WHOLE,
    WHY_A,
    WHY_B,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import base_of, held_notional
from runtime.batch.notes import note
from runtime.batch.protection import stop_in_force
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals
MOST_PROMISES = 60  # bits of the whole number that says which a fill broke


def judge_fill(f: State, z: IntState, lf: State, lz: IntState, s: int, price: float) -> None:
    """Note which promises the fill of an entry breaks; asked before anything is booked of it."""
    broken = 0
    bit = 1
    for k in range(z[PROMISES]):
        at = z[PROMISES_AT] + k * PROMISE_WIDTH
        is_barred = z[at] == P_WHILE and z[at + PR_BARRED] == 1
        if is_barred or (z[at] == P_AVERAGE and _averages_up(f, z, s, price)):
            broken += bit
        bit *= 2
    if broken > 0:
        f[WHY_A] = price
        f[WHY_B] = f[AVERAGE]
        note(f, z, lf, lz, N_BREACH_FILL, z[BAR_TS] + z[BAR_MS], z[s + NUMBER], broken)


def _averages_up(f: State, z: IntState, s: int, price: float) -> bool:
    """Return whether a fill begins a layer at a price that is worse than the average entry."""
    side = z[s + WAY]
    if z[HELD] == 0 or z[SIDE] != side:
        return False
    held = layer_of(z, z[s + NUMBER])
    is_new = held < 0 or z[held + L_PART] != 1
    return is_new and (price - f[AVERAGE]) * side > f[AVERAGE] * 1e-9


def judge_close(f: State, z: IntState, lf: State, lz: IntState, columns: Numbers) -> None:
    """Count what is broken at this close, note what was not at the last one; asked before anything is decided."""
    for k in range(z[PROMISES]):
        at = z[PROMISES_AT] + k * PROMISE_WIDTH
        if z[at] == P_WHILE:
            z[at + PR_BARRED] = 1 if value(f, z, columns, z[at + PR_CODE]) == 1.0 else 0
        elif z[at] != P_AVERAGE:
            amount = _falsehood(f, z, columns, at) if z[at] == P_CONDITION else _amount(f, z, z[at])
            most = f[at] * _SLACK if z[at] == P_NOTIONAL else f[at]
            if not amount > most:
                z[at + PR_BROKEN] = 0
                continue
            z[at + PR_CLOSES] += 1
            if z[at + PR_BROKEN] == 0:
                f[WHY_A] = amount
                note(f, z, lf, lz, N_BREACH_CLOSE, z[BAR_TS] + z[BAR_MS], k, 0)
            z[at + PR_BROKEN] = 1


def _falsehood(f: State, z: IntState, columns: Numbers, at: int) -> float:
    """Return 1.0 where a condition is false at this close; count where nobody knows."""
    x = value(f, z, columns, z[at + PR_CODE])
    if x != 0.0 and x != 1.0:
        z[at + PR_UNKNOWN] += 1
    return 1.0 if x == 0.0 else 0.0


def _naked(f: State, z: IntState) -> int:
    """Return the lots of the position that no stop stands under: neither its own nor their layer's."""
    if z[HELD] == 0 or not isnan(stop_in_force(f, z, WHOLE)):
        return 0
    lots = 0
    for k in range(z[LAYERS_HELD]):
        y = LAYERS + k * LAYER_WIDTH
        if isnan(stop_in_force(f, z, y)):
            lots += z[y + L_LOTS]
    return lots


def _amount(f: State, z: IntState, kind: int) -> float:
    """Return how much there is of what a promise bounds, NaN where that cannot be told."""
    if kind == P_PROTECTED:
        return base_of(f, _naked(f, z))
    if kind == P_LAYERS:
        return float(z[LAYERS_HELD])
    if kind == P_NOTIONAL:
        return held_notional(f, z)
    if kind == P_FLAT:
        return nan if z[ENTRY_BAR] < 0 else float(z[BAR] - z[ENTRY_BAR])
    own = 0
    for k in range(z[WORKING]):
        if z[z[WORK + k] + ROLE] <= EXIT:
            own += 1
    return float(own)
