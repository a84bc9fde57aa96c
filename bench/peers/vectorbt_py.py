"""vectorbt on the workload. python -m bench.peers.vectorbt_py N [once]

The free version has no resting limit orders: the waiting entry, its time to live, layers, stop and target live in
our own callback in numba; vectorbt keeps cash, fees and records. Without `once` the engine is timed warm, compiled
already.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio import nb
from vectorbt.portfolio.enums import NoOrder

from bench.workload import CASH, WARM, Took, bars, say

MAKER, TAKER = 0.0002, 0.00055
# Places of the state: average, stop, target, layers, half done, waiting, its price, its size, bars left,
# size to sell at the open, fills, what of the bar is over.
AVERAGE, STOP, TARGET, LAYERS, DONE, WAITS, PRICE, SIZE, LEFT, SELL, FILLS, STAGE = range(12)


@njit(cache=True)
def place(s, close, share, equity, left):
    s[PRICE] = np.round(close * 0.995 * 100) / 100
    s[SIZE] = np.floor(share * equity / s[PRICE] * 1e6) / 1e6
    s[WAITS], s[LEFT] = 1, left


@njit(cache=True)
def close_of(c, s, held, close, is_crossing, is_above, warm):
    if c.i < warm:
        return
    if held > 1e-9:
        if s[LAYERS] < 3 and s[WAITS] == 0 and close < 0.98 * s[AVERAGE]:
            place(s, close, 0.15, c.last_cash[0] + held * close, 20)
        if s[DONE] == 0 and close >= 1.01 * s[AVERAGE]:
            s[SELL], s[DONE] = np.floor(held * 0.5 * 1e6) / 1e6, 1
    elif s[WAITS] == 0 and is_crossing and is_above:
        place(s, close, 0.10, c.last_cash[0], 30)


@njit(cache=True)
def flex(c, opens, highs, lows, closes, upper, fast, slow, s, warm, maker, taker):
    i = c.i
    if c.call_idx == 0:
        s[STAGE] = 0.0
    held = c.last_position[0]
    if s[STAGE] < 1.0:
        s[STAGE] = 1.0
        if s[SELL] > 0.0:
            size, s[SELL] = s[SELL], 0.0
            s[FILLS] += 1
            return 0, nb.order_nb(size=-size, price=opens[i], fees=taker)
    if s[STAGE] < 2.0:
        s[STAGE] = 2.0
        is_stopped = lows[i] <= s[STOP]
        if held > 1e-9 and (is_stopped or highs[i] >= s[TARGET]):
            s[LAYERS] = s[DONE] = s[WAITS] = 0
            s[FILLS] += 1
            price = min(opens[i], s[STOP]) if is_stopped else max(opens[i], s[TARGET])
            return 0, nb.order_nb(size=-held, price=price, fees=taker if is_stopped else maker)
    if s[STAGE] < 3.0:
        s[STAGE] = 3.0
        if s[WAITS] > 0 and lows[i] <= s[PRICE]:
            price, size = min(opens[i], s[PRICE]), s[SIZE]
            s[AVERAGE] = (s[AVERAGE] * held + price * size) / (held + size)
            s[STOP] = np.round(s[AVERAGE] * 0.96 * 100) / 100
            s[TARGET] = np.round(s[AVERAGE] * 1.02 * 100) / 100
            s[LAYERS] += 1
            s[WAITS] = 0
            s[FILLS] += 1
            return 0, nb.order_nb(size=size, price=price, fees=maker)
        if s[WAITS] > 0:
            s[LEFT] -= 1
            s[WAITS] = 1.0 if s[LEFT] > 0 else 0.0
    crossing = i > 0 and closes[i - 1] <= upper[i - 1] and closes[i] > upper[i]
    close_of(c, s, held, closes[i], crossing, fast[i] > slow[i], warm)
    return -1, NoOrder


def run(columns):
    """Return the portfolio and how many fills there were."""
    close = pd.Series(columns[3])
    fast, slow = (vbt.MA.run(close, length, ewm=True).ma.values.ravel() for length in (20, 50))
    upper = vbt.BBANDS.run(close, window=20, alpha=2.0).upper.values.ravel()
    state = np.zeros(12)
    state[STOP], state[TARGET] = -np.inf, np.inf
    made = vbt.Portfolio.from_order_func(
        close, flex, *(np.ascontiguousarray(column) for column in columns[:4]), upper, fast, slow,
        state, WARM, MAKER, TAKER, flexible=True, init_cash=CASH,
        max_orders=len(close) // 4 + 1024, max_logs=1, row_wise=False, call_pre_segment=False,
        call_post_segment=False,
    )  # fmt: skip
    return made, int(state[FILLS])


def main():
    count, is_once = int(sys.argv[1]), "once" in sys.argv
    columns = bars(count)
    for _ in range(1 if is_once else 3):
        begun = Took.now()
        made, fills = run(columns)
        equity = made.value().iloc[-1]
        took = Took.since(begun)
    say(took, count, fills=fills, equity=round(float(equity), 2))


if __name__ == "__main__":
    main()
