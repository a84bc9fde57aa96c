"""Arithmetic of the way price takes through a bar: four corners, three straight segments.

Scalar functions in the kernel language, so that every engine walks the same way to the bit. A place
on a path is a number: segment index + fraction, 0.0 at the open, 3.0 at the close.
"""

from __future__ import annotations

from math import fabs

SEGMENTS = 3
_SAME = 1e-12  # of a price: far above rounding errors, far below any tick


def low_comes_first(open_: float, high: float, low: float, close: float) -> bool:
    """Return whether a bar is walked O-L-H-C by its direction: green yes, red no, doji by distance.

    Measured against finer bars: right on 87-89 % of bars, 74-82 % of those that hit both sides.
    """
    if close > open_:
        return True
    if close < open_:
        return False
    return low_is_nearer(open_, high, low)


def low_is_nearer(open_: float, high: float, low: float) -> bool:
    """Return whether the low is nearer to the open than the high; at equal distance it is not.

    Distances of equally many ticks differ by the rounding errors of their prices: that is no nearer.
    """
    return (high - open_) - (open_ - low) > _SAME * open_


def fraction_of(level: float, start: float, end: float) -> float:
    """Return how far along a straight segment a level lies: 0 at its start, 1 at its end.

    A segment that stands still has every level at its start.
    """
    if start == end:
        return 0.0
    return (level - start) / (end - start)


def between(start: float, end: float, fraction: float) -> float:
    """Return the value at a fraction of a straight segment; its ends exactly."""
    if fraction >= 1.0:
        return end
    return start + (end - start) * fraction


def point_at(a: float, b: float, c: float, d: float, place: float) -> float:
    """Return the price at a place of a path through four corners."""
    if place >= 2.0:
        return between(c, d, place - 2.0)
    if place >= 1.0:
        return between(b, c, place - 1.0)
    return between(a, b, place)


def lowest_between(a: float, b: float, c: float, d: float, start: float, end: float) -> float:
    """Return the lowest price of a path from one place on, up to the last corner before another.

    An `end` beyond the path takes it to its close.
    """
    lowest = point_at(a, b, c, d, start)
    if start < 1.0 and end > 1.0:
        lowest = min(lowest, b)
    if start < 2.0 and end > 2.0:
        lowest = min(lowest, c)
    if start < 3.0 and end > 3.0:
        lowest = min(lowest, d)
    return lowest


def highest_between(a: float, b: float, c: float, d: float, start: float, end: float) -> float:
    """Return the highest price of a path from one place on, up to the last corner before another."""
    return -lowest_between(-a, -b, -c, -d, start, end)


def segment_of(place: float) -> int:
    """Return the segment a place lies on; the end of the path belongs to the last one."""
    return min(int(place), SEGMENTS - 1)


def place_of(ts: float, start: float, interval: float) -> float:
    """Return where on its path a bar is at a time (ms): each segment takes a third of the bar."""
    return SEGMENTS * (ts - start) / interval


def length_of(a: float, b: float, c: float, d: float) -> float:
    """Return the length of a path through four corners, in price units."""
    return fabs(b - a) + fabs(c - b) + fabs(d - c)


def length_ahead(a: float, b: float, c: float, d: float, place: float) -> float:
    """Return the length of a path that is still ahead of a place, in price units."""
    if place >= 2.0:
        return fabs(d - between(c, d, place - 2.0))
    if place >= 1.0:
        return fabs(c - between(b, c, place - 1.0)) + fabs(d - c)
    return fabs(b - between(a, b, place)) + fabs(c - b) + fabs(d - c)


def share_ahead(a: float, b: float, c: float, d: float, place: float) -> float:
    """Return the share of a bar's volume that is still ahead: volume is spread evenly by length.

    A path that stands still is spread evenly by time.
    """
    whole = length_of(a, b, c, d)
    if whole > 0.0:
        return length_ahead(a, b, c, d, place) / whole
    return 1.0 - place / SEGMENTS
