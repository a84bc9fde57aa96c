"""Vortex indicator (Botes and Siepman 2010)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import true_range, whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def vortex(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    plus: Column,
    minus: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """sum |high - low before| and sum |low - high before| by the sum of true ranges."""
    size = mean_size(length)
    for i in range(start, stop):
        if i == 0:
            continue
        up = mean_step(fabs(high[i] - low[i - 1]), length, state, 0, i - 1)
        down = mean_step(fabs(low[i] - high[i - 1]), length, state, size, i - 1)
        span = mean_step(true_range(high, low, close, i), length, state, 2 * size, i - 1)
        if span > 0.0:
            plus[i] = up / span
            minus[i] = down / span


def _state_size(params: Params) -> int:
    return 3 * mean_size(whole(params, "length"))


KERNEL = Kernel("vortex", vortex, _state_size)
