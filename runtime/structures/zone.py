"""The zone at the last swing low or high, an average range wide, until a close leaves it behind."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State

# state: 0 pivots seen, 1 status (0 none, 1 active, 2 broken), 2 lower, 3 upper, 4 pivot row,
# 5 zones made, 6-8 average range
AVERAGE = 6


def make_zone(state: State, kind: int, level: float, width: float, row: float) -> None:
    """Put the zone behind the pivot: below a low, above a high."""
    state[1] = 1.0
    state[2] = level - width if kind == 0 else level
    state[3] = level if kind == 0 else level + width
    state[4] = row
    state[5] += 1.0


def zone(
    high: Column,
    low: Column,
    close: Column,
    high_level: Column,
    low_level: Column,
    high_idx: Column,
    low_idx: Column,
    high_version: Column,
    low_version: Column,
    kind: int,
    width_atr: float,
    length: int,
    status: Column,
    upper: Column,
    lower: Column,
    anchor: Column,
    version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`kind` 0 demand, 1 supply."""
    pivots = low_version if kind == 0 else high_version
    levels = low_level if kind == 0 else high_level
    rows = low_idx if kind == 0 else high_idx
    for i in range(start, stop):
        average = nan
        if i > 0:
            average = rma_step(true_range(high, low, close, i), length, state, AVERAGE)
        beyond = close[i] < state[2] if kind == 0 else close[i] > state[3]
        if state[1] == 1.0 and beyond:
            state[1] = 2.0
        if pivots[i] > state[0]:
            state[0] = pivots[i]
            if average == average:
                make_zone(state, kind, levels[i], width_atr * average, rows[i])
        known = state[1] > 0.0
        status[i] = state[1]
        upper[i] = state[3] if known else nan
        lower[i] = state[2] if known else nan
        anchor[i] = state[4] if known else -1.0
        version[i] = state[5]


def _state_size(_params: Params) -> int:
    return 9


KERNEL = Kernel("zone", zone, _state_size)
