"""Commodity channel index (Lambert 1980)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price, whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def cci(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """(typical - mean) / (0.015 * mean absolute deviation); unknown when nothing deviates.

    state: the mean step, then the last typical prices. The deviation is around a mean that moves, so
    it is summed anew each bar.
    """
    ring = mean_size(length)
    for i in range(start, stop):
        typical = typical_price(high[i], low[i], close[i])
        state[ring + i % length] = typical
        mean = mean_step(typical, length, state, 0, i)
        if mean != mean:
            continue
        total = 0.0
        for j in range(ring, ring + length):
            total += fabs(state[j] - mean)
        spread = 0.015 * (total / length)
        if spread > 0.0:
            out[i] = (typical - mean) / spread


def _state_size(params: Params) -> int:
    return mean_size(whole(params, "length")) + whole(params, "length")


KERNEL = Kernel("cci", cci, _state_size)
