"""Extremes of the day so far, of the day before and of the week before (UTC)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Column, IntColumn, Kernel, State


def widen(state: State, at: int, high: float, low: float) -> None:
    """Take a bar into the extremes at state[at : at + 2]; unknown ones stay unknown."""
    if high > state[at]:
        state[at] = high
    if low < state[at + 1]:
        state[at + 1] = low


def turn_session(state: State, at: int, high: float, low: float, is_seen: bool) -> None:
    """Keep the extremes of the session that ended at `at + 2` and begin a new one with a bar."""
    state[at + 2] = state[at]
    state[at + 3] = state[at + 1]
    state[at] = high if is_seen else nan
    state[at + 1] = low if is_seen else nan


def session_levels(
    ts: IntColumn,
    high: Column,
    low: Column,
    prev_day_high: Column,
    prev_day_low: Column,
    day_high: Column,
    day_low: Column,
    prev_week_high: Column,
    prev_week_low: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """A session whose beginning is not among the bars is unknown, as the one before and as itself.

    state: 0 day, 1 week, 2-5 high and low of this day and of the one before, 6-9 of the weeks.
    """
    for i in range(start, stop):
        day = session_number(ts[i], 0)
        week = session_number(ts[i], 1)
        if i == 0:
            state[2] = nan
            state[3] = nan
            state[6] = nan
            state[7] = nan
        if i == 0 or day != state[0]:
            is_seen = i > 0 or begins_session(ts[i], 0)
            turn_session(state, 2, high[i], low[i], is_seen)
            state[0] = day
        if i == 0 or week != state[1]:
            is_seen = i > 0 or begins_session(ts[i], 1)
            turn_session(state, 6, high[i], low[i], is_seen)
            state[1] = week
        widen(state, 2, high[i], low[i])
        widen(state, 6, high[i], low[i])
        prev_day_high[i] = state[4]
        prev_day_low[i] = state[5]
        day_high[i] = state[2]
        day_low[i] = state[3]
        prev_week_high[i] = state[8]
        prev_week_low[i] = state[9]


def _state_size(_params: Params) -> int:
    return 10


KERNEL = Kernel("session_levels", session_levels, _state_size)
