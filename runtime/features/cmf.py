"""Chaikin money flow."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def cmf(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    length: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """sum(volume * place of the close in its bar, -1 … 1) / sum(volume); 0 for a bar without range."""
    for i in range(start, stop):
        span = high[i] - low[i]
        place = 0.0
        if span > 0.0:
            place = ((close[i] - low[i]) - (high[i] - close[i])) / span
        flow = mean_step(place * volume[i], length, state, 0, i)
        traded = mean_step(volume[i], length, state, 3 + length, i)
        if traded > 0.0:
            out[i] = max(-1.0, min(1.0, flow / traded))


def _state_size(params: Params) -> int:
    return 2 * mean_size(whole(params, "length"))


KERNEL = Kernel("cmf", cmf, _state_size)
