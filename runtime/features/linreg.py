"""End of the least-squares line through the last values."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import slope_step, weighted_size
from runtime.kernel import Column, Kernel, State


def linreg(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """Height of the line at the newest value."""
    for i in range(start, stop):
        slope = slope_step(source[i], length, state, 0, i)
        if slope == slope:
            mean = state[0] + state[3] / length
            out[i] = mean + slope * (length - 1.0) / 2.0


def _state_size(params: Params) -> int:
    return weighted_size(whole(params, "length"))


KERNEL = Kernel("linreg", linreg, _state_size)
