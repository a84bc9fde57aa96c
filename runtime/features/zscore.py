"""How many deviations the value is from its mean."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import spread_size, spread_step
from runtime.kernel import Column, Kernel, State


def zscore(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """(x - mean) / population deviation; unknown when nothing deviates."""
    for i in range(start, stop):
        mean = spread_step(source[i], length, state, 0, i)
        if mean == mean and state[3] > 0.0:
            out[i] = (source[i] - mean) / sqrt(state[3] / length)


def _state_size(params: Params) -> int:
    return spread_size(whole(params, "length"))


KERNEL = Kernel("zscore", zscore, _state_size)
