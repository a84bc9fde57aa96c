"""The highest value of the last bars, this one included."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step
from runtime.kernel import Column, Kernel, State


def highest(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """The largest of the last `length` values."""
    for i in range(start, stop):
        out[i] = max_step(source[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return extreme_size(whole(params, "length"))


KERNEL = Kernel("highest", highest, _state_size)
