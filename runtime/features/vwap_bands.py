"""Bands of deviations around the volume-weighted average price of the day, week or month (UTC)."""

from __future__ import annotations

from math import sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Column, IntColumn, Kernel, State


def begin_sums(state: State, at: int, price: float) -> None:
    """Begin to weigh prices by volume. state from `at` on: 0 first price, 1 volume, 2 differences, 3 their squares."""
    state[at] = price
    state[at + 1] = 0.0
    state[at + 2] = 0.0
    state[at + 3] = 0.0


def add_price(state: State, at: int, price: float, volume: float) -> None:
    """Add a price as its difference from the first one."""
    gap = price - state[at]
    state[at + 1] += volume
    state[at + 2] += gap * volume
    state[at + 3] += gap * gap * volume


def write_bands(
    state: State, at: int, std: float, lower: Column, middle: Column, upper: Column, i: int
) -> None:
    """Write row `i` of what was summed; nothing where there is no volume yet."""
    if state[at + 1] > 0.0:
        mean = state[at + 2] / state[at + 1]
        spread = state[at + 3] / state[at + 1] - mean * mean
        width = std * sqrt(spread) if spread > 0.0 else 0.0
        middle[i] = state[at] + mean
        lower[i] = middle[i] - width
        upper[i] = middle[i] + width


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
        typical = typical_price(high[i], low[i], close[i])
        if i == 0 or session != state[0]:
            state[1] = 1.0 if i > 0 or begins_session(ts[i], anchor) else 0.0
            state[0] = session
            begin_sums(state, 2, typical)
        add_price(state, 2, typical, volume[i])
        if state[1] == 1.0:
            write_bands(state, 2, std, lower, middle, upper, i)


def _state_size(_params: Params) -> int:
    return 6


KERNEL = Kernel("vwap_bands", vwap_bands, _state_size)
