"""Mark prices at the extremes and the close of every exec bar.

A coarser mark series says by how much mark exceeded last at the extremes of its bar; that difference
is applied to the exec bars inside. Without a series, mark is last (and the result says so).
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from runtime.market.frame import Frame


@dataclass(frozen=True, slots=True)
class Marks:
    """Per exec bar: how far mark's extremes lie from last's, and mark at the close."""

    low_shift: array[float]
    high_shift: array[float]
    close: array[float]


def marks_for(bars: Frame, mark: Frame | None) -> Marks:
    """Return the marks of every exec bar, aligned by time."""
    count = len(bars)
    low, high = array("d", bytes(8 * count)), array("d", bytes(8 * count))
    close = array("d", bars.close)
    if mark is None or not len(mark):
        return Marks(low, high, close)
    groups = _group(bars, mark) if mark.interval_ms >= bars.interval_ms else None
    if groups is not None:
        for row, (first, last) in groups.items():
            shift_low = mark.low[row] - min(bars.low[first:last])
            shift_high = mark.high[row] - max(bars.high[first:last])
            basis = mark.close[row] - bars.close[last - 1]
            for index in range(first, last):
                low[index], high[index] = shift_low, shift_high
                close[index] = bars.close[index] + basis
        return Marks(low, high, close)
    return _finer(bars, mark, low, high, close)


def _group(bars: Frame, mark: Frame) -> dict[int, tuple[int, int]]:
    """Return mark row -> exec rows [first, last) that it covers."""
    groups: dict[int, tuple[int, int]] = {}
    row = 0
    for index in range(len(bars)):
        while row < len(mark) and mark.close_time(row) <= bars.ts[index]:
            row += 1
        if row < len(mark) and mark.ts[row] <= bars.ts[index]:
            first = groups.get(row, (index, index))[0]
            groups[row] = (first, index + 1)
    return groups


def _finer(
    bars: Frame, mark: Frame, low: array[float], high: array[float], close: array[float]
) -> Marks:
    row = 0
    for index in range(len(bars)):
        lowest, highest, last = math.inf, -math.inf, math.nan
        while row < len(mark) and mark.ts[row] < bars.close_time(index):
            if mark.ts[row] >= bars.ts[index]:
                lowest, highest = min(lowest, mark.low[row]), max(highest, mark.high[row])
                last = mark.close[row]
            row += 1
        if not math.isnan(last):
            low[index], high[index] = lowest - bars.low[index], highest - bars.high[index]
            close[index] = last
    return Marks(low, high, close)
