"""What is remarked where layers have stops and targets of their own, in numbers.

The law: as `runtime/records/remarks.py` has it: an exit that takes some layers of several says which, and a level
that moves says whose it is. A note of either kind is followed by one for each layer that it names.
"""

from __future__ import annotations

from runtime.batch.layers import owns
from runtime.batch.layout import (
    BAIL,
    BY_LAYER,
    CHOSEN,
    EXIT,
    HELD,
    L_GIVES,
    L_LOTS,
    L_ORDER,
    L_OWNED,
    L_PART,
    L_STOP_KIND,
    L_STOP_MODEL,
    L_STOP_VALUE,
    L_TARGET_KIND,
    L_TARGET_MODEL,
    L_TARGET_VALUE,
    LAST_STOP,
    LAST_STOP_KIND,
    LAST_STOP_MODEL,
    LAST_TARGET,
    LAST_TARGET_KIND,
    LAST_TARGET_MODEL,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LIFO,
    METHOD,
    MOST_LAYERS,
    N_CHOSEN,
    N_NAMED,
    N_SOME_LAYERS,
    NO_LEVEL,
    NOTES,
    NOTES_MOST,
    NUMBER,
    ROLE,
    TOO_MANY_LAYERS,
    WHOLE,
    WHY_A,
    WHY_WORD,
)  # fmt: skip
from runtime.batch.notes import note
from runtime.kernel import IntState, State


def _has_room(z: IntState) -> bool:
    """Return whether the notes of one remark fit; a run in which they do not is given up."""
    if z[NOTES] + 4 * MOST_LAYERS < z[NOTES_MOST]:
        return True
    z[BAIL] = TOO_MANY_LAYERS
    return False


# ---------------------------------------------------------------- exits


def note_choice(f: State, z: IntState, lf: State, lz: IntState, s: int, lots: int, ts: int) -> None:
    """Note which layers an exit takes, once for each, where that decides whose own stop or target stays.

    Asked when it is known what every layer gives, and before it is taken.
    """
    if z[BY_LAYER] == 0 or z[s + ROLE] != EXIT or z[s + CHOSEN] == 1:
        return
    if lots == z[HELD] or z[LAYERS_HELD] < 2 or not _is_one_owned(z) or not _has_room(z):
        return
    z[s + CHOSEN] = 1
    count = z[LAYERS_HELD]
    taken = 0
    for k in range(count):
        if z[LAYERS + k * LAYER_WIDTH + L_GIVES] > 0:
            taken += 1
    z[WHY_WORD] = z[s + METHOD]
    note(f, z, lf, lz, N_CHOSEN, ts, z[s + NUMBER], taken)
    for k in range(count):
        y = LAYERS + (count - 1 - k if z[s + METHOD] == LIFO else k) * LAYER_WIDTH
        if z[y + L_GIVES] > 0:
            note(f, z, lf, lz, N_NAMED, ts, z[y + L_ORDER], z[y + L_PART])
    for k in range(count):
        y = LAYERS + k * LAYER_WIDTH
        if z[y + L_LOTS] > z[y + L_GIVES]:
            note(f, z, lf, lz, N_NAMED, ts, z[y + L_ORDER], z[y + L_PART])


def _is_one_owned(z: IntState) -> bool:
    """Return whether a layer has had a stop, target or trail of its own."""
    for k in range(z[LAYERS_HELD]):
        if z[LAYERS + k * LAYER_WIDTH + L_OWNED] == 1:
            return True
    return False


# ---------------------------------------------------------------- levels


def remember_levels(f: State, z: IntState) -> None:
    """Note the levels of the position as they were told last."""
    z[LAST_STOP_KIND] = z[WHOLE + L_STOP_KIND]
    z[LAST_STOP_MODEL] = z[WHOLE + L_STOP_MODEL]
    f[LAST_STOP] = f[WHOLE + L_STOP_VALUE]
    z[LAST_TARGET_KIND] = z[WHOLE + L_TARGET_KIND]
    z[LAST_TARGET_MODEL] = z[WHOLE + L_TARGET_MODEL]
    f[LAST_TARGET] = f[WHOLE + L_TARGET_VALUE]


def note_moved(f: State, z: IntState, lf: State, lz: IntState, ts: int) -> None:
    """Note the stop or target of the position that the card has moved, where some layers have their own."""
    if z[BY_LAYER] == 0:
        return
    kind = z[WHOLE + L_STOP_KIND]
    is_same = kind == z[LAST_STOP_KIND] and f[WHOLE + L_STOP_VALUE] == f[LAST_STOP]
    if kind != NO_LEVEL and not (is_same and z[WHOLE + L_STOP_MODEL] == z[LAST_STOP_MODEL]):
        _note_some(f, z, lf, lz, f[WHOLE + L_STOP_VALUE], True, ts)
    kind = z[WHOLE + L_TARGET_KIND]
    is_same = kind == z[LAST_TARGET_KIND] and f[WHOLE + L_TARGET_VALUE] == f[LAST_TARGET]
    if kind != NO_LEVEL and not (is_same and z[WHOLE + L_TARGET_MODEL] == z[LAST_TARGET_MODEL]):
        _note_some(f, z, lf, lz, f[WHOLE + L_TARGET_VALUE], False, ts)
    remember_levels(f, z)


def _note_some(
    f: State, z: IntState, lf: State, lz: IntState, level: float, is_stop: bool, ts: int
) -> None:
    """Note a level for the layers without one of their own, unless those are all or none."""
    shared = 0
    for k in range(z[LAYERS_HELD]):
        if not owns(z, LAYERS + k * LAYER_WIDTH, is_stop):
            shared += 1
    if shared == 0 or shared == z[LAYERS_HELD] or not _has_room(z):
        return
    f[WHY_A] = level
    z[WHY_WORD] = 1 if is_stop else 0
    note(f, z, lf, lz, N_SOME_LAYERS, ts, 0, shared)
    for k in range(z[LAYERS_HELD]):
        y = LAYERS + k * LAYER_WIDTH
        if not owns(z, y, is_stop):
            note(f, z, lf, lz, N_NAMED, ts, z[y + L_ORDER], z[y + L_PART])
