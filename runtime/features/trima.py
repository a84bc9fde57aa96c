"""Triangular moving average: a mean of means."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def trima(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """Weights rise to the middle of the window and fall again."""
    first = length // 2 + 1
    second = length - first + 1
    for i in range(start, stop):
        mean = mean_step(source[i], first, state, 0, i)
        if mean == mean:
            out[i] = mean_step(mean, second, state, 3 + first, i - first + 1)


def _state_size(params: Params) -> int:
    first = whole(params, "length") // 2 + 1
    return mean_size(first) + mean_size(whole(params, "length") - first + 1)


KERNEL = Kernel("trima", trima, _state_size)
