"""Clocks: the feeds that features run on, and what an exec bar can see of each.

INVARIANT: a row of another clock is visible on an exec bar exactly when it had closed by that bar's
close. Partial bars are never visible.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping

from runtime.errors import DataError
from runtime.features.blocks import typical_price
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.recent import Make, let_go
from runtime.market.resample import Resampler
from runtime.market.timeframe import TIMEFRAMES
from runtime.rules.same_times import Feed, OneClock, join, one_clock

_DERIVED: dict[str, Callable[[float, float, float, float], float]] = {
    "hl2": lambda o, h, low, c: (h + low) / 2.0,
    "hlc3": lambda o, h, low, c: typical_price(h, low, c),
    "ohlc4": lambda o, h, low, c: (o + h + low + c) / 4.0,
}
_STORED = frozenset({"open", "high", "low", "close", "volume"})


class Clock:
    """One feed: its frame, the columns features read of it, and how far it has come.

    `rows` is how many of the frame's rows have closed by the exec bars seen. `view[t]` is the last
    row visible on exec bar t, -1 for none (or stale, for another symbol's missing bar).
    """

    def __init__(
        self, frame: Frame, data: MarketData, *, is_foreign: bool, make: Make = array
    ) -> None:
        self.frame = frame
        self.is_exec = frame is data.exec
        self.rows = 0
        self.view: array[int] = make("q")
        self._make = make
        self._data = data
        self._is_foreign = is_foreign
        self._columns: dict[str, array[float]] = {}
        self._resampler: Resampler | None = None
        self._known: OneClock | None = None
        self._mark_row = 0

    def resample_from(self, source: Frame, known: OneClock | None = None) -> None:
        """Build the frame from finer bars; `known` is what bars of the same times have left of it."""
        self._resampler, self._known = Resampler(source, self.frame), known
        if known is not None:
            self.frame.ts, self.frame.volume = known.ts, known.volume

    def column(self, name: str) -> array[float] | array[int]:
        """Return an input column: stored, derived, `ts`, marks or funding; it grows with the clock."""
        name = "mark" if name == "mark_price" else name
        if name == "ts":
            return self.frame.ts
        if name in _STORED:
            return self.frame.column(name)
        if name not in self._columns:
            self._columns[name] = self._make("d")
            self._extend(name)
        return self._columns[name]

    def advance(self, stop: int) -> None:
        """Take in everything that has closed by the close of exec bar stop - 1."""
        exec_frame = self._data.exec
        if self._known is not None:
            join(self._known, exec_frame, self.frame)
            self.view, self.rows = self._known.view, len(self.frame)
        elif self.is_exec:
            self.rows = stop
        else:
            if self._resampler is not None:
                self._resampler.advance(stop)
            self._look(exec_frame, stop)
        for name in self._columns:
            self._extend(name)

    def of_its_times(self) -> OneClock | None:
        """Return what bars of the same times need not work out again; None where there is nothing."""
        if self._resampler is None or self.rows != len(self.frame):
            return None
        return self._known or one_clock(self._data.exec, self.frame, self.view)

    def let_go(self, before: int, exec_before: int) -> None:
        """Let go of the rows below a number, and of what was seen of them on exec bars below another."""
        self.frame.let_go(before)
        let_go(self._columns.values(), before)
        let_go([self.view], exec_before)

    def _look(self, exec_frame: Frame, stop: int) -> None:
        frame, rows = self.frame, self.rows
        for t in range(len(self.view), stop):
            now = exec_frame.close_time(t)
            while rows < len(frame) and frame.close_time(rows) <= now:
                rows += 1
            row = rows - 1
            if self._is_foreign and row >= 0:
                stale = frame.close_time(row) <= now - max(frame.interval_ms, 1)
                row = -1 if stale else row
            self.view.append(row)
        self.rows = rows

    def _extend(self, name: str) -> None:
        column, frame = self._columns[name], self.frame
        if name == "mark":
            self._extend_mark(column)
            return
        if name == "funding_rate":
            self._extend_funding(column)
            return
        formula = _DERIVED[name]
        for i in range(len(column), self.rows):
            column.append(formula(frame.open[i], frame.high[i], frame.low[i], frame.close[i]))

    def _extend_mark(self, column: array[float]) -> None:
        mark = self._data.mark
        for i in range(len(column), self.rows):
            column.append(math.nan if mark is None else self._mark_at(mark, i))

    def _extend_funding(self, column: array[float]) -> None:
        """The last rate settled by the close of each bar; unknown before the first, and of another symbol."""
        series, frame, row = self._data.funding, self.frame, len(column)
        if series is None or self._is_foreign:
            column.extend(array("d", [math.nan]) * (self.rows - row))
            return
        # COST: settlement by settlement, not bar by bar.
        while row < self.rows:
            new = bisect_right(series.ts, frame.close_time(row))
            past = self.rows
            if new < len(series.ts):
                past = bisect_left(frame.ts, series.ts[new] - frame.interval_ms, row, self.rows)
            rate = series.rate[new - 1] if new else math.nan
            column.extend(array("d", [rate]) * (past - row))
            row = past

    def _mark_at(self, mark: Frame, row: int) -> float:
        now = self.frame.close_time(row)
        while self._mark_row < len(mark) and mark.close_time(self._mark_row) <= now:
            self._mark_row += 1
        return mark.close[self._mark_row - 1] if self._mark_row else math.nan


class Clocks:
    """All feeds of a run by (symbol, timeframe); the exec feed first."""

    def __init__(
        self, data: MarketData, make: Make = array, known: Mapping[Feed, OneClock] | None = None
    ) -> None:
        """`known` is what bars of the same times have left of feeds that are built from them."""
        self._data = data
        self._known = known or {}
        self._make = make
        self.exec = Clock(data.exec, data, is_foreign=False, make=make)
        self._clocks = {(data.exec.symbol, data.exec.timeframe): self.exec}

    def clock(self, symbol: str, timeframe: str) -> Clock:
        """Return a feed, made by resampling where it is not given; DataError where it cannot be."""
        key = (symbol, timeframe)
        if key in self._clocks:
            return self._clocks[key]
        given = self._data.frames.get(key)
        foreign = symbol != self._data.exec.symbol
        if given is not None:
            made = Clock(given, self._data, is_foreign=foreign, make=self._make)
        elif foreign:
            raise DataError(f"the card reads {symbol} {timeframe}; no such feed was given")
        else:
            new = Frame if self._make is array else Frame.recent
            frame = new(symbol, timeframe, TIMEFRAMES[timeframe])
            made = Clock(frame, self._data, is_foreign=False, make=self._make)
            made.resample_from(self._data.exec, self._known.get(key))
        self._clocks[key] = made
        return made

    def of_their_times(self) -> dict[Feed, OneClock]:
        """Return what bars of the same times need not work out again, feed by feed."""
        found = {key: clock.of_its_times() for key, clock in self._clocks.items()}
        return {key: known for key, known in found.items() if known is not None}

    def __iter__(self) -> Iterator[Clock]:
        return iter(self._clocks.values())

    def advance(self, stop: int) -> None:
        for clock in self._clocks.values():
            clock.advance(stop)
