"""Triple exponential moving average (Mulloy 1994)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def tema(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """3 * ema - 3 * ema of the ema + ema of the ema of the ema."""
    for i in range(start, stop):
        once = ema_step(source[i], length, state, 0)
        twice = ema_step(once, length, state, 3)
        out[i] = 3.0 * (once - twice) + ema_step(twice, length, state, 6)


def _state_size(_params: Params) -> int:
    return 9


KERNEL = Kernel("tema", tema, _state_size)
