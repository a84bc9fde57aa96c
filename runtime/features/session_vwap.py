"""Volume-weighted average price of a session of the card, and bands around it."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.features.vwap_bands import add_price, begin_sums, write_bands
from runtime.kernel import Column, Kernel, State


def take_bar(state: State, version: float, active: float, typical: float, volume: float) -> None:
    """Begin anew where the version grows; add a bar of the session as its difference from its first price."""
    if version > state[0]:
        state[0] = version
        begin_sums(state, 1, typical)
    if state[0] > 0.0 and active == 1.0:
        add_price(state, 1, typical, volume)


def session_vwap(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    version: Column,
    active: Column,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """sum(typical * volume) / sum(volume) of the bars of the session; outside of it that of the last one.

    Unknown before the first session whose beginning is among the bars. state: 0 the session's version (0:
    none yet), 1 first price, 2 volume, 3 sum of differences * volume, 4 of their squares.
    """
    for i in range(start, stop):
        typical = typical_price(high[i], low[i], close[i])
        take_bar(state, version[i], active[i], typical, volume[i])
        out[i] = state[1] + state[3] / state[2] if state[2] > 0.0 else nan


def session_vwap_bands(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    version: Column,
    active: Column,
    std: float,
    lower: Column,
    middle: Column,
    upper: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """middle as `session_vwap`; deviation = sqrt(sum((typical - middle)**2 * volume) / sum(volume)).

    state: as `session_vwap`.
    """
    for i in range(start, stop):
        typical = typical_price(high[i], low[i], close[i])
        take_bar(state, version[i], active[i], typical, volume[i])
        write_bands(state, 1, std, lower, middle, upper, i)


def _state_size(_params: Params) -> int:
    return 5


KERNELS = (
    Kernel("session_vwap", session_vwap, _state_size),
    Kernel("session_vwap_bands", session_vwap_bands, _state_size),
)
