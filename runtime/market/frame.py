"""Append-only columns of one symbol's bars on one timeframe."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.market.recent import Recent, first_of, let_go


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: prices in quote, volume in base units."""

    open: float
    high: float
    low: float
    close: float
    volume: float


def _doubles() -> array[float]:
    return array("d")


def _ints() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Frame:
    """Bars as parallel columns: `ts` is the open time in ms UTC, prices quote, volume base units.

    Only closed bars are ever appended. `interval_ms` is the timeframe's length.
    """

    symbol: str
    timeframe: str
    interval_ms: int
    ts: array[int] = field(default_factory=_ints)
    open: array[float] = field(default_factory=_doubles)
    high: array[float] = field(default_factory=_doubles)
    low: array[float] = field(default_factory=_doubles)
    close: array[float] = field(default_factory=_doubles)
    volume: array[float] = field(default_factory=_doubles)

    @classmethod
    def recent(cls, symbol: str, timeframe: str, interval_ms: int) -> Frame:
        """Return an empty frame that can let go of its oldest bars; those that stay keep their numbers."""
        columns: list[Any] = [Recent(code) for code in "qddddd"]  # read as arrays are
        return cls(symbol, timeframe, interval_ms, *columns)

    @property
    def first(self) -> int:
        """Return the number of the oldest bar that is held."""
        return first_of(self.ts)

    def let_go(self, before: int) -> None:
        """Let go of the bars below a number, where the frame can."""
        let_go((self.ts, self.open, self.high, self.low, self.close, self.volume), before)

    def __len__(self) -> int:
        return len(self.ts)

    def append(
        self, ts: int, open_: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Append one closed bar; times must increase."""
        assert not self.ts or ts > self.ts[-1], "bars must be appended in time order"
        self.ts.append(ts)
        self.open.append(open_)
        self.high.append(high)
        self.low.append(low)
        self.close.append(close)
        self.volume.append(volume)

    def bar(self, index: int) -> Bar:
        """Return bar `index` as one value."""
        return Bar(
            self.open[index],
            self.high[index],
            self.low[index],
            self.close[index],
            self.volume[index],
        )

    def rows(self, start: int, stop: int | None = None) -> Frame:
        """Return the bars [start, stop) as a frame of their own."""
        cut = slice(start, stop)
        return Frame(
            self.symbol,
            self.timeframe,
            self.interval_ms,
            self.ts[cut],
            self.open[cut],
            self.high[cut],
            self.low[cut],
            self.close[cut],
            self.volume[cut],
        )

    def close_time(self, index: int) -> int:
        """Return when bar `index` closed, ms UTC (= the open time of the next slot)."""
        return self.ts[index] + self.interval_ms

    def column(self, name: str) -> array[float]:
        """Return a stored column by name: open high low close volume."""
        column: array[float] = getattr(self, name)
        return column


@dataclass(frozen=True, slots=True)
class Closes:
    """What the closes of a history say: bars, and mark at their closes."""

    bars: Frame
    marks: Sequence[float]

    def at(self, bar: int) -> tuple[int, float, float]:
        """Return when a bar closed (ms UTC), its close, and mark then."""
        return self.bars.close_time(bar), self.bars.close[bar], self.marks[bar]
