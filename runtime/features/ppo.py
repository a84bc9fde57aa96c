"""Percentage price oscillator."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def ppo(
    source: Column,
    fast: int,
    slow: int,
    signal: int,
    line: Column,
    signal_line: Column,
    histogram: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """100 * (ema(fast) - ema(slow)) / ema(slow), its ema as signal."""
    for i in range(start, stop):
        quick = ema_step(source[i], fast, state, 0)
        tardy = ema_step(source[i], slow, state, 3)
        if quick == quick and tardy > 0.0:
            value = 100.0 * (quick - tardy) / tardy
            line[i] = value
            smooth = ema_step(value, signal, state, 6)
            signal_line[i] = smooth
            histogram[i] = value - smooth


def _state_size(_params: Params) -> int:
    return 9


KERNEL = Kernel("ppo", ppo, _state_size)
