"""Average true range in percent of the close."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel


def natr(
    high: Column, low: Column, close: Column, length: int, out: Column, state: Column,
    start: int, stop: int,
) -> None:  # fmt: skip
    """100 * atr / close."""
    for i in range(start, stop):
        if i > 0:
            out[i] = 100.0 * rma_step(true_range(high, low, close, i), length, state, 0) / close[i]


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("natr", natr, _state_size)
