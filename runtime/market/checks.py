"""Is a series of bars fit to trade on? Every problem names its row and time.

Errors make a file unusable; gaps are reported and, where the caller allows them, kept as holes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from runtime.market.whole_columns import bars_are_possible, longest_step, times_are_even

MAX_LISTED = 10


def utc(ts: int) -> str:
    """Return a time in ms UTC as people read it; the number itself when it is no sane date."""
    try:
        return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{ts} ms"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a series: `row` counts from 0 in the file as it was read."""

    row: int
    ts: int
    text: str

    def __str__(self) -> str:
        return f"row {self.row} ({utc(self.ts)}): {self.text}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing bars between two rows."""

    after_row: int
    after_ts: int
    missing: int

    def __str__(self) -> str:
        bars = "bar" if self.missing == 1 else "bars"
        return f"{self.missing} {bars} missing after row {self.after_row} ({utc(self.after_ts)})"


def _bar_problem(open_: float, high: float, low: float, close: float, volume: float) -> str | None:
    for name, value in (
        ("open", open_),
        ("high", high),
        ("low", low),
        ("close", close),
        ("volume", volume),
    ):
        if value is None:  # an empty cell of a table
            return f"{name} is empty"
        if not math.isfinite(value):
            return f"{name} is not a number ({value})"
    if low <= 0.0:
        return f"low {low} is not a positive price"
    if high < low:
        return f"high {high} is below low {low}"
    if high < max(open_, close):
        return f"high {high} is below the open or close ({open_}, {close})"
    if low > min(open_, close):
        return f"low {low} is above the open or close ({open_}, {close})"
    if volume < 0.0:
        return f"volume {volume} is negative"
    return None


def find_problems(
    ts: Sequence[int], columns: Sequence[Sequence[float]], interval: int
) -> list[Problem]:
    """Return what makes the series unusable: order, duplicates, alignment, impossible bars.

    `columns` are open, high, low, close, volume; `interval` is in ms (0 = do not check alignment).
    """
    if _is_sound(ts, columns, interval):
        return []
    problems: list[Problem] = []
    phase = ts[0] % interval if interval and len(ts) else 0
    previous = None
    for row, (when, *bar) in enumerate(zip(ts, *columns, strict=True)):
        if previous is not None and when == previous:
            problems.append(Problem(row, when, "this time occurs twice"))
        elif previous is not None and when < previous:
            problems.append(Problem(row, when, f"time goes backwards (after {utc(previous)})"))
        elif interval and when % interval != phase:
            problems.append(Problem(row, when, "time is not on the grid of the timeframe"))
        text = _bar_problem(*bar)
        if text is not None:
            problems.append(Problem(row, when, text))
        previous = when
    return problems


def _is_sound(ts: Sequence[int], columns: Sequence[Sequence[float]], interval: int) -> bool:
    stored = [column for column in columns if isinstance(column, array)]
    if not isinstance(ts, array) or len(stored) < len(columns):
        return False
    return times_are_even(ts, interval) and bars_are_possible(stored)


def find_gaps(ts: Sequence[int], interval: int) -> list[Gap]:
    """Return the holes of an ordered series."""
    if isinstance(ts, array) and longest_step(ts) <= interval:
        return []
    return [
        Gap(row - 1, ts[row - 1], (ts[row] - ts[row - 1]) // interval - 1)
        for row in range(1, len(ts))
        if ts[row] - ts[row - 1] > interval
    ]


def guess_interval(ts: Sequence[int]) -> int:
    """Return the most frequent step between rows, in ms (0 for fewer than two rows)."""
    counts: dict[int, int] = {}
    for row in range(1, min(len(ts), 5_000)):
        step = ts[row] - ts[row - 1]
        if step > 0:
            counts[step] = counts.get(step, 0) + 1
    if not counts:
        return 0
    return min(counts, key=lambda step: (-counts[step], step))
