"""Slope of the least-squares line through the last values."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import slope_step, weighted_size
from runtime.kernel import Column, Kernel, State


def slope(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """Change of the line per bar."""
    for i in range(start, stop):
        out[i] = slope_step(source[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return weighted_size(whole(params, "length"))


KERNEL = Kernel("slope", slope, _state_size)
