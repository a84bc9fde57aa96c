"""Zones derived from the last swing: created at its retracements, touched, and broken by closes."""

from __future__ import annotations

from math import nan
from typing import Any

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel

# state: 0 swing version, 1 zones ever made, 2 records in use, 3-6 of the active zones of this bar:
# count, touched, inside, slot of the newest; then one record per slot
HEAD = 7
# A record: 0 status (1 active, 2 broken), 1 lower, 2 upper, 3 side (1 demand, -1 supply, 0 both),
# 4 made on row, 5 touches, 6 last touch row, 7 number, 8 approached from (1 above, -1 below),
# 9 distance, 10 rank
FIELDS = 11
SLOT_OUTPUTS = 9


def age_zones(
    state: Column, high: float, low: float, price: float, tolerance: float, i: int
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


def free_record(state: Column, slots: int) -> int:
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


def same_zone(state: Column, centre: float, half: float, side: float) -> int:
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
    state: Column, slots: int, centre: float, side: float, width: float, close: float, i: int
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
    state: Column, slots: int, high: float, low: float, levels: Column, mode: int, kind: int,
    width: float, close: float, i: int,
) -> None:  # fmt: skip
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


def stands_before(state: Column, a: int, b: int) -> bool:
    """Return whether record a stands before b: active first, then nearer, then newer."""
    if state[a] != state[b]:
        return state[a] < state[b]
    if state[a + 9] != state[b + 9]:
        return state[a + 9] < state[b + 9]
    return state[a + 7] > state[b + 7]


def rank_zones(state: Column, close: float) -> None:
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


def record_at(state: Column, slot: int) -> int:
    """Return the record that stands at a slot, -1 when there are fewer zones."""
    if slot >= state[2]:
        return -1
    z = HEAD
    while state[z + 10] != slot:
        z += FIELDS
    return z


def write_slot(
    state: Column, z: int, lower: Column, upper: Column, status: Column, age: Column,
    touches: Column, touched: Column, inside: Column, anchor: Column, last_touch: Column, i: int,
) -> None:  # fmt: skip
    """Report one record, or emptiness for z = -1."""
    if z < 0:
        status[i] = 0.0
        age[i] = -1.0
        touches[i] = -1.0
        touched[i] = 0.0
        inside[i] = 0.0
        anchor[i] = -1.0
        last_touch[i] = -1.0
        return
    lower[i] = state[z + 1]
    upper[i] = state[z + 2]
    status[i] = state[z]
    age[i] = i - state[z + 4]
    touches[i] = state[z + 5]
    touched[i] = 1.0 if state[z + 6] == i else 0.0
    inside[i] = 1.0 if state[z + 9] == 0.0 else 0.0
    anchor[i] = state[z + 4]
    last_touch[i] = i - state[z + 6] if state[z + 6] >= 0.0 else -1.0


def sum_up(state: Column, i: int) -> None:
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
    high: Column, low: Column, close: Column, mark: Column, high_level: Column, low_level: Column,
    version: Column, levels: Column, slots: int, mode: int, kind: int, width: float,
    tolerance: float, source: int, active_count: Column, any_active: Column, any_touched: Column,
    any_inside: Column, closest_lower: Column, closest_upper: Column, closest_idx: Column,
    newest_idx: Column, *rest: Any,
) -> None:  # fmt: skip
    """`rest` is the nine outputs of every slot, then state, start, stop."""
    state, start, stop = rest[-3], rest[-2], rest[-1]
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
            o = slot * SLOT_OUTPUTS
            write_slot(
                state, record_at(state, slot), rest[o], rest[o + 1], rest[o + 2], rest[o + 3],
                rest[o + 4], rest[o + 5], rest[o + 6], rest[o + 7], rest[o + 8], i,
            )  # fmt: skip
        active = state[3] > 0.0
        active_count[i] = state[3]
        any_active[i] = 1.0 if active else 0.0
        any_touched[i] = state[4]
        any_inside[i] = state[5]
        # Active zones stand first and the nearest of them foremost: it is in slot 0.
        closest_lower[i] = rest[0][i] if active else nan
        closest_upper[i] = rest[1][i] if active else nan
        closest_idx[i] = 0.0 if active else -1.0
        newest_idx[i] = state[6]


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + slots * FIELDS


KERNEL = Kernel("derived_zone", derived_zone, _state_size)
