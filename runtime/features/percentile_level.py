"""The value that a share of the last values lies below."""

from __future__ import annotations

from math import floor

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.sorted_window import sorted_size, sorted_step
from runtime.kernel import Column, Kernel, State


def percentile_level(
    source: Column, length: int, percent: float, out: Column, state: State, start: int, stop: int
) -> None:
    """Between the two nearest in order of size, by how near each is (Hyndman and Fan 1996, definition 7)."""
    place = (length - 1) * percent / 100.0
    below = floor(place)
    part = place - below
    above = min(below + 1, length - 1)
    for i in range(start, stop):
        if sorted_step(source, length, state, i):
            lower = state[1 + below]
            upper = state[1 + above]
            # Never beyond the upper one by a rounding.
            out[i] = min(upper, lower + (upper - lower) * part)


def _state_size(params: Params) -> int:
    return sorted_size(whole(params, "length"))


KERNEL = Kernel("percentile_level", percentile_level, _state_size)
