"""Standard deviation of the last values (population)."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import spread_size, spread_step
from runtime.kernel import Column, Kernel, State


def stdev(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """sqrt(mean of squared deviations from the mean)."""
    for i in range(start, stop):
        mean = spread_step(source[i], length, state, 0, i)
        if mean == mean:
            out[i] = sqrt(state[3] / length)


def _state_size(params: Params) -> int:
    return spread_size(whole(params, "length"))


KERNEL = Kernel("stdev", stdev, _state_size)
