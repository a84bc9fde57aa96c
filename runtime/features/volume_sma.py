"""Simple moving average of the volume."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_mean
from runtime.kernel import Column, Kernel


def volume_sma(
    volume: Column, length: int, out: Column, state: Column, start: int, stop: int
) -> None:
    """Mean volume of the last `length` bars."""
    for i in range(start, stop):
        out[i] = window_mean(volume, length, i)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("volume_sma", volume_sma, _state_size)
