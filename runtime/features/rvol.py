"""Relative volume: how much is traded, in means of the bars before."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def rvol(volume: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """volume / mean volume of the `length` bars before; unknown when nothing was traded in them."""
    for i in range(start, stop):
        if i == 0:
            continue
        usual = mean_step(volume[i - 1], length, state, 0, i - 1)
        if usual > 0.0:
            out[i] = volume[i] / usual


def _state_size(params: Params) -> int:
    return mean_size(whole(params, "length"))


KERNEL = Kernel("rvol", rvol, _state_size)
