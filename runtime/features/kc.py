"""Keltner channels: EMA of the close plus and minus an EMA of the true range."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step, true_range
from runtime.kernel import Column, Kernel, State


def kc(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    scalar: float,
    lower: Column,
    basis: Column,
    upper: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """basis = ema(close), bands = basis +- scalar * ema(true range)."""
    for i in range(start, stop):
        middle = ema_step(close[i], length, state, 0)
        span = ema_step(true_range(high, low, close, i), length, state, 3)
        basis[i] = middle
        lower[i] = middle - scalar * span
        upper[i] = middle + scalar * span


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("kc", kc, _state_size)
