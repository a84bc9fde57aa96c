"""Spans of the day in a zone of the world: is a bar inside, how many so far, what was traded."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.sessions import DAY_MS
from runtime.kernel import Column, IntColumn, Kernel, Numbers, State

MINUTE_MS = 60_000
DAY_MINUTES = 1_440


def offset_at(ts: int, zone: Numbers, state: State) -> int:
    """Return the minutes east of UTC; state[0] is the place in the zone's list, which only grows."""
    at = int(state[0])
    while 2 * at + 3 < len(zone) and zone[2 * at + 2] <= float(ts):
        at += 1
    state[0] = float(at)
    return int(zone[2 * at + 1])


def is_among(value: int, numbers: Numbers) -> bool:
    found = False
    for k in range(len(numbers)):
        found = found or numbers[k] == float(value)
    return found


def know_no_price(state: State) -> None:
    for k in range(4, 8):
        state[k] = nan


def begin_session(state: State, day: int, open_: float, high: float, low: float) -> None:
    state[2] = float(day)
    state[3] = 0.0
    state[4] = open_
    state[5] = high
    state[6] = low


def take_bar(state: State, high: float, low: float, close: float) -> None:
    state[3] += 1.0
    state[5] = max(state[5], high)
    state[6] = min(state[6], low)
    state[7] = close


def session(
    ts: IntColumn,
    open_: Column,
    high: Column,
    low: Column,
    close: Column,
    begin: int,
    end: int,
    minutes: int,
    days: Numbers,
    closed: Numbers,
    zone: Numbers,
    active: Column,
    first_bar: Column,
    last_bar: Column,
    bars: Column,
    session_open: Column,
    session_high: Column,
    session_low: Column,
    session_close: Column,
    version: Column,
    over: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """A session belongs to the day on which it begins; half-open, by the bars' opens.

    `version` counts those whose beginning is among the bars: the first row is in the middle of one when the
    bar before it would open in it, too. `over` asks the clock alone, whatever bars are missing.
    state: 0 place in the zone, 1 is one running, 2 its day, 3 its bars, 4-7 open high low close, 8 its version.
    """
    length = end - begin if end > begin else end - begin + DAY_MINUTES
    if start == 0:
        know_no_price(state)
    for i in range(start, stop):
        local = ts[i] + offset_at(ts[i], zone, state) * MINUTE_MS
        passed = (local % DAY_MS) // MINUTE_MS - begin
        day = local // DAY_MS
        if passed < 0:
            passed += DAY_MINUTES
            day -= 1
        inside = passed < length and is_among((day + 3) % 7, days) and not is_among(day, closed)
        begins = inside and (state[1] == 0.0 or state[2] != float(day))
        if begins:
            begin_session(state, day, open_[i], high[i], low[i])
            state[8] += 1.0 if i > 0 or passed < minutes else 0.0
        if inside:
            take_bar(state, high[i], low[i], close[i])
        state[1] = 1.0 if inside else 0.0
        active[i] = state[1]
        first_bar[i] = 1.0 if begins else 0.0
        over[i] = 1.0 if not inside or passed + minutes >= length else 0.0
        last_bar[i] = over[i] if inside else 0.0
        bars[i] = state[3] if inside else 0.0
        session_open[i] = state[4]
        session_high[i] = state[5]
        session_low[i] = state[6]
        session_close[i] = state[7]
        version[i] = state[8]


def _state_size(_params: Params) -> int:
    return 9


KERNEL = Kernel("session", session, _state_size)
