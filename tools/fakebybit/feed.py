"""Where prints come from: recorded bars or trades, or a seeded made-up market.

Law: a feed is an iterator of prints in time order; a bar's prints give back exactly that bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random

from tools.fakebybit.candles import Bar
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.numbers import down
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import PathRule


@dataclass(frozen=True, slots=True)
class Tick:
    """One print of the market. `gap`: the price jumped here and met nothing on the way.

    `mark` moves the mark price; where a feed gives none, mark follows the last price.
    """

    ts: int
    symbol: str
    price: Decimal
    qty: Decimal
    side: Side
    gap: bool = False
    mark: Decimal | None = None


def walk(
    bars: Iterable[Bar], instrument: Instrument, length: int, path: PathRule = PathRule.NEAR
) -> Iterator[Tick]:
    """Walk each bar as four prints: open, one extreme, the other, close.

    The open is a gap when it is not the close before it. Volume is cut in four whole-lot parts.
    """
    before: Decimal | None = None
    for bar in bars:
        part = down(bar.volume / 4, instrument.step)
        prices = _corners(bar, path)
        last = bar.open
        for number, price in enumerate(prices):
            side = Side.BUY if price >= last else Side.SELL
            qty = part if number < 3 else bar.volume - 3 * part
            when = bar.ts + (number * length // 4 if number < 3 else length - 1)
            yield Tick(when, instrument.symbol, price, qty, side, number == 0 and price != before)
            last = price
        before = bar.close


def _corners(bar: Bar, path: PathRule) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    high_first = path is PathRule.HIGH_FIRST or (
        path is PathRule.NEAR and bar.high - bar.open <= bar.open - bar.low
    )
    first, second = (bar.high, bar.low) if high_first else (bar.low, bar.high)
    return bar.open, first, second, bar.close


def made_up(
    instrument: Instrument,
    *,
    seed: int,
    start: int,
    count: int,
    length: int,
    price: Decimal,
    step_pct: float = 0.2,
) -> Iterator[Bar]:
    """Make a seeded market: each bar opens where the last one closed."""
    chance = Random(seed)
    tick, close = instrument.tick, down(price, instrument.tick)
    for number in range(count):
        opened = close
        moves = [Decimal(str(round(chance.gauss(0, step_pct) / 100, 6))) for _ in range(3)]
        points = [max(tick, down(opened * (1 + move), tick)) for move in moves]
        close = points[0]
        volume = down(Decimal(str(round(chance.uniform(5, 50), 6))), instrument.step)
        high, low = max(opened, *points), min(opened, *points)
        yield Bar(start + number * length, opened, high, low, close, volume)


def read_bars(path: Path, instrument: Instrument, count: int | None = None) -> list[Bar]:
    """Read recorded bars (columns `ts open high low close volume`) from Parquet, on the tick grid.

    `count`: the first so many only.
    """
    columns = _columns(path, ("ts", "open", "high", "low", "close", "volume"))
    tick, step = instrument.tick, instrument.step
    return [
        Bar(int(ts), _grid(o, tick), _grid(h, tick), _grid(x, tick), _grid(c, tick), _grid(v, step))
        for ts, o, h, x, c, v in islice(zip(*columns, strict=True), count)
    ]


def read_trades(path: Path, instrument: Instrument) -> list[Tick]:
    """Read recorded trades (columns `ts side price qty`) from Parquet, on the tick grid."""
    columns = _columns(path, ("ts", "side", "price", "qty"))
    tick, step = instrument.tick, instrument.step
    return [
        Tick(
            int(ts),
            instrument.symbol,
            _grid(price, tick),
            _grid(qty, step),
            Side(str(side).capitalize()),
        )
        for ts, side, price, qty in zip(*columns, strict=True)
    ]


def _columns(path: Path, names: tuple[str, ...]) -> list[list[float]]:
    import pyarrow.parquet as pq  # COST: 0.2 s, only where a recording is read

    table = pq.read_table(path, columns=list(names))
    return [table.column(name).to_pylist() for name in names]


def _grid(value: float, step: Decimal) -> Decimal:
    return (Decimal(str(value)) / step).to_integral_value() * step
