"""Holes of the trade bars in which the mark series goes on: nobody trades there, mark still decides.

The law: a hole is told as bars of no volume would be: mark goes through its own bars, a position may be
liquidated and funding is paid on the way; orders are met by nobody before the jump out of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from runtime.backends.sim.parts import Part
from runtime.market.frame import Bar, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """The time before exec bar `bar`, up to `end` (ms UTC), and the rows [first, last) of mark in it.

    `least` and `most` are the extremes of mark in those rows.
    """

    bar: int
    end: int
    first: int
    last: int
    least: float
    most: float

    def parts(self, mark: Frame) -> Iterator[Part]:
        """Yield the mark bars of the hole, in which last trades nothing, in the order of time."""
        for row in range(self.first, self.last):
            way = mark.bar(row)
            still = Bar(way.open, way.high, way.low, way.close, 0.0)
            ts, end = mark.ts[row], min(mark.close_time(row), self.end)
            yield Part(still, way, ts, end - ts, is_hole=True)


def holes_in(bars: Frame, mark: Frame | None) -> tuple[Hole, ...]:
    """Return the holes of the bars that mark bars lie in, in the order of time.

    A mark bar belongs to the bar or the hole in which it starts; a coarser one with a bar inside it
    lends its extremes to that bar.
    """
    if mark is None or not len(mark):
        return ()
    return tuple(_known(bars, mark))


def _known(bars: Frame, mark: Frame) -> Iterator[Hole]:
    length = bars.interval_ms
    for bar, (before, ts) in enumerate(pairwise(bars.ts), start=1):
        if ts - before == length:
            continue
        first, last = bisect_left(mark.ts, before + length), bisect_left(mark.ts, ts)
        if mark.interval_ms > length and last > first and mark.close_time(last - 1) > ts:
            last -= 1
        if first < last:
            least, most = min(mark.low[first:last]), max(mark.high[first:last])
            yield Hole(bar=bar, end=ts, first=first, last=last, least=least, most=most)
