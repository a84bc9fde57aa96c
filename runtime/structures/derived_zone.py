"""Zones derived from the last swing: created at its retracements, touched, and broken by closes.

A zone is a record of `FIELDS` numbers in `state`, which also keeps the swing version and a counter.
"""

from __future__ import annotations

from math import nan
from typing import Any

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel

HEAD = 2  # swing version, zones ever made
# One record: 0 status (0 free, 1 active, 2 broken), 1 lower, 2 upper, 3 side (1 demand, -1 supply,
# 0 both), 4 made on row, 5 touches, 6 last touch row, 7 number, 8 approached from (1 above,
# -1 below), 9 distance
FIELDS = 10
SLOT_OUTPUTS = 9


def break_side(state: Column, z: int) -> float:
    """Return the side from which the zone protects: 1 breaks below, -1 breaks above."""
    side = state[z + 3]
    return state[z + 8] if side == 0.0 else side


def age_zones(
    state: Column, slots: int, high: float, low: float, price: float, tolerance: float, i: int
) -> None:
    """Touch and break the zones made before row i."""
    for k in range(slots):
        z = HEAD + k * FIELDS
        if state[z] != 1.0:
            continue
        lower = state[z + 1]
        upper = state[z + 2]
        if low <= upper and high >= lower:
            state[z + 5] += 1.0
            state[z + 6] = i
        if price == price:
            side = break_side(state, z)
            broken = price < lower * (1.0 - tolerance)
            if side < 0.0:
                broken = price > upper * (1.0 + tolerance)
            if broken:
                state[z] = 2.0
            if price > upper:
                state[z + 8] = 1.0
            elif price < lower:
                state[z + 8] = -1.0


def free_slot(state: Column, slots: int) -> int:
    """Return the record for a new zone: a free one, else the oldest broken, else the oldest."""
    best = -1
    best_rank = 0.0
    for k in range(slots):
        z = HEAD + k * FIELDS
        if state[z] == 0.0:
            return z
        rank = state[z + 7] if state[z] == 2.0 else state[z + 7] + 1e15
        if best < 0 or rank < best_rank:
            best = z
            best_rank = rank
    return best


def make_zone(
    state: Column, slots: int, centre: float, side: float, width: float, close: float, i: int
) -> None:
    """Add a zone; one equal to an active zone within half a width takes its place and touches."""
    half = centre * width / 2.0
    touches = 0.0
    last = -1.0
    z = -1
    for k in range(slots):
        at = HEAD + k * FIELDS
        if state[at] == 1.0 and state[at + 3] == side:
            middle = (state[at + 1] + state[at + 2]) / 2.0
            gap = middle - centre
            if gap < 0.0:
                gap = -gap
            if gap <= half:
                z = at
                touches = state[at + 5]
                last = state[at + 6]
    if z < 0:
        z = free_slot(state, slots)
    state[1] += 1.0
    state[z] = 1.0
    state[z + 1] = centre - half
    state[z + 2] = centre + half
    state[z + 3] = side
    state[z + 4] = i
    state[z + 5] = touches
    state[z + 6] = last
    state[z + 7] = state[1]
    state[z + 8] = 1.0 if close >= centre else -1.0


def make_all(
    state: Column, slots: int, high: float, low: float, levels: Column, mode: int, kind: int,
    width: float, close: float, i: int,
) -> None:  # fmt: skip
    """Add the zones of one swing: `mode` 1 is extension; `kind` 0 demand, 1 supply, 2 both."""
    span = high - low
    for k in range(len(levels)):
        ratio = levels[k]
        if mode == 1:
            if kind != 1:
                make_zone(
                    state, slots, low - ratio * span, 1.0 if kind == 0 else 0.0, width, close, i
                )
            if kind != 0:
                make_zone(
                    state, slots, high + ratio * span, -1.0 if kind == 1 else 0.0, width, close, i
                )
        elif kind == 1:
            make_zone(state, slots, low + ratio * span, -1.0, width, close, i)
        else:
            make_zone(state, slots, high - ratio * span, 1.0 if kind == 0 else 0.0, width, close, i)


def measure(state: Column, slots: int, close: float) -> None:
    """Write each zone's distance from the close to its near edge, 0 inside."""
    for k in range(slots):
        z = HEAD + k * FIELDS
        distance = 0.0
        if close > state[z + 2]:
            distance = close - state[z + 2]
        elif close < state[z + 1]:
            distance = state[z + 1] - close
        state[z + 9] = distance


def rank_before(state: Column, a: int, b: int) -> bool:
    """Return whether zone a stands before b: active first, then nearer, then newer."""
    if state[a] != state[b]:
        return state[a] < state[b]
    if state[a + 9] != state[b + 9]:
        return state[a + 9] < state[b + 9]
    return state[a + 7] > state[b + 7]


def nth_zone(state: Column, slots: int, wanted: int) -> int:
    """Return the record that stands at a slot, -1 when there are fewer zones."""
    for k in range(slots):
        z = HEAD + k * FIELDS
        if state[z] == 0.0:
            continue
        before = 0
        for m in range(slots):
            other = HEAD + m * FIELDS
            if m != k and state[other] != 0.0 and rank_before(state, other, z):
                before += 1
        if before == wanted:
            return z
    return -1


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
        price = mark[i] if source == 1 else close[i]
        if state[1] > 0.0:
            age_zones(state, slots, high[i], low[i], price, tolerance, i)
        fresh = version[i] == version[i] and version[i] > state[0]
        if fresh:
            state[0] = version[i]
            if high_level[i] > low_level[i]:
                make_all(
                    state,
                    slots,
                    high_level[i],
                    low_level[i],
                    levels,
                    mode,
                    kind,
                    width,
                    close[i],
                    i,
                )
        measure(state, slots, close[i])
        count = 0.0
        touched = 0.0
        inside = 0.0
        newest = -1.0
        newest_number = 0.0
        closest_lower[i] = nan
        closest_upper[i] = nan
        closest_idx[i] = -1.0
        for k in range(slots):
            z = nth_zone(state, slots, k) if state[1] > 0.0 else -1
            o = k * SLOT_OUTPUTS
            if z < 0:
                rest[o + 2][i] = 0.0
                rest[o + 3][i] = -1.0
                rest[o + 4][i] = -1.0
                rest[o + 5][i] = 0.0
                rest[o + 6][i] = 0.0
                rest[o + 7][i] = -1.0
                rest[o + 8][i] = -1.0
                continue
            now = state[z + 6] == i
            within = state[z + 9] == 0.0
            rest[o][i] = state[z + 1]
            rest[o + 1][i] = state[z + 2]
            rest[o + 2][i] = state[z]
            rest[o + 3][i] = i - state[z + 4]
            rest[o + 4][i] = state[z + 5]
            rest[o + 5][i] = 1.0 if now else 0.0
            rest[o + 6][i] = 1.0 if within else 0.0
            rest[o + 7][i] = state[z + 4]
            rest[o + 8][i] = i - state[z + 6] if state[z + 6] >= 0.0 else -1.0
            if state[z] == 1.0:
                if count == 0.0:
                    closest_lower[i] = state[z + 1]
                    closest_upper[i] = state[z + 2]
                    closest_idx[i] = k
                count += 1.0
                if now:
                    touched = 1.0
                if within:
                    inside = 1.0
                if state[z + 7] > newest_number:
                    newest_number = state[z + 7]
                    newest = k
        active_count[i] = count
        any_active[i] = 1.0 if count > 0.0 else 0.0
        any_touched[i] = touched
        any_inside[i] = inside
        newest_idx[i] = newest


def _state_size(params: Params) -> int:
    slots = params["max_active"]
    assert isinstance(slots, int)
    return HEAD + slots * FIELDS


KERNEL = Kernel("derived_zone", derived_zone, _state_size)
