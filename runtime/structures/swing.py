"""Swing highs and lows: strict pivots, visible only once closed bars have confirmed them."""

from __future__ import annotations

from math import inf, nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State

# state: 0 high, 1 low, 2 high row, 3 low row, 4 version, 5 last type (1 high, 2 low), 6-8 pair high,
# low and direction, 9 pairs, 10 highs, 11 lows; the zigzag also keeps 12-14 average range,
# 15 heading (1 up, -1 down, 0 not known), 16-17 highest of the leg and its row, 18-19 lowest
AVERAGE = 12


def is_high(high: Column, left: int, right: int, at: int) -> bool:
    """Return whether the high of row `at` is strictly above all others of its window."""
    peak = high[at]
    j = at - left
    while j <= at + right and (high[j] < peak or j == at):
        j += 1
    return j > at + right


def is_low(low: Column, left: int, right: int, at: int) -> bool:
    """Return whether the low of row `at` is strictly below all others of its window."""
    bottom = low[at]
    j = at - left
    while j <= at + right and (low[j] > bottom or j == at):
        j += 1
    return j > at + right


def take_high(state: State, level: float, row: float) -> None:
    """Note a confirmed high; after a low it completes a bullish pair."""
    state[0] = level
    state[2] = row
    state[4] += 1.0
    state[10] += 1.0
    if state[5] == 2.0:
        state[6] = level
        state[7] = state[1]
        state[8] = 1.0
        state[9] += 1.0
    state[5] = 1.0


def take_low(state: State, level: float, row: float) -> None:
    """Note a confirmed low; after a high it completes a bearish pair."""
    state[1] = level
    state[3] = row
    state[4] += 1.0
    state[11] += 1.0
    if state[5] == 1.0:
        state[6] = state[0]
        state[7] = level
        state[8] = -1.0
        state[9] += 1.0
    state[5] = 2.0


def zigzag_step(
    high: Column, low: Column, close: Column, mult: float, length: int, state: State, i: int
) -> None:
    """Confirm the extreme of a leg once a later close is `mult` average ranges away from it.

    The close decides, and never the extreme's own bar: the order of the prices inside a bar is not
    known.
    """
    if i == 0:
        state[16] = high[0]
        state[18] = low[0]
        return
    reach = mult * rma_step(true_range(high, low, close, i), length, state, AVERAGE)
    heading = state[15]
    if heading >= 0.0 and high[i] > state[16]:
        state[16] = high[i]
        state[17] = i
    if heading <= 0.0 and low[i] < state[18]:
        state[18] = low[i]
        state[19] = i
    if heading >= 0.0 and state[17] < i and close[i] <= state[16] - reach:
        take_high(state, state[16], state[17])
        state[15] = -1.0
        lowest_since(low, state, i)
    elif heading <= 0.0 and state[19] < i and close[i] >= state[18] + reach:
        take_low(state, state[18], state[19])
        state[15] = 1.0
        highest_since(high, state, i)


def lowest_since(low: Column, state: State, i: int) -> None:
    """Start a falling leg: its lowest low after the high, up to row i."""
    state[18] = low[i]
    state[19] = i
    j = i - 1
    while j > state[17]:
        if low[j] <= state[18]:
            state[18] = low[j]
            state[19] = j
        j -= 1


def highest_since(high: Column, state: State, i: int) -> None:
    """Start a rising leg: its highest high after the low, up to row i."""
    state[16] = high[i]
    state[17] = i
    j = i - 1
    while j > state[19]:
        if high[j] >= state[16]:
            state[16] = high[j]
            state[17] = j
        j -= 1


def swing(
    high: Column,
    low: Column,
    close: Column,
    left: int,
    right: int,
    mode: int,
    mult: float,
    length: int,
    high_level: Column,
    low_level: Column,
    high_idx: Column,
    low_idx: Column,
    version: Column,
    last_type: Column,
    pair_high: Column,
    pair_low: Column,
    pair_direction: Column,
    pair_version: Column,
    high_version: Column,
    low_version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`mode` 0 compares with the bars on both sides, 1 is the zigzag."""
    for i in range(start, stop):
        at = i - right
        if mode == 1:
            zigzag_step(high, low, close, mult, length, state, i)
        elif at >= left:
            if is_high(high, left, right, at):
                take_high(state, high[at], float(at))
            if is_low(low, left, right, at):
                take_low(state, low[at], float(at))
        has_high = state[10] > 0.0
        has_low = state[11] > 0.0
        has_pair = state[9] > 0.0
        high_level[i] = state[0] if has_high else nan
        low_level[i] = state[1] if has_low else nan
        high_idx[i] = state[2] if has_high else -1.0
        low_idx[i] = state[3] if has_low else -1.0
        version[i] = state[4]
        last_type[i] = state[5]
        pair_high[i] = state[6] if has_pair else nan
        pair_low[i] = state[7] if has_pair else nan
        pair_direction[i] = state[8]
        pair_version[i] = state[9]
        high_version[i] = state[10]
        low_version[i] = state[11]


def _state_size(_params: Params) -> int:
    return 20


def _reads_from(params: Params, state: State) -> float:
    """Return where the leg began: its end looks at every bar since."""
    return min(state[17], state[19]) if params["mode"] == "atr_zigzag" else inf


KERNEL = Kernel("swing", swing, _state_size, reads_from=_reads_from)
