"""Mark prices: the four corners of every bar, and mark at a moment.

A mark series coarser than the bars lends each bar its difference to last, at open, close and the
extremes. Without a series, mark is last (and the result says so).
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass

from runtime.backends.sim.path import by_direction
from runtime.formulas.path import between, place_of, segment_of
from runtime.market.frame import Bar, Frame


@dataclass(frozen=True, slots=True)
class Marks:
    """Mark at the corners of every bar, in columns as long as the bars; `series` as it was given."""

    open: array[float]
    high: array[float]
    low: array[float]
    close: array[float]
    series: Frame | None

    def bar(self, index: int) -> Bar:
        """Return the corners of one bar."""
        return Bar(self.open[index], self.high[index], self.low[index], self.close[index], 0.0)

    def least(self, start: int, stop: int) -> float:
        """Return the lowest mark of the bars [start, stop)."""
        corners = (self.low, self.close, self.open, self.high)
        return min(min(corner[start:stop]) for corner in corners)

    def most(self, start: int, stop: int) -> float:
        """Return the highest mark of the bars [start, stop)."""
        corners = (self.high, self.close, self.open, self.low)
        return max(max(corner[start:stop]) for corner in corners)

    def starting_at(self, ts: int) -> float | None:
        """Return the open of the mark bar that starts at a time (ms), None where none does."""
        row = self._row(ts)
        if self.series is None or row < 0 or self.series.ts[row] != ts:
            return None
        return self.series.open[row]

    def known_at(self, ts: int, since: int) -> float | None:
        """Return mark at a time in a hole of last: its own, else the last known.

        None where no mark bar reaches into the hole, which is there `since` a time (ms).
        """
        series, row = self.series, self._row(ts)
        if series is None or row < 0 or series.close_time(row) < since:
            return None
        if series.ts[row] == ts:
            return series.open[row]
        if ts >= series.close_time(row):
            return series.close[row]
        path = by_direction(series.bar(row))
        place = place_of(float(ts), float(series.ts[row]), float(series.interval_ms))
        segment = segment_of(place)
        return between(path[segment], path[segment + 1], place - segment)

    def _row(self, ts: int) -> int:
        return -1 if self.series is None else bisect_right(self.series.ts, ts) - 1


def marks_for(bars: Frame, mark: Frame | None) -> Marks:
    """Return the marks of every bar, aligned by time."""
    if mark is None or not len(mark):
        return Marks(bars.open, bars.high, bars.low, bars.close, None)
    if mark.interval_ms == bars.interval_ms and mark.ts == bars.ts:
        return Marks(mark.open, mark.high, mark.low, mark.close, mark)
    made = Marks(bars.open[:], bars.high[:], bars.low[:], bars.close[:], mark)
    if mark.interval_ms > bars.interval_ms:
        _lend(made, bars, mark)
    else:
        _gather(made, bars, mark)
    return made


def _lend(made: Marks, bars: Frame, mark: Frame) -> None:
    for row, (first, last) in _covered(bars, mark).items():
        at_open = mark.open[row] - bars.open[first]
        at_close = mark.close[row] - bars.close[last - 1]
        at_low = mark.low[row] - min(bars.low[first:last])
        at_high = mark.high[row] - max(bars.high[first:last])
        for index in range(first, last):
            made.high[index] += at_high
            made.low[index] += at_low
            # The mark bar knows its own extremes: nothing lent goes beyond them.
            made.open[index] = _within(mark, row, made.open[index] + at_open)
            made.close[index] = _within(mark, row, made.close[index] + at_close)


def _within(mark: Frame, row: int, price: float) -> float:
    return min(max(price, mark.low[row]), mark.high[row])


def _covered(bars: Frame, mark: Frame) -> dict[int, tuple[int, int]]:
    """Return mark row -> rows [first, last) of the bars inside it."""
    groups: dict[int, tuple[int, int]] = {}
    row = 0
    for index in range(len(bars)):
        while row < len(mark) and mark.close_time(row) <= bars.ts[index]:
            row += 1
        if row < len(mark) and mark.ts[row] <= bars.ts[index]:
            first = groups.get(row, (index, index))[0]
            groups[row] = (first, index + 1)
    return groups


def _gather(made: Marks, bars: Frame, mark: Frame) -> None:
    row = 0
    for index in range(len(bars)):
        open_, lowest, highest, last = math.nan, math.inf, -math.inf, math.nan
        while row < len(mark) and mark.ts[row] < bars.close_time(index):
            if mark.ts[row] >= bars.ts[index]:
                open_ = mark.open[row] if math.isnan(open_) else open_
                lowest, highest = min(lowest, mark.low[row]), max(highest, mark.high[row])
                last = mark.close[row]
            row += 1
        if not math.isnan(last):
            made.open[index], made.close[index] = open_, last
            made.high[index], made.low[index] = highest, lowest
