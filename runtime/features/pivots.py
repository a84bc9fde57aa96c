"""Pivot levels of the day, week or month before (UTC)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.features.session_levels import turn_session, widen
from runtime.features.sessions import begins_session, session_number
from runtime.kernel import Block, Column, IntColumn, Kernel, State


def reach(kind: int, k: int, pivot: float, high: float, low: float, close: float) -> float:
    """Return resistance k = 1 … 4, support for -k; `kind` 0 classic, 1 fibonacci, 2 camarilla."""
    span = high - low
    if kind == 1:
        share = 0.382 if k == 1 or k == -1 else 0.618 if k == 2 or k == -2 else 1.0
        return pivot + share * span if k > 0 else pivot - share * span
    if kind == 2:
        part = 12.0 if k == 1 or k == -1 else 6.0 if k == 2 or k == -2 else 4.0
        if k == 4 or k == -4:
            part = 2.0
        return close + 1.1 * span / part if k > 0 else close - 1.1 * span / part
    if k == 1:
        return 2.0 * pivot - low
    if k == -1:
        return 2.0 * pivot - high
    if k == 2:
        return pivot + span
    if k == -2:
        return pivot - span
    return high + 2.0 * (pivot - low) if k > 0 else low - 2.0 * (high - pivot)


def pivots(
    ts: IntColumn,
    high: Column,
    low: Column,
    close: Column,
    anchor: int,
    kind: int,
    pivot: Column,
    r1: Column,
    r2: Column,
    r3: Column,
    s1: Column,
    s2: Column,
    s3: Column,
    fourth: Block,
    state: State,
    start: int,
    stop: int,
) -> None:
    """A session whose beginning is not among the bars gives no levels. `fourth` r4, s4 of camarilla.

    state: 0 session, 1 newest close of it, 2-5 high and low of it and of the one before, 6 the
    close of the one before.
    """
    for i in range(start, stop):
        session = session_number(ts[i], anchor)
        if i == 0:
            state[2] = nan
            state[3] = nan
        if i == 0 or session != state[0]:
            turn_session(state, 2, high[i], low[i], i > 0 or begins_session(ts[i], anchor))
            state[6] = state[1]
            state[0] = session
        widen(state, 2, high[i], low[i])
        state[1] = close[i]
        top = state[4]
        bottom = state[5]
        end = state[6]
        middle = typical_price(top, bottom, end)
        if middle != middle:
            continue
        pivot[i] = middle
        r1[i] = reach(kind, 1, middle, top, bottom, end)
        r2[i] = reach(kind, 2, middle, top, bottom, end)
        r3[i] = reach(kind, 3, middle, top, bottom, end)
        s1[i] = reach(kind, -1, middle, top, bottom, end)
        s2[i] = reach(kind, -2, middle, top, bottom, end)
        s3[i] = reach(kind, -3, middle, top, bottom, end)
        if kind == 2:
            fourth[i - start, 0] = reach(kind, 4, middle, top, bottom, end)
            fourth[i - start, 1] = reach(kind, -4, middle, top, bottom, end)


def _state_size(_params: Params) -> int:
    return 7


KERNEL = Kernel("pivots", pivots, _state_size, columns=7)
