"""On-balance volume (Granville 1963)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def obv(source: Column, volume: Column, out: Column, state: State, start: int, stop: int) -> None:
    """Volume added on rising closes, taken off on falling ones; starts with the first volume."""
    for i in range(start, stop):
        if i == 0:
            out[i] = volume[i]
        elif source[i] > source[i - 1]:
            out[i] = out[i - 1] + volume[i]
        elif source[i] < source[i - 1]:
            out[i] = out[i - 1] - volume[i]
        else:
            out[i] = out[i - 1]


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("obv", obv, _state_size)
