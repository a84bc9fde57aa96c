"""Fibonacci levels between (or beyond) the last swing high and low."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Block, Column, Kernel, Numbers, State


def level(high: float, low: float, ratio: float, mode: int, heading: float) -> float:
    """Return one level; `mode` 0 retracement, 1 extension, 2 up, 3 down."""
    span = high - low
    if mode == 0:
        return high - ratio * span
    if mode == 2 or (mode == 1 and heading > 0.0):
        return high + ratio * span
    return low - ratio * span


def fibonacci(
    high_level: Column,
    low_level: Column,
    pair_direction: Column,
    levels: Numbers,
    mode: int,
    anchor_high: Column,
    anchor_low: Column,
    span: Column,
    at_levels: Block,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`at_levels` has a place for each of `levels`."""
    for i in range(start, stop):
        high = high_level[i]
        low = low_level[i]
        if high != high or low != low or high <= low:
            continue
        anchor_high[i] = high
        anchor_low[i] = low
        span[i] = high - low
        for k in range(len(levels)):
            at_levels[i - start, k] = level(high, low, levels[k], mode, pair_direction[i])


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("fibonacci", fibonacci, _state_size, columns=3)
