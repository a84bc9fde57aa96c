"""Simple moving average."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_mean
from runtime.kernel import Column, Kernel


def sma(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """Mean of the last `length` values, summed anew each bar so that it never drifts."""
    for i in range(start, stop):
        out[i] = window_mean(source, length, i)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("sma", sma, _state_size)
