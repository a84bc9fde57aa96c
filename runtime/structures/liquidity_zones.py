"""Liquidity zones: equal highs and equal lows, where stops rest, until price has been there."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State
from runtime.structures.zone_table import ZONE, add_zone, remove_zone, table_size

# state: 0 highs seen, 1 lows seen, 2 version, 3-5 average range, 6 last sweep's direction, 7 its
# level, 8 a zone was swept on this bar, 9 closed through, 10 formed; then the pools of highs and of
# lows: tables whose `lower` is the level, `upper` the touches
HEAD = 11


def take_pools(
    state: State, at: int, side: int, extreme: float, close: float, margin: float, reach: float,
    least: int,
) -> None:  # fmt: skip
    """Remove the zones this bar has gone beyond by more than the margin.

    Pivots that are no zone yet leave when none can be equal to them any more: beyond `reach`.
    """
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        level = state[z]
        if (extreme - level) * side <= (margin if state[z + 1] >= least else reach):
            k += 1
            continue
        if state[z + 1] >= least:
            if (close - level) * side > 0.0:
                state[9] = 1.0
            else:
                state[8] = 1.0
                state[6] = side
                state[7] = level
        remove_zone(state, at, k)


def join_pool(
    state: State, at: int, slots: int, side: int, level: float, tolerance: float, least: int, i: int
) -> None:  # fmt: skip
    """Count a pivot for the nearest pool within the tolerance, or start a pool with it.

    The level of a pool is its outermost pivot: the stops of all lie beyond it.
    """
    found = -1
    nearest = tolerance
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        k += 1
        gap = (level - state[z]) * side
        if gap < 0.0:
            gap = -gap
        if gap <= nearest:
            nearest = gap
            found = z
    if found < 0:
        add_zone(state, at, slots, level, 1.0, i)
        if least <= 1:
            state[2] += 1.0
            state[10] = side
        return
    state[found + 1] += 1.0
    if (level - state[found]) * side > 0.0:
        state[found] = level
    if state[found + 1] == least:
        state[2] += 1.0
        state[10] = side


def write_pools(
    state: State, at: int, least: int, price: float, level: Column, touches: Column, count: Column,
    i: int,
) -> None:  # fmt: skip
    """Report the zone nearest to a price (ties to the newer) and how many there are."""
    found = -1
    nearest = 0.0
    zones = 0.0
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        k += 1
        if state[z + 1] < least:
            continue
        zones += 1.0
        distance = price - state[z]
        if distance < 0.0:
            distance = -distance
        if found < 0 or distance <= nearest:
            found = z
            nearest = distance
    level[i] = state[found] if found >= 0 else nan
    touches[i] = state[found + 1] if found >= 0 else -1.0
    count[i] = zones


def liquidity_zones(
    high: Column, low: Column, close: Column, high_level: Column, low_level: Column,
    high_version: Column, low_version: Column, tolerance: float, sweep: float, least: int,
    length: int, slots: int, new_this_bar: Column, new_direction: Column, sweep_this_bar: Column,
    sweep_direction: Column, swept_level: Column, broken_this_bar: Column, near_high: Column,
    high_touches: Column, near_low: Column, low_touches: Column, high_count: Column,
    low_count: Column, version: Column, state: State, start: int, stop: int,
) -> None:  # fmt: skip
    """Pools that a bar reaches are taken first; then the pivots it confirms are counted."""
    lows = HEAD + 1 + ZONE * slots
    for i in range(start, stop):
        average = nan
        if i > 0:
            average = rma_step(true_range(high, low, close, i), length, state, 3)
        state[8] = 0.0
        state[9] = 0.0
        state[10] = 0.0
        if average == average:
            margin = sweep * average
            reach = tolerance * average
            take_pools(state, HEAD, 1, high[i], close[i], margin, reach, least)
            take_pools(state, lows, -1, low[i], close[i], margin, reach, least)
        if high_version[i] > state[0]:
            state[0] = high_version[i]
            if average == average:
                join_pool(state, HEAD, slots, 1, high_level[i], tolerance * average, least, i)
        if low_version[i] > state[1]:
            state[1] = low_version[i]
            if average == average:
                join_pool(state, lows, slots, -1, low_level[i], tolerance * average, least, i)
        new_this_bar[i] = 1.0 if state[10] != 0.0 else 0.0
        new_direction[i] = state[10]
        sweep_this_bar[i] = state[8]
        sweep_direction[i] = state[6]
        swept_level[i] = state[7] if state[6] != 0.0 else nan
        broken_this_bar[i] = state[9]
        write_pools(state, HEAD, least, close[i], near_high, high_touches, high_count, i)
        write_pools(state, lows, least, close[i], near_low, low_touches, low_count, i)
        version[i] = state[2]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + 2 * table_size(slots)


KERNEL = Kernel("liquidity_zones", liquidity_zones, _state_size)
