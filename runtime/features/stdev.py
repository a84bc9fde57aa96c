"""Standard deviation of the last values (population)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_deviation, window_mean
from runtime.kernel import Column, Kernel


def stdev(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """sqrt(mean of squared deviations from the mean)."""
    for i in range(start, stop):
        mean = window_mean(source, length, i)
        if mean == mean:
            out[i] = window_deviation(source, length, i, mean, length)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("stdev", stdev, _state_size)
