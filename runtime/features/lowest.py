"""The lowest value of the last bars, this one included."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_min
from runtime.kernel import Column, Kernel


def lowest(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """The lowest of the last `length` values."""
    for i in range(start, stop):
        out[i] = window_min(source, length, i)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("lowest", lowest, _state_size)
