"""Swing highs and lows: strict pivots, visible `right` bars after they happened."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel


def is_high(high: Column, left: int, right: int, at: int) -> bool:
    """Return whether the high of row `at` is strictly above all others of its window."""
    peak = high[at]
    return all(not (j != at and high[j] >= peak) for j in range(at - left, at + right + 1))


def is_low(low: Column, left: int, right: int, at: int) -> bool:
    """Return whether the low of row `at` is strictly below all others of its window."""
    bottom = low[at]
    return all(not (j != at and low[j] <= bottom) for j in range(at - left, at + right + 1))


def swing(
    high: Column, low: Column, left: int, right: int, high_level: Column, low_level: Column,
    high_idx: Column, low_idx: Column, version: Column, last_type: Column, pair_high: Column,
    pair_low: Column, pair_direction: Column, pair_version: Column, high_version: Column,
    low_version: Column, state: Column, start: int, stop: int,
) -> None:  # fmt: skip
    """state: 0 high, 1 low, 2 high row, 3 low row, 4 version, 5 last type, 6-9 pair, 10-11 counts."""
    for i in range(start, stop):
        at = i - right
        if at >= left:
            if is_high(high, left, right, at):
                state[0] = high[at]
                state[2] = at
                state[4] += 1.0
                state[10] += 1.0
                if state[5] == 2.0:
                    state[6] = state[0]
                    state[7] = state[1]
                    state[8] = 1.0
                    state[9] += 1.0
                state[5] = 1.0
            if is_low(low, left, right, at):
                state[1] = low[at]
                state[3] = at
                state[4] += 1.0
                state[11] += 1.0
                if state[5] == 1.0:
                    state[6] = state[0]
                    state[7] = state[1]
                    state[8] = -1.0
                    state[9] += 1.0
                state[5] = 2.0
        has_high = state[10] > 0.0
        has_low = state[11] > 0.0
        high_level[i] = state[0] if has_high else nan
        low_level[i] = state[1] if has_low else nan
        high_idx[i] = state[2] if has_high else -1.0
        low_idx[i] = state[3] if has_low else -1.0
        version[i] = state[4]
        last_type[i] = state[5]
        has_pair = state[9] > 0.0
        pair_high[i] = state[6] if has_pair else nan
        pair_low[i] = state[7] if has_pair else nan
        pair_direction[i] = state[8]
        pair_version[i] = state[9]
        high_version[i] = state[10]
        low_version[i] = state[11]


def _state_size(_params: Params) -> int:
    return 12


KERNEL = Kernel("swing", swing, _state_size)
