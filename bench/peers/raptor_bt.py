"""raptorbt on the workload. python -m bench.peers.raptor_bt N

A kernel in Rust, driven bar by bar from Python on its public session. Netting refuses a second layer and hedging a
part of one, so each layer is a pair of orders of half its size, of which the half exit closes one. One rate of fee
for all fills.
"""

from __future__ import annotations

import os
import sys
from math import floor

os.environ["RAPTORBT_NO_VERSION_CHECK"] = "1"  # its thread that looks for news crashes short runs

import numpy as np
import raptorbt as rb

from bench.workload import CASH, LOT, WARM, Took, bars, say


class Driver:
    """The workload as the tool has it."""

    def __init__(self):
        config = rb.BacktestConfig(
            initial_capital=CASH,
            fees=0.000375,
            slippage=0.0,
            fill_timing="same_bar_open_lookahead",
        )
        lots = rb.InstrumentConfig(lot_size=LOT)
        self.session = rb.KernelSession("W1", 1, config, lots, None, "hedging", "cash", 1.0)
        self.fast, self.slow = rb.Indicator.ema(20), rb.Indicator.ema(50)
        self.band = rb.Indicator.bollinger(20, 2.0)
        self.waits, self.left, self.layers, self.fills = [], 0, 0, 0
        self.held = self.average = self.before = self.band_before = 0.0
        self.half_done, self.placed = False, 0

    def place(self, i, ts, close, share, left):
        limit = round(close * 0.995, 2)
        size = floor(share * self.session.equity() / limit * 1e6)
        self.placed += 1
        self.waits = [
            self.session.submit_order(
                "buy", "limit", i, ts, f"{name}{self.placed}", units=part / 1e6, limit_price=limit
            )
            for name, part in (("a", size // 2), ("b", size - size // 2))
        ]
        self.left = left

    def cancel(self, i):
        for one in self.waits:
            self.session.cancel_order(i, one)
        self.waits = []

    def happened(self, i, events):
        """Take in what the bar did."""
        opened = any(event.kind == "entered" for event in events)
        closed = any(event.kind == "exited" for event in events)
        if not opened and not closed:
            return
        pairs = self.session.positions()
        self.fills += opened + closed
        is_over = opened and len(pairs) == 2 and pairs[0].entry_idx == i
        if closed and (not pairs or is_over):
            self.layers, self.half_done = 0, False
            if not opened:
                self.cancel(i)
        self.held = sum(pair.size for pair in pairs)
        if not opened:
            return
        self.layers, self.waits = self.layers + 1, []
        self.average = sum(pair.size * pair.entry_price for pair in pairs) / self.held
        for pair in pairs:
            self.session.set_stop_price(round(self.average * 0.96, 2), pair.position_id)
            self.session.set_target_price(round(self.average * 1.02, 2), pair.position_id)

    def bar(self, i, ts, open_, high, low, close, volume):
        events = self.session.step(i, ts, open_, high, low, close, volume)
        if events:
            self.happened(i, events)
        if self.waits:
            self.left -= 1
            if self.left == 0:
                self.cancel(i)
        fast, slow = (one.update_bar(open_, high, low, close) for one in (self.fast, self.slow))
        band = self.band.update_bar(open_, high, low, close)
        upper = 0.0 if band is None else band[1]
        if i >= WARM:
            self.rules(i, ts, close, upper, fast > slow)
        self.before, self.band_before = close, upper

    def rules(self, i, ts, close, upper, is_above):
        if self.held > 0.0:
            if self.layers < 3 and not self.waits and close < 0.98 * self.average:
                self.place(i, ts, close, 0.15, 20)
            if not self.half_done and close >= 1.01 * self.average:
                self.half_done = True
                for pair in self.session.positions()[::2]:
                    self.session.request_close(pair.position_id)
        elif not self.waits and self.before <= self.band_before and close > upper and is_above:
            self.place(i, ts, close, 0.10, 30)


def main():
    count = int(sys.argv[1])
    columns = [column.tolist() for column in bars(count)]
    times = (np.arange(count, dtype=np.int64) * 60_000_000_000 + 1_577_836_800 * 10**9).tolist()
    begun = Took.now()
    driver = Driver()
    for i, row in enumerate(zip(times, *columns, strict=True)):
        driver.bar(i, *row)
    took = Took.since(begun)
    say(took, count, fills=driver.fills, equity=round(driver.session.equity(), 2))


if __name__ == "__main__":
    main()
