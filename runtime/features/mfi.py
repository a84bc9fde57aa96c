"""Money flow index (Quong and Soudack 1989)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price, whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def mfi(
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
    """100 * flow up / (flow up + flow down), flow = typical price * volume of the bars that moved."""
    for i in range(max(start, 1), stop):
        typical = typical_price(high[i], low[i], close[i])
        before = typical_price(high[i - 1], low[i - 1], close[i - 1])
        flow = typical * volume[i]
        up = mean_step(flow if typical > before else 0.0, length, state, 0, i - 1)
        down = mean_step(flow if typical < before else 0.0, length, state, 3 + length, i - 1)
        total = up + down
        if total > 0.0:
            out[i] = 100.0 * (up / total)


def _state_size(params: Params) -> int:
    return 2 * mean_size(whole(params, "length"))


KERNEL = Kernel("mfi", mfi, _state_size)
