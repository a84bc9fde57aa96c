"""What a metric is, and the view of a run that every metric reads."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runtime.market.frame import Frame
from runtime.records.rows import RunRecord, TradeRow
from runtime.reports.columns import changes, falls, highest_so_far, stretches
from runtime.reports.figures import Moments

YEAR_MS = 365 * 24 * 3_600_000
DAY_MS = 24 * 3_600_000
_SHORTEST_MS = 7 * DAY_MS
Value = float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as metrics see it.

    `closed` are the round trips that ended by the card's or the market's doing: neither still open
    nor closed only because the data ended. `equity` starts with the starting equity, then one value
    per bar. `returns` are its bar-to-bar returns, empty once equity was zero or below;
    `daily_returns` those from the end of one UTC day to the next (a bar belongs to the day of its
    open). `drawdowns` are, per point of `equity`, the fall from the highest value so far as a
    fraction, `peaks` those highest values. `longest_drawdown_ms` is the longest time from a peak until equity was back.
    """

    record: RunRecord
    closed: tuple[TradeRow, ...]
    opens: Sequence[float]
    closes: Sequence[float]
    interval_ms: int
    period_ms: int
    starting_equity: float
    equity: Sequence[float]
    returns: Sequence[float]
    daily_returns: Sequence[float]
    longest_drawdown_ms: int
    peaks: Sequence[float]
    drawdowns: Sequence[float]
    moments: Moments  # of `returns`

    @property
    def bars(self) -> int:
        return len(self.record.equity.equity)

    @property
    def bars_per_year(self) -> float:
        """Return how many bars of such data a year of 365 days has: nights and weekends have none.

        Below a week the data cannot show that; then a market that never closes is assumed.
        """
        if self.period_ms < _SHORTEST_MS:
            return YEAR_MS / self.interval_ms
        return len(self.closes) * YEAR_MS / self.period_ms

    @property
    def final_equity(self) -> float:
        return self.equity[-1]

    @property
    def net_profit(self) -> float:
        return self.equity[-1] - self.starting_equity


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure: its row in the table is its documentation and its computation."""

    name: str
    unit: str  # usdt pct ratio bars days count bps x
    title: str
    definition: str
    formula: str
    undefined: str  # when it is null; "never" if always a number
    compute: Callable[[RunView], Value]


def run_view(record: RunRecord, frame: Frame, start: float) -> RunView:
    """Return the view of a run on its exec bars; bars that the record does not cover are left out.

    `start` is the starting equity in quote.
    """
    # COST: arrays: a million bars have a million values in each of these.
    equity = array("d", [start])
    equity.extend(record.equity.equity)
    returns = _returns(equity)
    peaks = highest_so_far(equity)
    drawdowns = falls(equity, peaks)
    bars = min(len(record.equity.equity), len(frame))
    times = array("q", frame.ts[:1])
    times.extend(record.equity.ts)
    return RunView(
        record=record,
        closed=tuple(t for t in record.trades if not t.is_open and not t.at_end),
        opens=frame.open[:bars],
        closes=frame.close[:bars],
        interval_ms=frame.interval_ms,
        period_ms=frame.close_time(bars - 1) - frame.ts[0] if bars else 0,
        starting_equity=start,
        equity=equity,
        returns=returns,
        daily_returns=_returns(
            [start, *(record.equity.equity[row] for row in day_ends(frame.ts[:bars]))]
        )
        if returns
        else (),
        longest_drawdown_ms=_longest_drawdown(drawdowns, times),
        peaks=peaks,
        drawdowns=drawdowns,
        moments=Moments.of(returns),
    )


def _returns(equity: Sequence[float]) -> Sequence[float]:
    if min(equity[:-1], default=1.0) <= 0:
        return ()
    return changes(equity)


def day_ends(opens: Sequence[int]) -> list[int]:
    """Return the last row of every UTC day that has bars; `opens` are the bars' open times, ms."""
    ends: list[int] = []
    row = 0
    while row < len(opens):
        row = bisect_left(opens, (opens[row] // DAY_MS + 1) * DAY_MS, lo=row)
        ends.append(row - 1)
    return ends


def _longest_drawdown(drawdowns: Sequence[float], times: Sequence[int]) -> int:
    """Return the longest time in ms from a peak until equity was back at it, or until the end."""
    last = len(times) - 1
    return max(
        (times[min(end, last)] - times[start - 1] for start, end in stretches(drawdowns)), default=0
    )
