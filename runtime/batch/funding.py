"""Funding in numbers: each funding time on its own, by who holds at that point of the way.

The law: as `runtime/backends/sim/funding.py` has it: a time in a hole of the data is paid before the next
bar jumps, by who held through the hole.
"""

from __future__ import annotations

from runtime.batch.booking import note_owed
from runtime.batch.layout import (
    BAR,
    DIRTY,
    DUE_WIDTH,
    DUES,
    FUNDED,
    FUNDING,
    FUNDING_AT,
    FUNDING_TIMES,
    FUNDINGS,
    HELD,
    SIDE,
    TRIP_FUNDING,
    TRIP_NET,
)  # fmt: skip
from runtime.batch.money import base_of
from runtime.formulas.pnl import funding
from runtime.kernel import IntState, State


def begin(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Pay the funding times of the hole before a bar; note how many its path will pass."""
    z[DUES] = 0
    while z[FUNDED] < z[FUNDING_TIMES] and z[z[FUNDING_AT] + z[FUNDED] * DUE_WIDTH] < z[BAR]:
        z[FUNDED] += 1
    while z[FUNDED] + z[DUES] < z[FUNDING_TIMES]:
        at = z[FUNDING_AT] + (z[FUNDED] + z[DUES]) * DUE_WIDTH
        if z[at] != z[BAR]:
            break
        if f[at] < 0.0:
            pay(f, z, lf, lz, at, f[at + 2])
            z[FUNDED] += 1
        else:
            z[DUES] += 1


def due(z: IntState, k: int) -> int:
    """Return where a funding time of the bar stands."""
    return z[FUNDING_AT] + (z[FUNDED] + k) * DUE_WIDTH


def pay(f: State, z: IntState, lf: State, lz: IntState, at: int, mark: float) -> None:
    """Settle one funding time with who holds now, at a mark price."""
    if z[HELD] == 0:
        return
    amount = funding(z[SIDE], base_of(f, z[HELD]), mark, f[at + 1])
    f[FUNDING] += amount
    f[TRIP_FUNDING] += amount
    f[TRIP_NET] = f[TRIP_NET] - amount
    z[FUNDINGS] += 1
    z[DIRTY] = 1
    note_owed(f, z, lf, lz, z[at + 1], 1.0)
