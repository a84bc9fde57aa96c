"""Linearly weighted moving average."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel


def wma(source: Column, length: int, out: Column, state: Column, start: int, stop: int) -> None:
    """Weights 1 … length, the newest value heaviest."""
    weights = length * (length + 1) / 2.0
    for i in range(start, stop):
        if i >= length - 1:
            total = 0.0
            for j in range(length):
                total += (j + 1.0) * source[i - length + 1 + j]
            out[i] = total / weights


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("wma", wma, _state_size)
