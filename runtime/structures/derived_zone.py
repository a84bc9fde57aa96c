"""Zones derived from the last swing: created at its retracements, touched, and broken by closes."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.kernel import Block, Column, Kernel, Numbers, State

# state: 0 swing version, 1 zones ever made, 2 records in use, 3-6 of the active zones of this bar:
# count, touched, inside, slot of the newest; then one record per slot
HEAD = 7
# A record: 0 status (1 active, 2 broken), 1 lower, 2 upper, 3 side (1 demand, -1 supply, 0 both),
# 4 made on row, 5 touches, 6 last touch row, 7 number, 8 approached from (1 above, -1 below),
# 9 distance, 10 rank
FIELDS = 11
# Outputs of a slot: lower, upper, state, age, touches, touched, inside, made on row, bars since the
# last touch.
PLACES = 9


def age_zones(
    state: State, high: float, low: float, price: float, tolerance: float, i: int
) -> None:
    """Touch and break the zones made before row i."""
    k = 0
    while k < state[2]:
        z = HEAD + k * FIELDS
        k += 1
        if state[z] != 1.0:
            continue
        lower = state[z + 1]
        upper = state[z + 2]
        if low <= upper and high >= lower:
            state[z + 5] += 1.0
            state[z + 6] = i
        # An unknown price compares false: it breaks nothing.
        side = state[z + 8] if state[z + 3] == 0.0 else state[z + 3]
        below = price < lower * (1.0 - tolerance)
        above = price > upper * (1.0 + tolerance)
        if (side > 0.0 and below) or (side < 0.0 and above):
            state[z] = 2.0
        if price > upper:
            state[z + 8] = 1.0
        elif price < lower:
            state[z + 8] = -1.0


def free_record(state: State, slots: int) -> int:
    """Return the record for a new zone: an unused one, else the oldest broken, else the oldest."""
    for k in range(slots):
        if k >= state[2]:
            state[2] += 1.0
            return HEAD + k * FIELDS
    best = HEAD
    for k in range(1, slots):
        z = HEAD + k * FIELDS
        older = state[z + 7] < state[best + 7]
        if state[z] > state[best] or (state[z] == state[best] and older):
            best = z
    return best


def same_zone(state: State, centre: float, half: float, side: float) -> int:
    """Return the nearest active zone of this side whose centre is within `half`, -1 if none."""
    found = -1
    nearest = half
    k = 0
    while k < state[2]:
        z = HEAD + k * FIELDS
        k += 1
        if state[z] == 1.0 and state[z + 3] == side:
            gap = (state[z + 1] + state[z + 2]) / 2.0 - centre
            if gap < 0.0:
                gap = -gap
            if gap <= nearest:
                nearest = gap
                found = z
    return found


def make_zone(
    state: State, slots: int, centre: float, side: float, width: float, close: float, i: int
) -> None:
    """Add a zone; one equal to an active zone takes its place and keeps its touches."""
    if centre <= 0.0:
        return
    half = centre * width / 2.0
    z = same_zone(state, centre, half, side)
    if z < 0:
        z = free_record(state, slots)
        state[z + 5] = 0.0
        state[z + 6] = -1.0
    state[1] += 1.0
    state[z] = 1.0
    state[z + 1] = centre - half
    state[z + 2] = centre + half
    state[z + 3] = side
    state[z + 4] = i
    state[z + 7] = state[1]
    state[z + 8] = 1.0 if close >= centre else -1.0


def make_all(
    state: State,
    slots: int,
    high: float,
    low: float,
    levels: Numbers,
    mode: int,
    kind: int,
    width: float,
    close: float,
    i: int,
) -> None:
    """Add the zones of one swing: `mode` 1 is extension; `kind` 0 demand, 1 supply, 2 both."""
    span = high - low
    for k in range(len(levels)):
        reach = levels[k] * span
        if mode == 1:
            if kind != 1:
                make_zone(state, slots, low - reach, 1.0 if kind == 0 else 0.0, width, close, i)
            if kind != 0:
                make_zone(state, slots, high + reach, -1.0 if kind == 1 else 0.0, width, close, i)
        elif kind == 1:
            make_zone(state, slots, low + reach, -1.0, width, close, i)
        else:
            make_zone(state, slots, high - reach, 1.0 if kind == 0 else 0.0, width, close, i)


def stands_before(state: State, a: int, b: int) -> bool:
    """Return whether record a stands before b: active first, then nearer, then newer."""
    if state[a] != state[b]:
        return state[a] < state[b]
    if state[a + 9] != state[b + 9]:
        return state[a + 9] < state[b + 9]
    return state[a + 7] > state[b + 7]


def rank_zones(state: State, close: float) -> None:
    """Write each record's distance from the close to its near edge, 0 inside, and its rank."""
    k = 0
    while k < state[2]:
        z = HEAD + k * FIELDS
        distance = 0.0
        if close > state[z + 2]:
            distance = close - state[z + 2]
        elif close < state[z + 1]:
            distance = state[z + 1] - close
        state[z + 9] = distance
        state[z + 10] = 0.0
        for m in range(k):
            other = HEAD + m * FIELDS
            if stands_before(state, z, other):
                state[other + 10] += 1.0
            else:
                state[z + 10] += 1.0
        k += 1


def record_at(state: State, slot: int) -> int:
    """Return the record that stands at a slot, -1 when there are fewer zones."""
    if slot >= state[2]:
        return -1
    z = HEAD
    while state[z + 10] != slot:
        z += FIELDS
    return z


def write_slot(state: State, z: int, zones: Block, row: int, o: int, i: int) -> None:
    """Report one record, or emptiness for z = -1, in a row's places from `o`."""
    if z < 0:
        zones[row, o + 2] = 0.0
        zones[row, o + 3] = -1.0
        zones[row, o + 4] = -1.0
        zones[row, o + 5] = 0.0
        zones[row, o + 6] = 0.0
        zones[row, o + 7] = -1.0
        zones[row, o + 8] = -1.0
        return
    zones[row, o] = state[z + 1]
    zones[row, o + 1] = state[z + 2]
    zones[row, o + 2] = state[z]
    zones[row, o + 3] = i - state[z + 4]
    zones[row, o + 4] = state[z + 5]
    zones[row, o + 5] = 1.0 if state[z + 6] == i else 0.0
    zones[row, o + 6] = 1.0 if state[z + 9] == 0.0 else 0.0
    zones[row, o + 7] = state[z + 4]
    zones[row, o + 8] = i - state[z + 6] if state[z + 6] >= 0.0 else -1.0


def sum_up(state: State, i: int) -> None:
    """Count the active zones; the newest is told by its slot."""
    state[3] = 0.0
    state[4] = 0.0
    state[5] = 0.0
    state[6] = -1.0
    number = 0.0
    k = 0
    while k < state[2]:
        z = HEAD + k * FIELDS
        k += 1
        if state[z] == 1.0:
            state[3] += 1.0
            if state[z + 6] == i:
                state[4] = 1.0
            if state[z + 9] == 0.0:
                state[5] = 1.0
            if state[z + 7] > number:
                number = state[z + 7]
                state[6] = state[z + 10]


def derived_zone(
    high: Column,
    low: Column,
    close: Column,
    mark: Column,
    high_level: Column,
    low_level: Column,
    version: Column,
    levels: Numbers,
    slots: int,
    mode: int,
    kind: int,
    width: float,
    tolerance: float,
    source: int,
    active_count: Column,
    any_active: Column,
    any_touched: Column,
    any_inside: Column,
    closest_lower: Column,
    closest_upper: Column,
    closest_idx: Column,
    newest_idx: Column,
    zones: Block,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`zones` has the nine outputs of every slot, one slot after the other."""
    for i in range(start, stop):
        age_zones(state, high[i], low[i], mark[i] if source == 1 else close[i], tolerance, i)
        if version[i] > state[0]:
            state[0] = version[i]
            top = high_level[i]
            bottom = low_level[i]
            if top > bottom:
                make_all(state, slots, top, bottom, levels, mode, kind, width, close[i], i)
        rank_zones(state, close[i])
        sum_up(state, i)
        for slot in range(slots):
            write_slot(state, record_at(state, slot), zones, i - start, slot * PLACES, i)
        active = state[3] > 0.0
        active_count[i] = state[3]
        any_active[i] = 1.0 if active else 0.0
        any_touched[i] = state[4]
        any_inside[i] = state[5]
        # Active zones stand first and the nearest of them foremost: it is in slot 0.
        closest_lower[i] = zones[i - start, 0] if active else nan
        closest_upper[i] = zones[i - start, 1] if active else nan
        closest_idx[i] = 0.0 if active else -1.0
        newest_idx[i] = state[6]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + slots * FIELDS


KERNEL = Kernel("derived_zone", derived_zone, _state_size, columns=8)
