"""Moving average convergence divergence."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def macd(
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
    """ema(fast) - ema(slow), its ema as signal; the fast average is seeded with the slow one's bar.

    TA-Lib seeds both averages so that they begin together: the fast one skips slow - fast bars.
    """
    for i in range(start, stop):
        quick = nan
        if i >= slow - fast:
            quick = ema_step(source[i], fast, state, 0)
        tardy = ema_step(source[i], slow, state, 3)
        value = quick - tardy
        line[i] = value
        smooth = ema_step(value, signal, state, 6)
        signal_line[i] = smooth
        histogram[i] = value - smooth


def _state_size(_params: Params) -> int:
    return 9


KERNEL = Kernel("macd", macd, _state_size)
