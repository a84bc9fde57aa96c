"""Williams %R (Williams 1973)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def willr(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """-100 * (highest - close) / (highest - lowest); unknown when there is no range."""
    for i in range(start, stop):
        top = max_step(high[i], length, state, 0, i)
        bottom = min_step(low[i], length, state, 1 + length, i)
        if top > bottom:
            out[i] = -100.0 * ((top - close[i]) / (top - bottom))


def _state_size(params: Params) -> int:
    return 2 * extreme_size(whole(params, "length"))


KERNEL = Kernel("willr", willr, _state_size)
