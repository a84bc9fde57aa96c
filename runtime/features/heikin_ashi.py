"""Heikin-Ashi bars: each begins in the middle of the one before and ends at the mean price."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def heikin_ashi(
    open_: Column,
    high: Column,
    low: Column,
    close: Column,
    made_open: Column,
    made_high: Column,
    made_low: Column,
    made_close: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Begins anew on the first bar and after a bar with an unknown price.

    state: 0 whether the bar before is known, 1 its open, 2 its close.
    """
    for i in range(start, stop):
        end = (open_[i] + high[i] + low[i] + close[i]) / 4.0
        if end != end:
            state[0] = 0.0
            continue
        begin = (state[1] + state[2]) / 2.0 if state[0] == 1.0 else (open_[i] + close[i]) / 2.0
        made_open[i] = begin
        made_close[i] = end
        made_high[i] = max(high[i], max(begin, end))
        made_low[i] = min(low[i], min(begin, end))
        state[0] = 1.0
        state[1] = begin
        state[2] = end


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("heikin_ashi", heikin_ashi, _state_size)
