"""Parabolic stop and reverse (Wilder 1978)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def turn(state: State, level: float, extreme: float, af0: float) -> None:
    """Reverse at the extreme of the trend that ended; `extreme` begins the new one."""
    state[0] = -state[0]
    state[1] = level
    state[2] = extreme
    state[3] = af0


def advance(
    state: State, high: Column, low: Column, before: int, i: int, step: float, most: float
) -> None:
    """Move the stop for the next bar; it never enters the range of the last two bars."""
    if state[0] > 0.0:
        if high[i] > state[2]:
            state[2] = high[i]
            state[3] = min(most, state[3] + step)
        level = state[1] + state[3] * (state[2] - state[1])
        state[1] = min(level, min(low[before], low[i]))
    else:
        if low[i] < state[2]:
            state[2] = low[i]
            state[3] = min(most, state[3] + step)
        level = state[1] + state[3] * (state[2] - state[1])
        state[1] = max(level, max(high[before], high[i]))


def psar(
    high: Column,
    low: Column,
    af0: float,
    af: float,
    max_af: float,
    value: Column,
    long: Column,
    short: Column,
    factor: Column,
    reversal: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """The stop follows the extreme of its trend by a growing factor; a touch reverses it.

    The first trend is down if the second bar reaches further down than up (TA-Lib). state: 0 trend
    (1 long, -1 short), 1 stop of the next bar, 2 extreme, 3 factor.
    """
    for i in range(max(start, 1), stop):
        before = i - 1
        if i == 1:
            before = 1
            down = low[0] - low[1]
            falls = down > 0.0 and high[1] - high[0] < down
            state[0] = -1.0 if falls else 1.0
            state[1] = high[0] if falls else low[0]
            state[2] = low[1] if falls else high[1]
            state[3] = min(af0, max_af)
        touched = low[i] <= state[1] if state[0] > 0.0 else high[i] >= state[1]
        if touched and state[0] > 0.0:
            level = max(state[2], max(high[before], high[i]))
            turn(state, level, low[i], min(af0, max_af))
        elif touched:
            level = min(state[2], min(low[before], low[i]))
            turn(state, level, high[i], min(af0, max_af))
        value[i] = state[1]
        if state[0] > 0.0:
            long[i] = state[1]
        else:
            short[i] = state[1]
        reversal[i] = 1.0 if touched else 0.0
        advance(state, high, low, before, i, af, max_af)
        factor[i] = state[3]


def _state_size(_params: Params) -> int:
    return 4


KERNEL = Kernel("psar", psar, _state_size)
