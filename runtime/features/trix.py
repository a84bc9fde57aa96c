"""Rate of change of a triple exponential average (Hutson 1983)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def trix(
    source: Column,
    length: int,
    signal: int,
    line: Column,
    signal_line: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Percent change per bar of ema(ema(ema(x))); its ema as signal.

    state: 0-8 the three averages, 9-11 the signal, 12 the last triple average (0: none yet).
    """
    for i in range(start, stop):
        once = ema_step(source[i], length, state, 0)
        twice = ema_step(once, length, state, 3)
        value = ema_step(twice, length, state, 6)
        before = state[12]
        if value == value:
            state[12] = value
            if before > 0.0:
                line[i] = 100.0 * (value - before) / before
                signal_line[i] = ema_step(line[i], signal, state, 9)


def _state_size(_params: Params) -> int:
    return 13


KERNEL = Kernel("trix", trix, _state_size)
