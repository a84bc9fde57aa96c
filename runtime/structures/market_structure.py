"""Breaks of structure and changes of character, from closed bars and confirmed swings."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State
from runtime.structures.armed_swings import take_pivots

# state: 0-5 armed swings, 6 bias, 7 anchor, 8 anchor is known, 9 last break's direction, 10 last change's direction, 11 version
# An event: 0 none, 1 break of structure, 2 change of character


def turn(state: State, direction: float, top: float, bottom: float) -> None:
    """Change character: the swing the old leg started from is the new anchor."""
    state[10] = direction
    state[6] = direction
    state[7] = state[2] if direction < 0.0 else state[3]
    state[8] = 1.0 if state[0 if direction < 0.0 else 1] > 0.0 else 0.0
    # What the same bar has passed is broken too.
    if direction < 0.0 and bottom < state[3]:
        state[5] = 0.0
    if direction > 0.0 and top > state[2]:
        state[4] = 0.0


def go_on(state: State, direction: float) -> None:
    """Break structure: the last opposite swing protects the move."""
    state[9] = direction
    state[6] = direction
    state[7] = state[3] if direction > 0.0 else state[2]
    state[8] = 1.0 if state[1 if direction > 0.0 else 0] > 0.0 else 0.0
    state[4 if direction > 0.0 else 5] = 0.0


def step(state: State, top: float, bottom: float) -> int:
    """Judge one bar by the prices that count, its highest and lowest; return the event."""
    bias = state[6]
    if bias != 0.0 and state[8] > 0.0:
        if bias > 0.0 and bottom < state[7]:
            turn(state, -1.0, top, bottom)
            return 2
        if bias < 0.0 and top > state[7]:
            turn(state, 1.0, top, bottom)
            return 2
    up = bias >= 0.0 and state[4] > 0.0 and top > state[2]
    down = bias <= 0.0 and state[5] > 0.0 and bottom < state[3]
    if up and down:
        # Without a bias a bar that passes both levels says nothing about direction.
        state[4] = 0.0
        state[5] = 0.0
        return 0
    if up:
        go_on(state, 1.0)
        return 1
    if down:
        go_on(state, -1.0)
        return 1
    return 0


def market_structure(
    high: Column,
    low: Column,
    close: Column,
    high_level: Column,
    low_level: Column,
    high_version: Column,
    low_version: Column,
    confirmation_close: bool,
    bias: Column,
    bos_this_bar: Column,
    choch_this_bar: Column,
    bos_direction: Column,
    choch_direction: Column,
    break_level_high: Column,
    break_level_low: Column,
    version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """With `confirmation_close` only the close counts, otherwise the wicks do."""
    for i in range(start, stop):
        take_pivots(state, high_level[i], low_level[i], high_version[i], low_version[i])
        top = close[i] if confirmation_close else high[i]
        bottom = close[i] if confirmation_close else low[i]
        event = step(state, top, bottom)
        if event > 0:
            state[11] += 1.0
        bias[i] = state[6]
        bos_this_bar[i] = 1.0 if event == 1 else 0.0
        choch_this_bar[i] = 1.0 if event == 2 else 0.0
        bos_direction[i] = state[9]
        choch_direction[i] = state[10]
        break_level_high[i] = state[2] if state[4] > 0.0 else nan
        break_level_low[i] = state[3] if state[5] > 0.0 else nan
        version[i] = state[11]


def _state_size(_params: Params) -> int:
    return 12


KERNEL = Kernel("market_structure", market_structure, _state_size)
