"""Where price goes inside a bar: straight segments through open, both extremes and close.

Mark goes the same way round through its own four corners, fraction by fraction.
"""

from __future__ import annotations

from typing import assert_never

from compiler.catalog.settings import Intrabar
from runtime.formulas.path import (
    low_comes_first,
    low_is_nearer,
    point_at,
    segment_of,
    share_ahead,
)
from runtime.market.frame import Bar

Path = tuple[float, float, float, float]


def corners(bar: Bar, *, is_low_first: bool) -> Path:
    """Return the corners of a bar in the order in which they are visited."""
    return low_first(bar) if is_low_first else high_first(bar)


def span(start: float, end: float) -> Bar:
    """Return a straight way as a bar, in which nothing traded."""
    return Bar(start, max(start, end), min(start, end), end, 0.0)


def low_first(bar: Bar) -> Path:
    return (bar.open, bar.low, bar.high, bar.close)


def high_first(bar: Bar) -> Path:
    return (bar.open, bar.high, bar.low, bar.close)


def goes_low_first(bar: Bar, policy: Intrabar) -> bool:
    """Return which extreme comes first by the rule of a run.

    `adverse` and `favourable` choose between two walks; where both come to the same, O-H-L-C stands.
    """
    match policy:
        case Intrabar.ADVERSE | Intrabar.FAVOURABLE:
            return False
        case Intrabar.NEAREST:
            return low_is_nearer(bar.open, bar.high, bar.low)
        case Intrabar.DIRECTION | Intrabar.MAGNIFY:
            return low_comes_first(bar.open, bar.high, bar.low, bar.close)
        case _:
            assert_never(policy)


def by_direction(bar: Bar) -> Path:
    """Green bar O-L-H-C, red bar O-H-L-C, doji: nearer extreme first (tie: O-H-L-C)."""
    return corners(bar, is_low_first=goes_low_first(bar, Intrabar.DIRECTION))


def by_nearest(bar: Bar) -> Path:
    """The extreme nearer to the open first (tie: O-H-L-C)."""
    return corners(bar, is_low_first=goes_low_first(bar, Intrabar.NEAREST))


def rest_of(bar: Bar, path: Path, place: float) -> Bar:
    """Return what is left of a bar from a place on: its range, and its share of volume."""
    segment = segment_of(place)
    start = point_at(*path, place)
    points = (start, *path[segment + 1 :])
    volume = bar.volume * share_ahead(*path, place)
    return Bar(start, max(points), min(points), path[3], volume)
