"""Chande momentum oscillator (Chande 1994), smoothed as TA-Lib does."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step
from runtime.kernel import Column, Kernel, State


def cmo(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """100 * (up - down) / (up + down) of Wilder averages of the moves; 0 when nothing moved."""
    for i in range(start, stop):
        if i == 0:
            continue
        move = source[i] - source[i - 1]
        up = rma_step(move if move > 0.0 else 0.0, length, state, 0)
        down = rma_step(-move if move < 0.0 else 0.0, length, state, 3)
        if up != up:
            continue
        total = up + down
        out[i] = 0.0 if total == 0.0 else 100.0 * ((up - down) / total)


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("cmo", cmo, _state_size)
