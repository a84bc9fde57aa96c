"""How many deviations the value is from its mean."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_deviation, window_mean
from runtime.kernel import Column, Kernel


def zscore(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """(x - mean) / population deviation; unknown when nothing deviates."""
    for i in range(start, stop):
        mean = window_mean(source, length, i)
        if mean == mean:
            spread = window_deviation(source, length, i, mean, length)
            if spread > 0.0:
                out[i] = (source[i] - mean) / spread


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("zscore", zscore, _state_size)
