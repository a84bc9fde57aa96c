"""Middle of the last values in order of size."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.sorted_window import sorted_size, sorted_step
from runtime.kernel import Column, Kernel, State


def median(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """Of an even number the mean of the two in the middle."""
    half = length // 2
    for i in range(start, stop):
        if sorted_step(source, length, state, i):
            upper = state[1 + half]
            lower = upper if length % 2 == 1 else state[half]
            out[i] = upper if lower == upper else lower + (upper - lower) / 2.0


def _state_size(params: Params) -> int:
    return sorted_size(whole(params, "length"))


KERNEL = Kernel("median", median, _state_size)
