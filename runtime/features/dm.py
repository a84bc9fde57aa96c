"""Directional movement (Wilder 1978)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import minus_move, plus_move, rma_step
from runtime.kernel import Column, Kernel, State


def dm(
    high: Column,
    low: Column,
    length: int,
    plus: Column,
    minus: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Wilder averages of the upward and the downward move of the extremes, in price."""
    for i in range(start, stop):
        if i > 0:
            plus[i] = rma_step(plus_move(high, low, i), length, state, 0)
            minus[i] = rma_step(minus_move(high, low, i), length, state, 3)


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("dm", dm, _state_size)
