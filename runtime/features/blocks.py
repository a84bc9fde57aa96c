"""Building blocks that several kernels share; each is itself in the kernel subset."""

from __future__ import annotations

from math import nan, sqrt

from runtime.kernel import Column


def ema_step(value: float, length: int, state: Column, at: int) -> float:
    """Return the next exponential average (smoothing 2 / (n + 1)), seeded by the first mean.

    Its memory is state[at : at + 3]: values seen, their sum until the seed, the last average.
    """
    return smooth_step(value, length, 2.0 / (length + 1.0), state, at)


def rma_step(value: float, length: int, state: Column, at: int) -> float:
    """Return the next value of Wilder's average (smoothing 1 / n), seeded by the first mean."""
    return smooth_step(value, length, 1.0 / length, state, at)


def smooth_step(value: float, length: int, alpha: float, state: Column, at: int) -> float:
    """Return the next value of an exponential average with a given smoothing; NaN until seeded.

    Unknown values before the first known one are skipped.
    """
    if value != value:
        return nan
    count = state[at]
    if count < length:
        count += 1.0
        state[at] = count
        state[at + 1] += value
        if count < length:
            return nan
        state[at + 2] = state[at + 1] / length
        return state[at + 2]
    state[at + 2] += alpha * (value - state[at + 2])
    return state[at + 2]


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


def window_mean(source: Column, length: int, i: int) -> float:
    """Return the mean of the last `length` rows up to i, NaN before there are enough.

    Summed anew each time: a running sum would drift and remember where it started.
    """
    if i < length - 1:
        return nan
    total = 0.0
    for j in range(i - length + 1, i + 1):
        total += source[j]
    return total / length


def window_deviation(source: Column, length: int, i: int, mean: float, divisor: float) -> float:
    """Return sqrt(sum of squared deviations / divisor) of the last `length` rows."""
    total = 0.0
    for j in range(i - length + 1, i + 1):
        gap = source[j] - mean
        total += gap * gap
    return sqrt(total / divisor)


def window_max(source: Column, length: int, i: int) -> float:
    """Return the largest of the last `length` rows, NaN before there are enough."""
    if i < length - 1:
        return nan
    best = source[i]
    for j in range(i - length + 1, i):
        if source[j] > best:
            best = source[j]
    return best


def window_min(source: Column, length: int, i: int) -> float:
    """Return the smallest of the last `length` rows, NaN before there are enough."""
    if i < length - 1:
        return nan
    best = source[i]
    for j in range(i - length + 1, i):
        if source[j] < best:
            best = source[j]
    return best
