"""Volume-weighted average price of the day, week or month (UTC)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Column, IntColumn, Kernel, State


def vwap(
    ts: IntColumn,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    anchor: int,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """sum(typical * volume) / sum(volume) since the session began; `anchor` 0 day, 1 week, 2 month.

    Unknown in a first session whose beginning is not among the bars. Summed as differences from the
    session's first price. state: 0 session, 1 its beginning was seen, 2 first price, 3 volume,
    4 sum of differences * volume.
    """
    for i in range(start, stop):
        session = session_number(ts[i], anchor)
        typical = typical_price(high[i], low[i], close[i])
        if i == 0 or session != state[0]:
            state[1] = 1.0 if i > 0 or begins_session(ts[i], anchor) else 0.0
            state[0] = session
            state[2] = typical
            state[3] = 0.0
            state[4] = 0.0
        state[3] += volume[i]
        state[4] += (typical - state[2]) * volume[i]
        if state[1] == 1.0 and state[3] > 0.0:
            out[i] = state[2] + state[4] / state[3]


def _state_size(_params: Params) -> int:
    return 5


KERNEL = Kernel("vwap", vwap, _state_size)
