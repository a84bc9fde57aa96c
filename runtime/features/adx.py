"""Average directional index (Wilder 1978)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import minus_move, plus_move, rma_step, true_range
from runtime.kernel import Column, Kernel, State


def adx(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    value: Column,
    plus: Column,
    minus: Column,
    adxr: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Wilder average of 100 * |dmp - dmn| / (dmp + dmn); dmp, dmn: moves by the true range.

    adxr is the mean of this adx and the one length - 1 bars before. Unknown while nothing moves.
    """
    for i in range(start, stop):
        if i == 0:
            continue
        span = rma_step(true_range(high, low, close, i), length, state, 0)
        up = rma_step(plus_move(high, low, i), length, state, 3)
        down = rma_step(minus_move(high, low, i), length, state, 6)
        if not span > 0.0:
            continue
        plus[i] = 100.0 * min(1.0, up / span)
        minus[i] = 100.0 * min(1.0, down / span)
        if up + down > 0.0:
            value[i] = rma_step(100.0 * (fabs(up - down) / (up + down)), length, state, 9)
        if i >= length - 1:
            adxr[i] = (value[i] + value[i - length + 1]) / 2.0


def _state_size(_params: Params) -> int:
    return 12


KERNEL = Kernel("adx", adx, _state_size)
