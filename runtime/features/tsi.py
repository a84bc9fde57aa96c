"""True strength index (Blau 1991)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step
from runtime.kernel import Column, Kernel, State


def tsi(
    source: Column,
    fast: int,
    slow: int,
    signal: int,
    line: Column,
    signal_line: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """100 * double ema of the move / double ema of its size; unknown while nothing moves."""
    for i in range(start, stop):
        if i == 0:
            continue
        move = source[i] - source[i - 1]
        net = ema_step(ema_step(move, slow, state, 0), fast, state, 3)
        size = ema_step(ema_step(fabs(move), slow, state, 6), fast, state, 9)
        if size > 0.0:
            line[i] = 100.0 * max(-1.0, min(1.0, net / size))
            signal_line[i] = ema_step(line[i], signal, state, 12)


def _state_size(_params: Params) -> int:
    return 15


KERNEL = Kernel("tsi", tsi, _state_size)
