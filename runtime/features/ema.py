"""Exponential moving average, seeded by the simple mean of its first values (TA-Lib)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def ema(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """ema += 2 / (length + 1) * (x - ema)."""
    for i in range(start, stop):
        out[i] = ema_step(source[i], length, state, 0)


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("ema", ema, _state_size)
