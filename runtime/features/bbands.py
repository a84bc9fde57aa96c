"""Bollinger bands: mean plus and minus population deviations."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_deviation, window_mean
from runtime.kernel import Column, Kernel


def bbands(
    source: Column, length: int, std: float, lower: Column, middle: Column, upper: Column,
    bandwidth: Column, percent_b: Column, state: Column, start: int, stop: int,
) -> None:  # fmt: skip
    """bandwidth = 100 * (upper - lower) / middle, percent_b = (x - lower) / (upper - lower)."""
    for i in range(start, stop):
        mean = window_mean(source, length, i)
        if mean != mean:
            continue
        width = std * window_deviation(source, length, i, mean, length)
        lower[i] = mean - width
        middle[i] = mean
        upper[i] = mean + width
        if mean != 0.0:
            bandwidth[i] = 100.0 * (2.0 * width) / mean
        if width > 0.0:
            percent_b[i] = (source[i] - lower[i]) / (upper[i] - lower[i])


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("bbands", bbands, _state_size)
