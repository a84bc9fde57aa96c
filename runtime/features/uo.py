"""Ultimate oscillator (Williams 1976)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import true_range, whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def buying_share(pressure: float, span: float, length: int, state: State, at: int, i: int) -> float:
    """Return sum of buying pressure / sum of true ranges of the last bars; NaN without a range."""
    bought = mean_step(pressure, length, state, at, i)
    whole_range = mean_step(span, length, state, at + 3 + length, i)
    if whole_range > 0.0:
        return max(0.0, min(1.0, bought / whole_range))
    return nan


def uo(
    high: Column,
    low: Column,
    close: Column,
    fast: int,
    medium: int,
    slow: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """100 * (4 * fast + 2 * medium + slow) / 7 of the shares of buying pressure in the true range.

    Buying pressure is close - min(low, close before); the first bar has none and does not count.
    """
    medium_at = 2 * mean_size(fast)
    slow_at = medium_at + 2 * mean_size(medium)
    for i in range(start, stop):
        if i == 0:
            continue
        pressure = close[i] - min(low[i], close[i - 1])
        span = true_range(high, low, close, i)
        one = buying_share(pressure, span, fast, state, 0, i - 1)
        two = buying_share(pressure, span, medium, state, medium_at, i - 1)
        three = buying_share(pressure, span, slow, state, slow_at, i - 1)
        out[i] = 100.0 * ((4.0 * one + 2.0 * two + three) / 7.0)


def _state_size(params: Params) -> int:
    names = ("fast", "medium", "slow")
    return sum(2 * mean_size(whole(params, name)) for name in names)


KERNEL = Kernel("uo", uo, _state_size)
