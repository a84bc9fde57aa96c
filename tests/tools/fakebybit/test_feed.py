"""Feeds: what goes in as bars comes out as the same bars."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.data_files import shared
from tools.fakebybit.candles import Bar
from tools.fakebybit.feed import made_up, read_bars, read_trades, walk
from tools.fakebybit.instrument import BTCUSDT, tiers
from tools.fakebybit.settings import PathRule, Settings
from tools.fakebybit.venue import Venue

D = Decimal
START = 1_700_000_100_000


def replayed(
    bars: list[Bar], length: int, interval: str, path: PathRule = PathRule.NEAR
) -> list[Bar]:
    venue = Venue(Settings(start_ms=bars[0].ts), feed=walk(bars, BTCUSDT, length, path))
    venue.advance(bars[-1].ts + length)
    closed = venue.state.candles["BTCUSDT"].closed[interval]
    return [Bar(c.start, c.open, c.high, c.low, c.close, c.volume) for c in closed]


@pytest.mark.parametrize("path", list(PathRule))
def test_walked_bars_close_as_the_same_bars(path: PathRule) -> None:
    bars = list(made_up(BTCUSDT, seed=3, start=START, count=200, length=60_000, price=D(50_000)))
    assert replayed(bars, 60_000, "1", path) == bars


def test_recorded_bars_close_as_recorded() -> None:
    path = shared("data/bybit_perp_BTCUSDT_1m_trade_20221213.parquet")
    bars = read_bars(path, BTCUSDT)[:300]
    assert replayed(bars, 60_000, "1") == bars


def test_finer_bars_make_the_venues_own_coarser_ones() -> None:
    fine = read_bars(shared("data/bybit_perp_BTCUSDT_5m_20250924_20260721.parquet"), BTCUSDT)[:480]
    coarse = read_bars(shared("data/bybit_perp_BTCUSDT_4h_20250924_20260721.parquet"), BTCUSDT)[:10]
    assert replayed(fine, 300_000, "240") == coarse


def test_recorded_trades_are_prints_in_order() -> None:
    path = shared("data/ticks_binance_spot_XRPETH_20191011_20191013.parquet")
    from dataclasses import replace

    facts = replace(
        BTCUSDT,
        symbol="XRPETH",
        tick_text="0.00000001",
        step_text="1",
        tiers=tiers(("1000", "0.01", "50")),
    )
    ticks = read_trades(path, facts)[:2_000]
    venue = Venue(
        Settings(start_ms=ticks[0].ts - 1),
        instruments=[facts],
        prices={"XRPETH": ticks[0].price},
        feed=ticks,
    )
    venue.advance(ticks[-1].ts)
    assert venue.state.markets["XRPETH"].last == ticks[-1].price
    assert venue.state.markets["XRPETH"].volume == sum(t.qty for t in ticks)


def test_a_made_up_market_is_its_seed() -> None:
    def make(seed: int) -> list[Bar]:
        return list(
            made_up(BTCUSDT, seed=seed, start=START, count=50, length=60_000, price=D(50_000))
        )

    assert make(1) == make(1)
    assert make(1) != make(2)
    assert all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in make(1))


def test_past_bars_are_history_in_every_coarser_interval() -> None:
    venue = Venue(Settings(start_ms=START + 600 * 60_000))
    bars = list(made_up(BTCUSDT, seed=1, start=START, count=600, length=60_000, price=D(50_000)))
    venue.preload("BTCUSDT", bars, 60_000)
    book = venue.state.candles["BTCUSDT"]
    assert len(book.closed["1"]) == 600
    five = book.closed["5"][0]
    assert (five.open, five.close) == (bars[0].open, bars[4].close)
    assert five.high == max(bar.high for bar in bars[:5])
