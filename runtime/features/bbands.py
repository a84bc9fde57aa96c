"""Bollinger bands: mean plus and minus population deviations."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import spread_size, spread_step
from runtime.kernel import Column, Kernel, State


def bbands(
    source: Column,
    length: int,
    std: float,
    lower: Column,
    middle: Column,
    upper: Column,
    bandwidth: Column,
    percent_b: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """bandwidth = 100 * (upper - lower) / middle, percent_b = (x - lower) / (upper - lower)."""
    for i in range(start, stop):
        mean = spread_step(source[i], length, state, 0, i)
        if mean != mean:
            continue
        width = std * sqrt(state[3] / length)
        lower[i] = mean - width
        middle[i] = mean
        upper[i] = mean + width
        if mean != 0.0:
            bandwidth[i] = 100.0 * (2.0 * width) / mean
        if upper[i] > lower[i]:
            percent_b[i] = (source[i] - lower[i]) / (upper[i] - lower[i])


def _state_size(params: Params) -> int:
    return spread_size(whole(params, "length"))


KERNEL = Kernel("bbands", bbands, _state_size)
