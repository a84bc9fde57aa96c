"""Double exponential moving average (Mulloy 1994)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def dema(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """2 * ema - ema of the ema."""
    for i in range(start, stop):
        once = ema_step(source[i], length, state, 0)
        out[i] = 2.0 * once - ema_step(once, length, state, 3)


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("dema", dema, _state_size)
