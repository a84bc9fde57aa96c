"""A line that follows the close at a distance of average true ranges, and turns where the close crosses it."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State


def atr_trailing_stop(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    multiplier: float,
    line: Column,
    side: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """It moves towards the close only while two closes are on one side of it, and starts anew otherwise.

    A close exactly on it counts as below. state: 0-2 the range's average, 3 ready, 4 line.
    """
    for i in range(start, stop):
        if i == 0:
            continue
        span = rma_step(true_range(high, low, close, i), length, state, 0)
        if span != span:
            continue
        last = state[4]
        value = close[i] - multiplier * span
        heading = 1.0
        if state[3] != 0.0 and close[i] > last:
            if close[i - 1] > last:
                value = max(last, value)
        elif state[3] != 0.0:
            heading = -1.0
            value = close[i] + multiplier * span
            if close[i] < last and close[i - 1] < last:
                value = min(last, value)
        state[3] = 1.0
        state[4] = value
        line[i] = value
        side[i] = heading


def _state_size(_params: Params) -> int:
    return 5


KERNEL = Kernel("atr_trailing_stop", atr_trailing_stop, _state_size)
