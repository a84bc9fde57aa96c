"""nautilus_trader on the workload. python -m bench.peers.nautilus N

Stop and target are a stop-market and a limit that only reduce, changed at every fill; an entry's time to live is
counted by the strategy, so that it is one in bars.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from math import floor

import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.indicators import BollingerBands, ExponentialMovingAverage
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide, TimeInForce
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from bench.workload import CASH, WARM, Took, bars, say

VENUE = Venue("SIM")
PAIR = InstrumentId(Symbol("BTCUSDT"), VENUE)


def instrument():
    return CryptoPerpetual(
        instrument_id=PAIR, raw_symbol=Symbol("BTCUSDT"), base_currency=BTC, quote_currency=USDT,
        settlement_currency=USDT, is_inverse=False, price_precision=2,
        price_increment=Price.from_str("0.01"), size_precision=6,
        size_increment=Quantity.from_str("0.000001"), max_quantity=None,
        min_quantity=Quantity.from_str("0.000001"), max_notional=None, min_notional=None,
        max_price=None, min_price=None, margin_init=Decimal("0.05"),
        margin_maint=Decimal("0.025"), maker_fee=Decimal("0.0002"), taker_fee=Decimal("0.00055"),
        ts_event=0, ts_init=0,
    )  # fmt: skip


class Config(StrategyConfig, frozen=True):
    bar_type: BarType


class Ladder(Strategy):
    """The workload as the tool has it."""

    def __init__(self, config):
        super().__init__(config)
        self.fast, self.slow = ExponentialMovingAverage(20), ExponentialMovingAverage(50)
        self.band = BollingerBands(20, 2.0)
        self.bar, self.before, self.band_before = -1, 0.0, 0.0
        self.held = self.average = 0.0
        self.layers = self.left = self.fills = 0
        self.half_done = False
        self.entry = self.stop_order = self.target = None

    def on_start(self):
        self.account = self.portfolio.account(VENUE)
        self.subscribe_bars(self.config.bar_type)

    def on_bar(self, bar):
        self.bar += 1
        close = bar.close.as_double()
        self.fast.update_raw(close)
        self.slow.update_raw(close)
        self.band.update_raw(close, close, close)
        upper = self.band.upper
        if self.entry is not None:
            self.left -= 1
            if self.left == 0:
                gone, self.entry = self.entry, None
                self.cancel_order(gone)
        if self.bar >= WARM:
            self.rules(close, upper)
        self.before, self.band_before = close, upper

    def rules(self, close, upper):
        if self.held > 0.0:
            if self.layers < 3 and self.entry is None and close < 0.98 * self.average:
                self.place(close, 0.15, 20)
            if not self.half_done and close >= 1.01 * self.average:
                self.half_done = True
                half = Quantity(floor(self.held * 0.5 * 1e6) / 1e6, 6)
                order = self.order_factory.market(PAIR, OrderSide.SELL, half, reduce_only=True)
                self.submit_order(order)
        elif self.entry is None and self.before <= self.band_before and close > upper:
            if self.fast.value > self.slow.value:
                self.place(close, 0.10, 30)

    def place(self, close, share, left):
        equity = self.account.balance_total(USDT).as_double() + self.held * (close - self.average)
        limit = round(close * 0.995, 2)
        size = Quantity(floor(share * equity / limit * 1e6) / 1e6, 6)
        self.entry = self.order_factory.limit(
            PAIR, OrderSide.BUY, size, Price(limit, 2), time_in_force=TimeInForce.GTC
        )
        self.left = left
        self.submit_order(self.entry)

    def on_order_filled(self, event):
        self.fills += 1
        price, size = event.last_px.as_double(), event.last_qty.as_double()
        if event.order_side == OrderSide.BUY:
            self.average = (self.average * self.held + price * size) / (self.held + size)
            self.held = round(self.held + size, 6)
            self.layers, self.entry = self.layers + 1, None
            self.protect()
            return
        self.held = round(self.held - size, 6)
        if self.held > 0.0:
            self.protect()
            return
        self.layers, self.half_done = 0, False
        for order in (self.stop_order, self.target, self.entry):
            if order is not None and not order.is_closed:
                self.cancel_order(order)
        self.stop_order = self.target = self.entry = None

    def protect(self):
        size = Quantity(self.held, 6)
        stop, target = (
            Price(round(self.average * 0.96, 2), 2),
            Price(round(self.average * 1.02, 2), 2),
        )
        if self.stop_order is not None:
            self.modify_order(self.stop_order, quantity=size, trigger_price=stop)
            self.modify_order(self.target, quantity=size, price=target)
            return
        make = self.order_factory
        self.stop_order = make.stop_market(PAIR, OrderSide.SELL, size, stop, reduce_only=True)
        self.target = make.limit(PAIR, OrderSide.SELL, size, target, reduce_only=True)
        self.submit_order(self.stop_order)
        self.submit_order(self.target)


def main():
    count = int(sys.argv[1])
    columns = dict(zip(("open", "high", "low", "close", "volume"), bars(count), strict=True))
    times = pd.date_range("2020-01-01", periods=count, freq="1min", tz="UTC", name="timestamp")
    frame = pd.DataFrame(columns, index=times)
    frame["volume"] = 1e6  # what is there never limits a fill
    kind, pair = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL"), instrument()
    data = BarDataWrangler(kind, pair).process(frame)
    engine = BacktestEngine(
        BacktestEngineConfig(
            trader_id=TraderId("T-001"),
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),
            run_analysis=False,
        )
    )
    engine.add_venue(
        VENUE, OmsType.NETTING, AccountType.MARGIN, [Money(CASH, USDT)], base_currency=USDT,
        default_leverage=Decimal(10), bar_execution=True,
    )  # fmt: skip
    engine.add_instrument(pair)
    engine.add_data(data)
    ladder = Ladder(Config(bar_type=kind))
    engine.add_strategy(ladder)
    begun = Took.now()
    engine.run()
    took = Took.since(begun)
    balance = engine.cache.account_for_venue(VENUE).balance_total(USDT).as_double()
    open_ = ladder.held * (frame["close"].iloc[-1] - ladder.average) if ladder.held else 0.0
    say(took, count, fills=ladder.fills, equity=round(balance + open_, 2))


if __name__ == "__main__":
    main()
