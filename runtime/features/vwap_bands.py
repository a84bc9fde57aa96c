"""Bands of deviations around the volume-weighted average price of the day, week or month (UTC)."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Column, IntColumn, Kernel, State


def vwap_bands(
    ts: IntColumn,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    anchor: int,
    std: float,
    lower: Column,
    middle: Column,
    upper: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """middle as `vwap`; deviation = sqrt(sum((typical - middle)**2 * volume) / sum(volume)).

    Summed as differences from the session's first price. state: 0 session, 1 its beginning was seen,
    2 first price, 3 volume, 4 sum of differences * volume, 5 of their squares.
    """
    for i in range(start, stop):
        session = session_number(ts[i], anchor)
        typical = (high[i] + low[i] + close[i]) / 3.0
        if i == 0 or session != state[0]:
            state[1] = 1.0 if i > 0 or begins_session(ts[i], anchor) else 0.0
            state[0] = session
            state[2] = typical
            state[3] = 0.0
            state[4] = 0.0
            state[5] = 0.0
        gap = typical - state[2]
        state[3] += volume[i]
        state[4] += gap * volume[i]
        state[5] += gap * gap * volume[i]
        if state[1] == 1.0 and state[3] > 0.0:
            mean = state[4] / state[3]
            spread = state[5] / state[3] - mean * mean
            width = std * sqrt(spread) if spread > 0.0 else 0.0
            middle[i] = state[2] + mean
            lower[i] = middle[i] - width
            upper[i] = middle[i] + width


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("vwap_bands", vwap_bands, _state_size)
