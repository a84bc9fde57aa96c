"""Order blocks: the last candle against the move that broke a swing, until a close leaves it behind."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State
from runtime.structures.armed_swings import take_pivots
from runtime.structures.zone_table import ZONE, add_zone, remove_zone, table_size, write_nearest

# state: 0-5 armed swings, 6 version, 7-9 the last broken block: direction, lower, upper, 10 bars
# with a broken block, 11 a block broke on this bar; then the bullish and the bearish blocks
HEAD = 12


def broken_swing(state: State, close: float) -> int:
    """Return 1 when this close breaks the armed high, -1 the armed low, else 0; disarm it."""
    if state[4] > 0.0 and close > state[2]:
        state[4] = 0.0
        return 1
    if state[5] > 0.0 and close < state[3]:
        state[5] = 0.0
        return -1
    return 0


def last_opposite(opening: Column, close: Column, side: int, lookback: int, i: int) -> int:
    """Return the last row of the `lookback` before i whose candle goes against the side, or -1."""
    j = i - 1
    while j >= 0 and j >= i - lookback:
        if (close[j] - opening[j]) * side < 0.0:
            return j
        j -= 1
    return -1


def was_displaced(direction: Column, version: Column, side: int, first: int, i: int) -> bool:
    """Return whether a row of [first, i] is a displacement of this side.

    True without a displacement to ask, which shows in its unknown version.
    """
    if version[i] != version[i]:
        return True
    j = first
    while j <= i and direction[j] != side:
        j += 1
    return j <= i


def break_blocks(state: State, at: int, side: int, close: float) -> None:
    """Remove the blocks this close has left by the far side; the newest is remembered."""
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        if (side > 0 and close < state[z]) or (side < 0 and close > state[z + 1]):
            state[7] = side
            state[8] = state[z]
            state[9] = state[z + 1]
            state[11] = 1.0
            remove_zone(state, at, k)
        else:
            k += 1


def order_block(
    opening: Column, high: Column, low: Column, close: Column, high_level: Column,
    low_level: Column, high_version: Column, low_version: Column, moved: Column,
    moved_version: Column, lookback: int, use_body: bool, slots: int, new_this_bar: Column,
    new_direction: Column, bull_upper: Column, bull_lower: Column, bear_upper: Column,
    bear_lower: Column, bull_count: Column, bear_count: Column, invalidated: Column,
    broken_direction: Column, broken_lower: Column, broken_upper: Column, broken_version: Column,
    version: Column, state: State, start: int, stop: int,
) -> None:  # fmt: skip
    """A block made on a bar is first tested by the next one."""
    bear = HEAD + 1 + ZONE * slots
    for i in range(start, stop):
        take_pivots(state, high_level[i], low_level[i], high_version[i], low_version[i])
        state[11] = 0.0
        break_blocks(state, HEAD, 1, close[i])
        break_blocks(state, bear, -1, close[i])
        state[10] += state[11]
        side = broken_swing(state, close[i])
        j = last_opposite(opening, close, side, lookback, i) if side != 0 else -1
        made = j >= 0 and was_displaced(moved, moved_version, side, j + 1, i)
        if made:
            state[6] += 1.0
            bottom = low[j]
            top = high[j]
            if use_body:
                bottom = close[j] if side > 0 else opening[j]
                top = opening[j] if side > 0 else close[j]
            add_zone(state, HEAD if side > 0 else bear, slots, bottom, top, i)
        new_this_bar[i] = 1.0 if made else 0.0
        new_direction[i] = float(side) if made else 0.0
        write_nearest(state, HEAD, close[i], bull_lower, bull_upper, bull_count, i)
        write_nearest(state, bear, close[i], bear_lower, bear_upper, bear_count, i)
        any_broken = state[10] > 0.0
        invalidated[i] = state[11]
        broken_direction[i] = state[7]
        broken_lower[i] = state[8] if any_broken else nan
        broken_upper[i] = state[9] if any_broken else nan
        broken_version[i] = state[10]
        version[i] = state[6]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + 2 * table_size(slots)


KERNEL = Kernel("order_block", order_block, _state_size)
