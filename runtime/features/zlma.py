"""Zero-lag exponential moving average (Ehlers and Way 2010)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def zlma(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """ema of x + (x - x[lag]), lag = (length - 1) / 2 rounded down."""
    lag = (length - 1) // 2
    for i in range(start, stop):
        if i >= lag:
            ahead = source[i] + (source[i] - source[i - lag])
            out[i] = ema_step(ahead, length, state, 0)


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("zlma", zlma, _state_size)
