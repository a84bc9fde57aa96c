"""Ichimoku: middles of three ranges, and the cloud as it stands over each bar."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def middle_step(high: float, low: float, length: int, state: State, at: int, i: int) -> float:
    """Return the middle of the range of the last `length` bars; takes `middle_size` of the state."""
    top = max_step(high, length, state, at, i)
    return (top + min_step(low, length, state, at + 1 + length, i)) / 2.0


def middle_size(length: int) -> int:
    return 2 * extreme_size(length)


def ichimoku(
    high: Column,
    low: Column,
    fast: int,
    medium: int,
    slow: int,
    displacement: int,
    conversion: Column,
    base: Column,
    span_a: Column,
    span_b: Column,
    top: Column,
    bottom: Column,
    lead_a: Column,
    lead_b: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """The spans over a bar are the leads of displacement - 1 bars before it."""
    second = 2 + 2 * fast
    third = second + 2 + 2 * medium
    for i in range(start, stop):
        conversion[i] = middle_step(high[i], low[i], fast, state, 0, i)
        base[i] = middle_step(high[i], low[i], medium, state, second, i)
        lead_a[i] = (conversion[i] + base[i]) / 2.0
        lead_b[i] = middle_step(high[i], low[i], slow, state, third, i)
        drawn = i - displacement + 1
        if drawn < 0:
            continue
        a = lead_a[drawn]
        b = lead_b[drawn]
        span_a[i] = a
        span_b[i] = b
        if a == a and b == b:
            top[i] = max(a, b)
            bottom[i] = min(a, b)


def _state_size(params: Params) -> int:
    fast, medium = whole(params, "conversion"), whole(params, "base")
    return middle_size(fast) + middle_size(medium) + middle_size(whole(params, "span_b"))


KERNEL = Kernel("ichimoku", ichimoku, _state_size)
