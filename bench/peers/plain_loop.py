"""The least Python can do: the workload as one hand-written loop. python -m bench.peers.plain_loop N"""

from __future__ import annotations

import sys
from math import floor, sqrt

from bench.workload import CASH, WARM, Took, bars, say

MAKER, TAKER = 0.0002, 0.00055


def run(columns: list[list[float]]) -> tuple[list[float], int]:
    """Return equity per bar and the number of fills."""
    opens, highs, lows, closes = columns
    cash, held, average, stop, target, layers, half_done = CASH, 0.0, 0.0, 0.0, 0.0, 0, False
    waiting, limit, size, left, leaving, fills = False, 0.0, 0.0, 0, 0.0, 0
    fast = slow = closes[0]
    total = squares = before = band_before = 0.0
    curve: list[float] = []
    rows = enumerate(zip(opens, highs, lows, closes, strict=True))
    for i, (open_, high, low, close) in rows:
        if leaving > 0.0:
            cash += leaving * open_ * (1 - TAKER)
            held, leaving, fills = round(held - leaving, 6), 0.0, fills + 1
        if held > 0.0 and (low <= stop or high >= target):
            if low <= stop:
                cash += held * min(open_, stop) * (1 - TAKER)
            else:
                cash += held * max(open_, target) * (1 - MAKER)
            held, layers, half_done, waiting, fills = 0.0, 0, False, False, fills + 1
        if waiting:
            if low <= limit:
                price = min(open_, limit)
                cash -= size * price * (1 + MAKER)
                average = (average * held + price * size) / (held + size) if held > 0.0 else price
                held, layers, waiting, fills = round(held + size, 6), layers + 1, False, fills + 1
                stop, target = round(average * 0.96, 2), round(average * 1.02, 2)
            else:
                left -= 1
                waiting = left > 0
        fast += 2 / 21 * (close - fast)
        slow += 2 / 51 * (close - slow)
        total, squares, band = total + close, squares + close * close, 0.0
        if i >= 20:
            total, squares = total - closes[i - 20], squares - closes[i - 20] * closes[i - 20]
        if i >= 19:
            mean = total / 20
            band = mean + 2.0 * sqrt(max(0.0, squares / 20 - mean * mean))
        equity = cash + held * close
        share, bars_left = 0.0, 0
        if i >= WARM and held > 0.0:
            if layers < 3 and not waiting and close < 0.98 * average:
                share, bars_left = 0.15, 20
            if not half_done and close >= 1.01 * average:
                leaving, half_done = floor(held * 0.5 * 1e6) / 1e6, True
        elif i >= WARM and not waiting and before <= band_before and close > band and fast > slow:
            share, bars_left = 0.10, 30
        if share:
            limit = round(close * 0.995, 2)
            size, waiting, left = floor(share * equity / limit * 1e6) / 1e6, True, bars_left
        before, band_before = close, band
        curve.append(equity)
    return curve, fills


def main() -> None:
    count = int(sys.argv[1])
    columns = [column.tolist() for column in bars(count)[:4]]
    begun = Took.now()
    curve, fills = run(columns)
    say(Took.since(begun), count, fills=fills, equity=round(curve[-1], 2))


if __name__ == "__main__":
    main()
