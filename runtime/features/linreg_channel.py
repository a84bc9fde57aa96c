"""Least-squares line through the last values, plus and minus deviations from it."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import slope_step, spread_size, spread_step, weighted_size
from runtime.kernel import Column, Kernel, State


def linreg_channel(
    source: Column,
    length: int,
    std: float,
    lower: Column,
    middle: Column,
    upper: Column,
    slope: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """The squares around the line are those around the mean less slope**2 * sum((x - mean x)**2)."""
    second = 4 + 2 * length
    across = length * (length * length - 1.0) / 12.0
    for i in range(start, stop):
        rise = slope_step(source[i], length, state, 0, i)
        mean = spread_step(source[i], length, state, second, i)
        if rise != rise or mean != mean:
            continue
        left = state[second + 3] - rise * rise * across
        width = std * sqrt(left / length) if left > 0.0 else 0.0
        end = mean + rise * (length - 1.0) / 2.0
        lower[i] = end - width
        middle[i] = end
        upper[i] = end + width
        slope[i] = rise


def _state_size(params: Params) -> int:
    length = whole(params, "length")
    return weighted_size(length) + spread_size(length)


KERNEL = Kernel("linreg_channel", linreg_channel, _state_size)
