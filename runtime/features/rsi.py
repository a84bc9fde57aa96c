"""Relative strength index (Wilder 1978)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step
from runtime.kernel import Column, Kernel, State


def rsi(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """100 * up / (up + down) of Wilder averages of the moves; 50 when nothing moved at all."""
    for i in range(start, stop):
        if i == 0:
            continue
        move = source[i] - source[i - 1]
        up = rma_step(move if move > 0.0 else 0.0, length, state, 0)
        down = rma_step(-move if move < 0.0 else 0.0, length, state, 3)
        if up != up:
            continue
        total = up + down
        # The share first: it never rounds above 1, so the index never leaves 0 … 100.
        out[i] = 50.0 if total == 0.0 else 100.0 * (up / total)


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("rsi", rsi, _state_size)
