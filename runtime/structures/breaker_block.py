"""Breaker blocks: a failed order block that now works from the other side."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State
from runtime.structures.zone_table import (
    ZONE,
    add_zone,
    remove_crossed,
    table_size,
    write_nearest,
)

# state: 0 failures seen, 1 version; then the bullish and the bearish breakers
HEAD = 2


def breaker_block(
    close: Column,
    failed_direction: Column,
    failed_lower: Column,
    failed_upper: Column,
    failed_version: Column,
    bias: Column,
    slots: int,
    new_this_bar: Column,
    new_direction: Column,
    bull_upper: Column,
    bull_lower: Column,
    bear_upper: Column,
    bear_lower: Column,
    bull_count: Column,
    bear_count: Column,
    invalidated: Column,
    version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """A breaker made on a bar is first tested by the next one. Without `bias` every failure counts."""
    bear = HEAD + 1 + ZONE * slots
    for i in range(start, stop):
        lost = remove_crossed(state, HEAD, 1, close[i])
        lost += remove_crossed(state, bear, -1, close[i])
        side = 0.0
        if failed_version[i] > state[0]:
            state[0] = failed_version[i]
            side = -failed_direction[i]
            if bias[i] == bias[i] and bias[i] != side:
                side = 0.0
        if side != 0.0:
            state[1] += 1.0
            at = HEAD if side > 0.0 else bear
            add_zone(state, at, slots, failed_lower[i], failed_upper[i], i)
        new_this_bar[i] = 1.0 if side != 0.0 else 0.0
        new_direction[i] = side
        write_nearest(state, HEAD, close[i], bull_lower, bull_upper, bull_count, i)
        write_nearest(state, bear, close[i], bear_lower, bear_upper, bear_count, i)
        invalidated[i] = 1.0 if lost > 0 else 0.0
        version[i] = state[1]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + 2 * table_size(slots)


KERNEL = Kernel("breaker_block", breaker_block, _state_size)
