"""Average true range (Wilder 1978)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State


def atr(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Wilder average of the true range; the first bar has no previous close and does not count."""
    for i in range(start, stop):
        if i > 0:
            out[i] = rma_step(true_range(high, low, close, i), length, state, 0)


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("atr", atr, _state_size)
