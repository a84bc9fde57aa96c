"""Chandelier exits: average true ranges hung from the highest high and stood on the lowest low; and the two that only tighten."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range, whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def chandelier(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    atr_length: int,
    multiplier: float,
    extremes: int,
    long: Column,
    short: Column,
    long_stop: Column,
    short_stop: Column,
    direction: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """long = highest high - multiplier * atr, short = lowest low + multiplier * atr; of the closes where `extremes` is 1.

    A stop keeps its better value while the close before was on its side of it, and is the line again
    otherwise. The close beyond the stop of the bar before turns the direction; of both, up.
    state: 0-2 the range's average, then the two extremes, then ready, long stop, short stop, direction.
    """
    at = 5 + 2 * length
    for i in range(start, stop):
        top = max_step(close[i] if extremes == 1 else high[i], length, state, 3, i)
        bottom = min_step(close[i] if extremes == 1 else low[i], length, state, 4 + length, i)
        if i == 0:
            continue
        reach = multiplier * rma_step(true_range(high, low, close, i), atr_length, state, 0)
        below = top - reach
        above = bottom + reach
        long[i] = below
        short[i] = above
        if below != below or above != above:
            continue
        floor = below
        ceiling = above
        heading = 1.0
        if state[at] != 0.0:
            floor = state[at + 1]
            ceiling = state[at + 2]
            heading = state[at + 3]
        if close[i] > ceiling:
            heading = 1.0
        elif close[i] < floor:
            heading = -1.0
        if close[i - 1] > floor:
            below = max(below, floor)
        if close[i - 1] < ceiling:
            above = min(above, ceiling)
        state[at] = 1.0
        state[at + 1] = below
        state[at + 2] = above
        state[at + 3] = heading
        long_stop[i] = below
        short_stop[i] = above
        direction[i] = heading


def _state_size(params: Params) -> int:
    return 7 + 2 * extreme_size(whole(params, "length"))


KERNEL = Kernel("chandelier", chandelier, _state_size)
