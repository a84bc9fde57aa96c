"""Klinger volume oscillator (Klinger 1997)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def kvo(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    fast: int,
    slow: int,
    signal: int,
    line: Column,
    signal_line: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """ema(fast) - ema(slow) of the volume force; its ema as signal.

    force = 100 * volume * trend * |2 * (range / cumulative range of the trend - 1)|; the cumulative
    range begins with the bar before a turn. state: 0-8 averages, 9 last trend, 10 cumulative range.
    """
    for i in range(max(start, 2), stop):
        span = high[i] - low[i]
        before = high[i - 1] - low[i - 1]
        rises = high[i] + low[i] + close[i] > high[i - 1] + low[i - 1] + close[i - 1]
        trend = 1.0 if rises else -1.0
        if trend == state[9]:
            state[10] += span
        else:
            state[10] = before + span
        state[9] = trend
        force = 0.0
        if state[10] > 0.0:
            force = 100.0 * volume[i] * trend * fabs(2.0 * (span / state[10] - 1.0))
        value = ema_step(force, fast, state, 0) - ema_step(force, slow, state, 3)
        line[i] = value
        signal_line[i] = ema_step(value, signal, state, 6)


def _state_size(_params: Params) -> int:
    return 11


KERNEL = Kernel("kvo", kvo, _state_size)
