"""Where the volume of the last bars was traded: point of control and value area."""

from __future__ import annotations

from math import floor, inf, nan

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.kernel import Column, Kernel, State


def bucket_of(price: float, bottom: float, step: float, buckets: int) -> int:
    """Return the bucket a price lies in; the top of the range belongs to the last one."""
    place = (price - bottom) / step
    if not place > 0.0:
        return 0
    return floor(place) if place < buckets else buckets - 1


def spread_bar(
    low: float,
    high: float,
    volume: float,
    bottom: float,
    step: float,
    buckets: int,
    state: State,
) -> None:
    """Add a bar's volume to the buckets, evenly from its low to its high.

    A bar without a known range makes the whole profile unknown.
    """
    if not low <= high:
        state[0] = nan
        return
    first = bucket_of(low, bottom, step, buckets)
    last = bucket_of(high, bottom, step, buckets)
    if first >= last:
        state[last] += volume
        return
    density = volume / (high - low)
    full = density * step
    state[first] += density * (bottom + (first + 1) * step - low)
    for j in range(first + 1, last):
        state[j] += full
    state[last] += density * (high - (bottom + last * step))


def window_low(low: Column, lookback: int, i: int) -> float:
    """Return the smallest of the last `lookback` rows."""
    best = low[i]
    for j in range(i - lookback + 1, i):
        if low[j] < best:
            best = low[j]
    return best


def window_high(high: Column, lookback: int, i: int) -> float:
    """Return the largest of the last `lookback` rows."""
    best = high[i]
    for j in range(i - lookback + 1, i):
        if high[j] > best:
            best = high[j]
    return best


# Neighbours that the same bars cover hold the same volume up to rounding: they are ties.
TIE = 1e-9  # of the window's volume


def value_area(share: float, buckets: int, state: State) -> None:
    """Grow from the fullest bucket towards the fuller neighbour until `share` is covered.

    Of equal buckets the lowest is the point of control, of equal neighbours the upper one is taken;
    equal means within TIE of the whole volume, so that rounding decides nothing.
    Leaves in state[buckets : buckets + 4]: point of control, lowest and highest bucket, volume.
    """
    control = 0
    total = 0.0
    for j in range(buckets):
        total += state[j]
    slack = TIE * total
    for j in range(1, buckets):
        if state[j] > state[control] + slack:
            control = j
    low = control
    high = control
    covered = state[control]
    while covered < share * total - slack and (low > 0 or high < buckets - 1):
        above = state[high + 1] if high < buckets - 1 else -1.0
        below = state[low - 1] if low > 0 else -1.0
        if above >= below - slack:
            high += 1
            covered += above
        else:
            low -= 1
            covered += below
    state[buckets] = control
    state[buckets + 1] = low
    state[buckets + 2] = high
    state[buckets + 3] = total


def volume_profile(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    lookback: int,
    buckets: int,
    share: float,
    poc: Column,
    vah: Column,
    val: Column,
    in_value_area: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Profile of the last `lookback` bars in `buckets` equal steps of their range.

    Built anew each bar, so that nothing of the bars that left remains. Unknown without volume.
    """
    for i in range(max(start, lookback - 1), stop):
        bottom = window_low(low, lookback, i)
        step = (window_high(high, lookback, i) - bottom) / buckets
        if not step < inf:
            continue
        for j in range(buckets):
            state[j] = 0.0
        for j in range(i - lookback + 1, i + 1):
            if step > 0.0:
                spread_bar(low[j], high[j], volume[j], bottom, step, buckets, state)
            else:
                state[0] += volume[j]
        value_area(share, buckets, state)
        if state[buckets + 3] > 0.0:
            poc[i] = bottom + (state[buckets] + 0.5) * step
            val[i] = bottom + state[buckets + 1] * step
            vah[i] = bottom + (state[buckets + 2] + 1.0) * step
            is_inside = val[i] <= close[i] and close[i] <= vah[i]
            in_value_area[i] = 1.0 if is_inside else 0.0


def _state_size(params: Params) -> int:
    return whole(params, "buckets") + 4


KERNEL = Kernel("volume_profile", volume_profile, _state_size)
