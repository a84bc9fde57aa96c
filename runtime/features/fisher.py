"""Fisher transform of the price (Ehlers 2002)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.elementary import log
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def fisher(
    high: Column,
    low: Column,
    length: int,
    line: Column,
    signal: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Half the log of (1 + v) / (1 - v), v the smoothed place of the middle of the bar in its range.

    A bar without a range is unknown and leaves the recurrence as it is. signal: the value one
    known bar before. state: the two extremes, then v, the last value, whether there is one.
    """
    at = 2 * extreme_size(length)
    for i in range(start, stop):
        middle = (high[i] + low[i]) / 2.0
        top = max_step(middle, length, state, 0, i)
        bottom = min_step(middle, length, state, 1 + length, i)
        if not top > bottom:
            continue
        place = (middle - bottom) / (top - bottom)
        v = 0.66 * (place - 0.5) + 0.67 * state[at]
        if v > 0.99:
            v = 0.999
        if v < -0.99:
            v = -0.999
        if state[at + 2] == 1.0:
            signal[i] = state[at + 1]
        line[i] = 0.5 * log((1.0 + v) / (1.0 - v)) + 0.5 * state[at + 1]
        state[at] = v
        state[at + 1] = line[i]
        state[at + 2] = 1.0


def _state_size(params: Params) -> int:
    return 2 * extreme_size(whole(params, "length")) + 3


KERNEL = Kernel("fisher", fisher, _state_size)
