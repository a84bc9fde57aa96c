"""Extremes of the first bars since a time of day (UTC), known once they are complete."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.session_levels import widen
from runtime.features.sessions import DAY_MS
from runtime.kernel import Column, IntColumn, Kernel, State

MINUTE_MS = 60_000


def opening_range(
    ts: IntColumn,
    high: Column,
    low: Column,
    bars: int,
    minute: int,
    top: Column,
    bottom: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """A first day whose beginning is not among the bars is unknown.

    state: 0 day, counted from `minute` to `minute`; 1 bars of it so far, 2 high and 3 low of the
    first `bars` of them, 4 its beginning was seen.
    """
    for i in range(start, stop):
        since = ts[i] - minute * MINUTE_MS
        day = since // DAY_MS
        if i == 0 or float(day) != state[0]:
            state[0] = float(day)
            state[1] = 0.0
            state[2] = high[i]
            state[3] = low[i]
            state[4] = 1.0 if i > 0 or since % DAY_MS == 0 else 0.0
        if state[1] < bars:
            state[1] += 1.0
            widen(state, 2, high[i], low[i])
        if state[1] == bars and state[4] == 1.0:
            top[i] = state[2]
            bottom[i] = state[3]


def _state_size(_params: Params) -> int:
    return 5


KERNEL = Kernel("opening_range", opening_range, _state_size)
