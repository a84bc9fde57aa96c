"""Supertrend: a trailing band of average true ranges around the middle of the bar."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State


def supertrend(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    multiplier: float,
    trend: Column,
    direction: Column,
    long: Column,
    short: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Bands ratchet while no cross and reset to basic on a cross; direction 1 on the first bar.

    state: 0-2 the range's average, 3 ready, 4 final upper, 5 final lower, 6 direction.
    """
    for i in range(start, stop):
        if i == 0:
            continue
        span = rma_step(true_range(high, low, close, i), length, state, 0)
        if span != span:
            continue
        middle = (high[i] + low[i]) / 2.0
        upper = middle + multiplier * span
        lower = middle - multiplier * span
        heading = 1.0
        if state[3] != 0.0:
            heading = state[6]
            before = close[i - 1]
            if close[i] > state[4]:
                heading = 1.0
            elif close[i] < state[5]:
                heading = -1.0
            if upper > state[4] and before <= state[4]:
                upper = state[4]
            if lower < state[5] and before >= state[5]:
                lower = state[5]
        state[3] = 1.0
        state[4] = upper
        state[5] = lower
        state[6] = heading
        direction[i] = heading
        if heading > 0.0:
            trend[i] = lower
            long[i] = lower
        else:
            trend[i] = upper
            short[i] = upper


def _state_size(_params: Params) -> int:
    return 7


KERNEL = Kernel("supertrend", supertrend, _state_size)
