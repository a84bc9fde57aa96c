"""The lowest value of the last bars, this one included."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, min_step
from runtime.kernel import Column, Kernel, State


def lowest(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """The smallest of the last `length` values."""
    for i in range(start, stop):
        out[i] = min_step(source[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return extreme_size(whole(params, "length"))


KERNEL = Kernel("lowest", lowest, _state_size)
