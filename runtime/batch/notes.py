"""What a run writes down that is no order, fill, layer or trade: refusals, cuts and remarks, in numbers."""

from __future__ import annotations

from runtime.batch.layout import (
    BAR,
    NOTE_FLOATS,
    NOTE_INTS,
    NOTES,
    NOTES_F,
    NOTES_ROW,
    WHY_A,
    WHY_B,
    WHY_C,
    WHY_WORD,
)  # fmt: skip
from runtime.kernel import IntState, State


def note(
    f: State, z: IntState, lf: State, lz: IntState, kind: int, ts: int, subject: int, more: int
) -> None:
    """Write one note: what, when, about which action or order; its numbers stand in `WHY_…`."""
    row = z[NOTES_ROW] + z[NOTES] * NOTE_INTS
    lz[row] = kind
    lz[row + 1] = z[BAR]
    lz[row + 2] = ts
    lz[row + 3] = subject
    lz[row + 4] = more
    lz[row + 5] = z[WHY_WORD]
    lz[row + 6] = 0
    lz[row + 7] = 0
    row = z[NOTES_F] + z[NOTES] * NOTE_FLOATS
    lf[row] = f[WHY_A]
    lf[row + 1] = f[WHY_B]
    lf[row + 2] = f[WHY_C]
    z[NOTES] += 1


def last_note(z: IntState) -> int:
    """Return where the whole numbers of the last note stand."""
    return z[NOTES_ROW] + (z[NOTES] - 1) * NOTE_INTS
