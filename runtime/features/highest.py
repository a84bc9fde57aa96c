"""The highest value of the last bars, this one included."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_max
from runtime.kernel import Column, Kernel


def highest(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """The highest of the last `length` values."""
    for i in range(start, stop):
        out[i] = window_max(source, length, i)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("highest", highest, _state_size)
