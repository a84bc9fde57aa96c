"""Simple moving average of the volume."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def volume_sma(
    volume: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """Mean volume of the last `length` bars."""
    for i in range(start, stop):
        out[i] = mean_step(volume[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return mean_size(whole(params, "length"))


KERNEL = Kernel("volume_sma", volume_sma, _state_size)
