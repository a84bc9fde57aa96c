"""The same market-order strategies as in the `backtesting` package: same trades, bar for bar.

Both decide at a close and trade at the next open. Indicators of the other side are computed by
pandas and TA-Lib, not by our kernels. Fees and slippage are zero on both sides.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
import talib
from backtesting import Backtest, Strategy
from backtesting.test import EURUSD, GOOG

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.bar_files import load_bars
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.market.timeframe import TIMEFRAMES
from tests.data_files import shared

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
CARDS = Path(__file__).parent / "cards"


class Trade(NamedTuple):
    side: str
    entry_bar: int
    exit_bar: int
    entry_price: float
    exit_price: float


class SmaCross(Strategy):
    def init(self) -> None:
        close = pd.Series(self.data.Close)
        self.fast = self.I(lambda: close.rolling(10).mean())
        self.slow = self.I(lambda: close.rolling(30).mean())

    def next(self) -> None:
        was, is_ = self.fast[-2] - self.slow[-2], self.fast[-1] - self.slow[-1]
        if was <= 0 < is_:
            self.position.close()
            self.buy(size=1)
        elif was >= 0 > is_:
            self.position.close()
            self.sell(size=1)


class RsiReversal(Strategy):
    def init(self) -> None:
        self.rsi = self.I(lambda: talib.RSI(self.data.Close, 14))

    def next(self) -> None:
        if not self.position:
            if self.rsi[-2] <= 30 < self.rsi[-1]:
                self.buy(size=1)
            return
        held = len(self.data) - 1 - self.trades[0].entry_bar
        if self.rsi[-1] > 60 or held >= 40:
            self.position.close()


class EmaChannel(Strategy):
    def init(self) -> None:
        close = pd.Series(self.data.Close)
        self.slow = self.I(lambda: talib.EMA(self.data.Close, 50))
        self.top = self.I(lambda: close.rolling(20).max())
        self.bottom = self.I(lambda: close.rolling(20).min())

    def next(self) -> None:
        close = self.data.Close[-1]
        if not self.position:
            if close > self.slow[-1] and close >= self.top[-1]:
                self.buy(size=1)
            elif close < self.slow[-1] and close <= self.bottom[-1]:
                self.sell(size=1)
        elif (self.position.is_long and close < self.slow[-1]) or (
            self.position.is_short and close > self.slow[-1]
        ):
            self.position.close()


STRATEGIES = {"sma_cross": SmaCross, "rsi_reversal": RsiReversal, "ema_channel": EmaChannel}


@cache
def bars(name: str) -> tuple[Frame, float]:
    """Return recorded bars and the tick of their prices."""
    if name == "btc":
        path = shared("data/bybit_perp_BTCUSDT_4h_20250924_20260721.parquet")
        return load_bars(path, "TEST").frame, 0.1
    table, timeframe, tick = (GOOG, "1d", 0.01) if name == "goog" else (EURUSD, "1h", 0.00001)
    made = Frame("TEST", timeframe, TIMEFRAMES[timeframe])
    for ts, row in zip(table.index, table.itertuples(index=False), strict=True):
        made.append(int(ts.timestamp() * 1000), row.Open, row.High, row.Low, row.Close, row.Volume)
    return made, tick


def ours(card: str, frame: Frame, tick: float) -> list[Trade]:
    instrument = Instrument(
        symbol="TEST", tick=tick, lot=1.0, min_lots=1, max_lots=10**6, max_market_lots=10**6,
        min_notional_usdt=0.0, max_leverage=1.0, funding_interval_minutes=480,
        tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
    )  # fmt: skip
    text = (CARDS / f"{card}.yaml").read_text(encoding="utf-8")
    text = text.replace("tf: 1d", f"tf: {frame.timeframe}")
    # A currency pair costs about one unit of quote: nothing is too small here.
    text = text.replace("slippage_bps: 0", "slippage_bps: 0, min_trade_notional_usdt: 0")
    program = compile_card(Source(f"{card}.yaml", text))
    record = run_backtest(program, MarketData(exec=frame), instrument)
    assert record.refusals == [] or card == "rsi_reversal"
    return [
        Trade(t.side, t.entry_bar, t.exit_bar or 0, t.entry_price, t.exit_price or 0.0)
        for t in record.trades
        if not t.is_open
    ]


def theirs(strategy: Any, frame: Frame) -> list[Trade]:
    table = pd.DataFrame(
        {
            "Open": frame.open, "High": frame.high, "Low": frame.low, "Close": frame.close,
            "Volume": frame.volume,
        },
        index=pd.to_datetime(list(frame.ts), unit="ms"),
    )  # fmt: skip
    stats = Backtest(table, strategy, cash=1e9, commission=0, finalize_trades=False).run()
    trades = stats["_trades"].sort_values("EntryBar")
    return [
        Trade(
            "long" if row.Size > 0 else "short", row.EntryBar, row.ExitBar, row.EntryPrice,
            row.ExitPrice,
        )
        for row in trades.itertuples()
    ]  # fmt: skip


@pytest.mark.parametrize("data", ["goog", "eurusd", "btc"])
@pytest.mark.parametrize("card", sorted(STRATEGIES))
def test_the_trades_are_the_same(card: str, data: str) -> None:
    frame, tick = bars(data)
    mine, other = ours(card, frame, tick), theirs(STRATEGIES[card], frame)
    assert [t[:3] for t in mine] == [t[:3] for t in other]
    for left, right in zip(mine, other, strict=True):
        assert left.entry_price == pytest.approx(right.entry_price, abs=tick / 2)
        assert left.exit_price == pytest.approx(right.exit_price, abs=tick / 2)
    assert len(mine) > 5
