"""Average true range in percent of the close."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State


def natr(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """100 * atr / close; unknown where the close is 0."""
    for i in range(start, stop):
        if i == 0:
            continue
        span = rma_step(true_range(high, low, close, i), length, state, 0)
        if close[i] != 0.0:
            out[i] = 100.0 * span / close[i]


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("natr", natr, _state_size)
