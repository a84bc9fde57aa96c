"""The hl2 price of each bar."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def hl2(high: Column, low: Column, out: Column, state: State, start: int, stop: int) -> None:
    """(high + low) / 2."""
    for i in range(start, stop):
        out[i] = (high[i] + low[i]) / 2.0


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("hl2", hl2, _state_size)
