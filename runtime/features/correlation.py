"""Correlation of two sources (Pearson)."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import pair_size, pair_step
from runtime.kernel import Column, Kernel, State


def correlation(
    source: Column, other: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """Passes over bars on which either is unknown. state: 0 pairs seen, from 1 the window."""
    for i in range(start, stop):
        x = source[i]
        y = other[i]
        if x != x or y != y:
            continue
        seen = int(state[0])
        state[0] += 1.0
        if not pair_step(x, y, length, state, 1, seen):
            continue
        spread = sqrt(state[8]) * sqrt(state[9])
        if spread > 0.0:
            value = state[10] / spread
            if value == value:
                out[i] = max(-1.0, min(1.0, value))


def _state_size(params: Params) -> int:
    return 1 + pair_size(whole(params, "length"))


KERNEL = Kernel("correlation", correlation, _state_size)
