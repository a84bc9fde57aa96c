"""backtesting.py on the workload. python -m bench.peers.backtesting_py N

It differs where the tool does: one commission for all fills, whole units (prices are scaled so that a
unit is a millionth of a coin), the half exit rounds per trade.
"""

from __future__ import annotations

import io
import sys
import warnings
from contextlib import redirect_stderr
from math import floor

from bench.workload import CASH, WARM, Took, bars, say

warnings.filterwarnings("ignore")

import pandas as pd  # noqa: E402
from backtesting import Backtest, Strategy  # noqa: E402

UNIT = 1e-6


def ema(values, length):
    return pd.Series(values).ewm(span=length, adjust=False).mean().values


def upper(values, length, width):
    window = pd.Series(values).rolling(length)
    return (window.mean() + width * window.std(ddof=0)).values


class Ladder(Strategy):
    """The workload as the tool has it; `next` is called at every close."""

    def init(self):
        close = self.data.Close
        self.fast, self.slow = self.I(ema, close, 20), self.I(ema, close, 50)
        self.band = self.I(upper, close, 20, 2.0)
        self.entry, self.left, self.seen, self.layers = None, 0, 0, 0
        self.half_done, self.fills, self.leaving = False, 0, False

    def next(self):
        close, trades = self.data.Close[-1], self.trades
        self.look(trades)
        if len(self.data) - 1 < WARM:
            return
        if trades:
            average = self.average(trades)
            if self.layers < 3 and self.entry is None and close < 0.98 * average:
                self.place(close, 0.15, 20)
            if not self.half_done and close >= 1.01 * average:
                self.half_done = self.leaving = True
                for trade in trades:
                    trade.close(0.5)
        elif self.entry is None and self.data.Close[-2] <= self.band[-2]:
            if close > self.band[-1] and self.fast[-1] > self.slow[-1]:
                self.place(close, 0.10, 30)

    def look(self, trades):
        """Take in what the bar did."""
        if len(trades) < self.seen:
            if not trades:
                if self.entry is not None:
                    self.entry.cancel()
                self.entry, self.layers, self.half_done = None, 0, False
                self.fills += 1
            self.seen = len(trades)
        self.fills += self.leaving
        self.leaving = False
        if self.entry is None:
            return
        if len(trades) > self.seen:
            self.entry, self.layers, self.seen = None, self.layers + 1, len(trades)
            self.fills += 1
            average = self.average(trades)
            for trade in trades:
                trade.sl, trade.tp = round(average * 0.96, 8), round(average * 1.02, 8)
            return
        self.left -= 1
        if self.left == 0:
            self.entry.cancel()
            self.entry = None

    def average(self, trades):
        held = sum(trade.size for trade in trades)
        return sum(trade.size * trade.entry_price for trade in trades) / held

    def place(self, close, share, bars_left):
        limit = round(close * 0.995, 8)
        self.entry = self.buy(size=floor(share * self.equity / limit), limit=limit)
        self.left = bars_left


def main():
    count = int(sys.argv[1])
    columns = dict(zip(("Open", "High", "Low", "Close", "Volume"), bars(count), strict=True))
    frame = pd.DataFrame(columns, index=pd.date_range("2020-01-01", periods=count, freq="1min"))
    frame.iloc[:, :4] *= UNIT
    begun = Took.now()
    test = Backtest(
        frame, Ladder, cash=CASH, commission=lambda size, price: abs(size) * price * 0.000375
    )
    with redirect_stderr(io.StringIO()):
        stats = test.run()
    fills = stats._strategy.fills
    say(Took.since(begun), count, fills=fills, equity=round(stats["Equity Final [$]"], 2))


if __name__ == "__main__":
    main()
