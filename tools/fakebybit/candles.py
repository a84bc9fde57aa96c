"""Candles of one symbol in every interval, made from prints; the open one is always there.

Law: a candle closes once, at its boundary; an interval without a print is a flat candle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tools.fakebybit.numbers import ZERO, text
from tools.fakebybit.wire import Row


@dataclass(slots=True)
class Candle:
    """One candle; `start` and `last_ms` in ms, prices in quote currency, volume in base units."""

    start: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    turnover: Decimal = ZERO
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a feed: `ts` is its open time in ms."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class Candles:
    """Closed candles and the open one, for each interval."""

    def __init__(self, intervals: Mapping[str, int]) -> None:
        self.intervals = dict(intervals)
        self.closed: dict[str, list[Candle]] = {name: [] for name in intervals}
        self.open: dict[str, Candle] = {}
        self.changed: set[str] = set()

    def trade(self, when: int, price: Decimal, qty: Decimal) -> None:
        """Take a print into the open candle of every interval."""
        for name, length in self.intervals.items():
            candle = self.open.get(name)
            start = when // length * length
            if candle is None or candle.start != start:
                self.open[name] = candle = Candle(start, price, price, price, price)
            candle.high, candle.low = max(candle.high, price), min(candle.low, price)
            candle.close, candle.last_ms = price, when
            candle.volume += qty
            candle.turnover += qty * price
        self.changed.update(self.intervals)

    def roll(self, now: int, price: Decimal) -> list[tuple[str, Candle]]:
        """Close what ends at `now` (a boundary); return the closed candles with their interval.

        `price`: what a market shows that nobody has traded in yet.
        """
        ended = []
        for name, length in self.intervals.items():
            if now % length:
                continue
            candle = self.open.pop(name, None) or self._flat(name, now - length, price)
            self.closed[name].append(candle)
            ended.append((name, candle))
        return ended

    def _flat(self, name: str, start: int, price: Decimal) -> Candle:
        before = self.closed[name]
        if not before:
            return Candle(start, price, price, price, price, last_ms=start)
        price = before[-1].close
        return Candle(start, price, price, price, price, last_ms=before[-1].last_ms)

    def preload(self, bar: Bar, length: int) -> None:
        """Take a whole past bar in; intervals finer than its length do not see it."""
        for name, span in self.intervals.items():
            if span < length:
                continue
            start = bar.ts // span * span
            candle = self.open.get(name)
            if candle is None or candle.start != start:
                self.open[name] = candle = Candle(start, bar.open, bar.high, bar.low, bar.close)
            candle.high, candle.low = max(candle.high, bar.high), min(candle.low, bar.low)
            candle.close, candle.last_ms = bar.close, bar.ts + length - 1
            candle.volume += bar.volume
            candle.turnover += bar.volume * bar.close
            if start + span == bar.ts + length:
                self.closed[name].append(self.open.pop(name))

    def history(
        self, interval: str, start: int | None, end: int | None, limit: int
    ) -> list[Candle]:
        """Return candles newest first, the open one included, as the venue does."""
        everything = [*self.closed[interval]]
        if interval in self.open:
            everything.append(self.open[interval])
        if start is not None and end is None:
            chosen = [c for c in everything if c.start >= start][:limit]
        else:
            low = start if start is not None else 0
            chosen = [c for c in everything if low <= c.start and (end is None or c.start <= end)]
            chosen = chosen[-limit:]
        return chosen[::-1]


def list_row(candle: Candle, *, with_volume: bool = True) -> list[str]:
    """Return a candle as REST lists it."""
    prices = [text(p) for p in (candle.open, candle.high, candle.low, candle.close)]
    tail = [text(candle.volume), text(candle.turnover)] if with_volume else []
    return [str(candle.start), *prices, *tail]


def message(
    symbol: str, interval: str, length: int, candle: Candle, now: int, *, confirm: bool
) -> Row:
    """Return a `kline` message."""
    row: Row = {
        "start": candle.start,
        "end": candle.start + length - 1,
        "interval": interval,
        "open": text(candle.open),
        "close": text(candle.close),
        "high": text(candle.high),
        "low": text(candle.low),
        "volume": text(candle.volume),
        "turnover": text(candle.turnover),
        "confirm": confirm,
        "timestamp": candle.last_ms,
    }
    return {"topic": f"kline.{interval}.{symbol}", "data": [row], "ts": now, "type": "snapshot"}
