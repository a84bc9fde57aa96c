"""Trend of swing pivots: higher highs and higher lows, or lower ones."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def trend(
    high_level: Column, low_level: Column, high_version: Column, low_version: Column,
    direction: Column, strength: Column, bars_in_trend: Column, version: Column, last_hh: Column,
    last_hl: Column, last_lh: Column, last_ll: Column, state: State, start: int, stop: int,
) -> None:  # fmt: skip
    """state: 0 high count, 1 low count, 2 last high, 3 last low, 4 high move, 5 low move,
    6 direction, 7 strength, 8 bars, 9 version. Moves: 1 rose, -1 fell, 0 not known or equal.
    """
    for i in range(start, stop):
        changed = False
        if high_version[i] == high_version[i] and high_version[i] > state[0]:
            if state[0] > 0.0:
                state[4] = 0.0
                if high_level[i] > state[2]:
                    state[4] = 1.0
                elif high_level[i] < state[2]:
                    state[4] = -1.0
            state[0] = high_version[i]
            state[2] = high_level[i]
            changed = True
        if low_version[i] == low_version[i] and low_version[i] > state[1]:
            if state[1] > 0.0:
                state[5] = 0.0
                if low_level[i] > state[3]:
                    state[5] = 1.0
                elif low_level[i] < state[3]:
                    state[5] = -1.0
            state[1] = low_version[i]
            state[3] = low_level[i]
            changed = True
        heading = 0.0
        if state[4] > 0.0 and state[5] > 0.0:
            heading = 1.0
        elif state[4] < 0.0 and state[5] < 0.0:
            heading = -1.0
        if heading != state[6]:
            state[6] = heading
            state[7] = 1.0 if heading != 0.0 else 0.0
            state[8] = 0.0
            state[9] += 1.0
        else:
            if changed and heading != 0.0 and state[7] < 2.0:
                state[7] += 1.0
            if i > 0:
                state[8] += 1.0
        direction[i] = state[6]
        strength[i] = state[7]
        bars_in_trend[i] = state[8]
        version[i] = state[9]
        last_hh[i] = 1.0 if state[4] > 0.0 else 0.0
        last_lh[i] = 1.0 if state[4] < 0.0 else 0.0
        last_hl[i] = 1.0 if state[5] > 0.0 else 0.0
        last_ll[i] = 1.0 if state[5] < 0.0 else 0.0


def _state_size(_params: Params) -> int:
    return 10


KERNEL = Kernel("trend", trend, _state_size)
