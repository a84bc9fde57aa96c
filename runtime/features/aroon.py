"""Aroon (Chande 1995)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import peak_size, peak_step
from runtime.kernel import Column, Kernel, State


def aroon(
    high: Column,
    low: Column,
    length: int,
    up: Column,
    down: Column,
    osc: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """100 * (length - bars since the highest high) / length; osc = up - down.

    The window is this bar and `length` before it; of equal extremes the newest counts.
    """
    size = peak_size(length + 1)
    for i in range(start, stop):
        top = peak_step(high[i], length + 1, state, 0, i)
        bottom = peak_step(-low[i], length + 1, state, size, i)
        if top == top:
            up[i] = 100.0 * (length - i + top) / length
            down[i] = 100.0 * (length - i + bottom) / length
            osc[i] = up[i] - down[i]


def _state_size(params: Params) -> int:
    return 2 * peak_size(whole(params, "length") + 1)


KERNEL = Kernel("aroon", aroon, _state_size)
