"""Building blocks that several kernels share; each is itself in the kernel subset."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.kernel import Column, State


def ema_step(value: float, length: int, state: State, at: int) -> float:
    """Return the next exponential average (smoothing 2 / (n + 1)), seeded by the first mean.

    Its memory is state[at : at + 3]: values seen, the sum of their differences from the first until
    the seed, the first value and then the last average.
    """
    return smooth_step(value, length, 2.0 / (length + 1.0), state, at)


def rma_step(value: float, length: int, state: State, at: int) -> float:
    """Return the next value of Wilder's average (smoothing 1 / n), seeded by the first mean."""
    return smooth_step(value, length, 1.0 / length, state, at)


def smooth_step(value: float, length: int, alpha: float, state: State, at: int) -> float:
    """Return the next value of an exponential average with a given smoothing; NaN until seeded.

    Unknown values before the first known one are skipped. The seed is summed as differences from the
    first value: in a flat market it is that value, and so is every average after it.
    """
    if value != value:
        return nan
    count = state[at]
    if count < length:
        if count == 0.0:
            state[at + 2] = value
        count += 1.0
        state[at] = count
        state[at + 1] += value - state[at + 2]
        if count < length:
            return nan
        state[at + 2] += state[at + 1] / length
        return state[at + 2]
    state[at + 2] += alpha * (value - state[at + 2])
    return state[at + 2]


def typical_price(high: float, low: float, close: float) -> float:
    """Return (high + low + close) / 3, as differences from the close: of a bar of one price that price."""
    return close + ((high - close) + (low - close)) / 3.0


def true_range(high: Column, low: Column, close: Column, i: int) -> float:
    """Return the true range of bar i; the first bar has only its own range."""
    widest = high[i] - low[i]
    if i > 0:
        up = high[i] - close[i - 1]
        down = close[i - 1] - low[i]
        if up > widest:
            widest = up
        if down > widest:
            widest = down
    return widest


def plus_move(high: Column, low: Column, i: int) -> float:
    """Return how far bar i > 0 reaches above the bar before, 0 if it reaches further below."""
    up = high[i] - high[i - 1]
    if up > 0.0 and up > low[i - 1] - low[i]:
        return up
    return 0.0


def minus_move(high: Column, low: Column, i: int) -> float:
    """Return how far bar i > 0 reaches below the bar before, 0 if it reaches further above."""
    down = low[i - 1] - low[i]
    if down > 0.0 and down > high[i] - high[i - 1]:
        return down
    return 0.0


def whole(params: Params, name: str) -> int:
    """Return an integer parameter; for the size of a state, not part of any kernel."""
    value = params[name]
    assert isinstance(value, int)
    return value
