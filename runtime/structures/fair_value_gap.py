"""Fair value gaps: prices that three bars in a row left untraded, until half of one is filled."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State
from runtime.structures.zone_table import ZONE, add_zone, remove_zone, table_size, write_nearest

# state: 0 version, 1-3 average range, then the bullish and the bearish gaps
HEAD = 4


def fill_gaps(state: State, at: int, side: int, price: float, close: float) -> float:
    """Remove the gaps a wick has filled to the middle.

    Return how they left: 0 none, 1 by wicks, 2 through the far edge, 3 some by each way.
    """
    by_wick = 0.0
    through = 0.0
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        middle = (state[z] + state[z + 1]) / 2.0
        if (side > 0 and price > middle) or (side < 0 and price < middle):
            k += 1
            continue
        if (side > 0 and close < state[z]) or (side < 0 and close > state[z + 1]):
            through = 2.0
        else:
            by_wick = 1.0
        remove_zone(state, at, k)
    return by_wick + through


def find_gap(high: Column, low: Column, state: State, slots: int, least: float, i: int) -> float:
    """Add the gap that bar i completes, if there is one of at least this size; return its side."""
    if low[i] > high[i - 2] and low[i] - high[i - 2] >= least:
        add_zone(state, HEAD, slots, high[i - 2], low[i], i)
        return 1.0
    if high[i] < low[i - 2] and low[i - 2] - high[i] >= least:
        add_zone(state, HEAD + 1 + ZONE * slots, slots, high[i], low[i - 2], i)
        return -1.0
    return 0.0


def fair_value_gap(
    high: Column,
    low: Column,
    close: Column,
    min_gap_atr: float,
    length: int,
    slots: int,
    new_this_bar: Column,
    new_direction: Column,
    bull_upper: Column,
    bull_lower: Column,
    bear_upper: Column,
    bear_lower: Column,
    bull_count: Column,
    bear_count: Column,
    mitigated: Column,
    invalidated: Column,
    version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Gaps are at most `slots` of each side, oldest first in the state."""
    bear = HEAD + 1 + ZONE * slots
    for i in range(start, stop):
        least = 0.0
        if min_gap_atr > 0.0:
            least = nan
            if i > 0:
                least = min_gap_atr * rma_step(true_range(high, low, close, i), length, state, 1)
        bulls_left = fill_gaps(state, HEAD, 1, low[i], close[i])
        bears_left = fill_gaps(state, bear, -1, high[i], close[i])
        if i >= 2 and least == least:
            side = find_gap(high, low, state, slots, least, i)
            new_this_bar[i] = 1.0 if side != 0.0 else 0.0
            new_direction[i] = side
            if side != 0.0:
                state[0] += 1.0
        write_nearest(state, HEAD, close[i], bull_lower, bull_upper, bull_count, i)
        write_nearest(state, bear, close[i], bear_lower, bear_upper, bear_count, i)
        by_wick = bulls_left == 1.0 or bulls_left == 3.0 or bears_left == 1.0 or bears_left == 3.0
        mitigated[i] = 1.0 if by_wick else 0.0
        invalidated[i] = 1.0 if bulls_left >= 2.0 or bears_left >= 2.0 else 0.0
        version[i] = state[0]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + 2 * table_size(slots)


KERNEL = Kernel("fair_value_gap", fair_value_gap, _state_size)
