"""hftbacktest on the workload. python -m bench.peers.hft_backtest N

It takes order-book events, not bars: each bar becomes six (the bid at the open, a buyer's trade at the
high, a seller's at the low with the bid moved to it). It has no stop orders: the strategy sees the low
and sells at market, at the bar's low instead of at the stop.
"""

from __future__ import annotations

import sys
from math import floor, sqrt

import hftbacktest as hft
import numpy as np
from numba import njit

from bench.workload import CASH, WARM, Took, bars, say

BAR = 1000
_BID, _BOUGHT, _SOLD = (
    hft.DEPTH_EVENT | hft.BUY_EVENT,
    hft.TRADE_EVENT | hft.BUY_EVENT,
    hft.TRADE_EVENT | hft.SELL_EVENT,
)


def events(columns: np.ndarray) -> np.ndarray:
    """Return the events that tell the bars."""
    count = columns.shape[1]
    open_, high, low = columns[:3]
    made = np.zeros((count, 6), hft.event_dtype)
    begin = np.arange(count, dtype=np.int64) * BAR + BAR
    before = np.concatenate([open_[:1], low[:-1]])
    rows = (
        (_BID, 0, before, 0.0), (_BID, 0, open_, 1e6), (_BOUGHT, 200, high, 1e6),
        (_SOLD, 600, low, 1e6), (_BID, 600, open_, 0.0), (_BID, 600, low, 1e6),
    )  # fmt: skip
    for place, (kind, after, price, size) in enumerate(rows):
        one = made[:, place]
        one["ev"] = kind | hft.EXCH_EVENT | hft.LOCAL_EVENT
        one["exch_ts"] = one["local_ts"] = begin + after
        one["px"], one["qty"] = price, size
    return made.reshape(-1)


LIMIT, MARKET, GTC, FILLED = hft.LIMIT, hft.MARKET, hft.GTC, hft.FILLED


@njit(nogil=True)
def strategy(market, lows, closes, warm, cash):
    count = closes.shape[0]
    fast = slow = closes[0]
    total = squares = before = band_before = 0.0
    held = average = stop = target = half = 0.0
    layers = entry = left = exit_ = fills = 0
    new, half_done = 1, False
    for i in range(count):
        base = (i + 1) * 1000
        if held > 0.0:
            if market.elapse(base + 300 - market.current_timestamp) != 0:
                break
            if half > 0.0:
                held, half, fills = round((held - half) * 1e6) / 1e6, 0.0, fills + 1
            if market.position(0) < 1e-9:
                held, layers, half_done, exit_, fills = 0.0, 0, False, 0, fills + 1
                if entry > 0:
                    market.cancel(0, entry, False)
                    entry = 0
            else:
                if market.elapse(350) != 0:
                    break
                if lows[i] <= stop:
                    market.submit_sell_order(0, new, 0.0, market.position(0), GTC, MARKET, False)
                    market.cancel(0, exit_, False)
                    if entry > 0:
                        order = market.orders(0).get(entry)
                        if order is not None and order.status == FILLED:
                            fills += 1
                        else:
                            market.cancel(0, entry, False)
                    new, held, layers, half_done = new + 1, 0.0, 0, False
                    exit_, entry, fills = 0, 0, fills + 1
        if market.elapse(base + 900 - market.current_timestamp) != 0 and i < count - 1:
            break
        close = closes[i]
        if entry > 0:
            order = market.orders(0).get(entry)
            if order is not None and order.status == FILLED:
                price, size = order.exec_price_tick * 0.01, order.exec_qty
                average = (average * held + price * size) / (held + size) if held > 0.0 else price
                held, layers = round((held + size) * 1e6) / 1e6, layers + 1
                stop, target = round(average * 96) / 100, round(average * 102) / 100
                if exit_ > 0:
                    market.cancel(0, exit_, False)
                market.clear_inactive_orders(0)
                market.submit_sell_order(0, new, target, held, GTC, LIMIT, False)
                entry, exit_, new, fills = 0, new, new + 1, fills + 1
            else:
                left -= 1
                if left == 0:
                    market.cancel(0, entry, False)
                    entry = 0
        fast += 2 / 21 * (close - fast)
        slow += 2 / 51 * (close - slow)
        total, squares, band = total + close, squares + close * close, 0.0
        if i >= 20:
            total, squares = total - closes[i - 20], squares - closes[i - 20] * closes[i - 20]
        if i >= 19:
            mean = total / 20
            band = mean + 2.0 * sqrt(max(0.0, squares / 20 - mean * mean))
        share, bars_left = 0.0, 0
        if i >= warm and held > 0.0:
            if layers < 3 and entry == 0 and close < 0.98 * average:
                share, bars_left = 0.15, 20
            if not half_done and close >= 1.01 * average:
                half, half_done = floor(held * 0.5 * 1e6) / 1e6, True
                market.submit_sell_order(0, new, 0.0, half, GTC, MARKET, False)
                if exit_ > 0:
                    market.cancel(0, exit_, False)
                market.clear_inactive_orders(0)
                rest = round((held - half) * 1e6) / 1e6
                market.submit_sell_order(0, new + 1, target, rest, GTC, LIMIT, False)
                exit_, new = new + 1, new + 2
        elif i >= warm and entry == 0 and before <= band_before and close > band and fast > slow:
            share, bars_left = 0.10, 30
            market.clear_inactive_orders(0)
        if share > 0.0:
            values = market.state_values(0)
            limit = round(close * 99.5) / 100
            equity = cash + values.balance - values.fee + held * close
            size = floor(share * equity / limit * 1e6) / 1e6
            market.submit_buy_order(0, new, limit, size, GTC, LIMIT, False)
            entry, new, left = new, new + 1, bars_left
        before, band_before = close, band
    values = market.state_values(0)
    return cash + values.balance - values.fee + values.position * closes[count - 1], fills


def run(made: np.ndarray, columns: np.ndarray) -> tuple[float, int]:
    asset = (
        hft.BacktestAsset().data(made).linear_asset(1.0).constant_order_latency(150, 50)
        .risk_adverse_queue_model().no_partial_fill_exchange().trading_value_fee_model(0.0002, 0.00055)
        .tick_size(0.01).lot_size(1e-6).last_trades_capacity(0)
    )  # fmt: skip
    market = hft.HashMapMarketDepthBacktest([asset])
    answer = strategy(market, columns[2], columns[3], WARM, CASH)
    market.close()
    return answer


def main() -> None:
    count = int(sys.argv[1])
    columns = bars(count)
    made = events(columns)
    times = []
    for _ in range(1 if "once" in sys.argv else 2):  # the first run compiles
        begun = Took.now()
        equity, fills = run(made, columns)
        times.append(Took.since(begun))
    first = round(times[0].seconds, 2)
    say(times[-1], count, fills=fills, equity=round(equity, 2), first_seconds=first)


if __name__ == "__main__":
    main()
