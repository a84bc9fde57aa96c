"""The first price of the day, week or month (UTC)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Column, IntColumn, Kernel, State


def session_open(
    ts: IntColumn, open_: Column, anchor: int, out: Column, state: State, start: int, stop: int
) -> None:
    """A first session whose beginning is not among the bars is unknown. state: 0 session, 1 its open."""
    for i in range(start, stop):
        session = session_number(ts[i], anchor)
        if i == 0 or session != state[0]:
            state[0] = session
            state[1] = open_[i] if i > 0 or begins_session(ts[i], anchor) else nan
        out[i] = state[1]


def _state_size(_params: Params) -> int:
    return 2


KERNEL = Kernel("session_open", session_open, _state_size)
