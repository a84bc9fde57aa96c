"""Volume-weighted moving average."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import by_weight_size, by_weight_step
from runtime.kernel import Column, Kernel, State


def vwma(
    source: Column, volume: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """sum(x * volume) / sum(volume) of the last `length` bars; unknown when nothing was traded."""
    for i in range(start, stop):
        out[i] = by_weight_step(source[i], volume[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return by_weight_size(whole(params, "length"))


KERNEL = Kernel("vwma", vwma, _state_size)
