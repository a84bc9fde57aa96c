"""Donchian channel."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def donchian(
    high: Column,
    low: Column,
    lower_length: int,
    upper_length: int,
    lower: Column,
    middle: Column,
    upper: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Lowest low and highest high of the last bars, this one included, and their middle."""
    for i in range(start, stop):
        bottom = min_step(low[i], lower_length, state, 0, i)
        top = max_step(high[i], upper_length, state, 1 + lower_length, i)
        lower[i] = bottom
        upper[i] = top
        middle[i] = (bottom + top) / 2.0


def _state_size(params: Params) -> int:
    return extreme_size(whole(params, "lower_length")) + extreme_size(whole(params, "upper_length"))


KERNEL = Kernel("donchian", donchian, _state_size)
