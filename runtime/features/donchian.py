"""Donchian channel."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_max, window_min
from runtime.kernel import Column, Kernel


def donchian(
    high: Column, low: Column, lower_length: int, upper_length: int, lower: Column, middle: Column,
    upper: Column, state: Column, start: int, stop: int,
) -> None:  # fmt: skip
    """Lowest low and highest high of the last bars, this one included, and their middle."""
    for i in range(start, stop):
        bottom = window_min(low, lower_length, i)
        top = window_max(high, upper_length, i)
        lower[i] = bottom
        upper[i] = top
        middle[i] = (bottom + top) / 2.0


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("donchian", donchian, _state_size)
