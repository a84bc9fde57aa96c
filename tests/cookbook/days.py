"""Cards 25 to 33 as their sources say them: averages and pivots of a day, candles, funding, hours, a grid, a trail."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from tests.cookbook.bench import Fill
from tests.cookbook.words import above, atr, below, ema, fill, never, path, struck, trips


def vwap_reversion(m: pd.DataFrame) -> list[Fill]:
    day, price = m.index.date, (m.high + m.low + m.close) / 3
    traded = m.volume.groupby(day).cumsum()
    middle = (price * m.volume).groupby(day).cumsum() / traded
    spread = 2 * ((price**2 * m.volume).groupby(day).cumsum() / traded - middle**2).clip(0) ** 0.5
    hours, over = (m.index.hour >= 6) & (m.index.hour < 22), m.index.strftime("%H:%M") == "23:30"
    late, reach = pd.Series(over, m.index), (m.close - middle).abs()
    buy, sell = below(m.close, middle - spread) & hours, above(m.close, middle + spread) & hours
    return trips(m, (buy, late), (sell, late), stop=reach, target=reach)


def aroon_cross(m: pd.DataFrame) -> list[Fill]:
    up = m.high.rolling(26).apply(lambda x: 25 - x[::-1].argmax(), raw=True)
    down = m.low.rolling(26).apply(lambda x: 25 - x[::-1].argmin(), raw=True)
    turn = above(up, down).astype(int) - below(up, down).astype(int)
    width, fills, held, order = 4 * atr(m, 14), [], 0, 0
    asked = stop = np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, order, bar.open))
            held, stop = order, asked
        if held and (price := struck(bar, held, stop)) is not None:
            fills.append(fill(t, -held, price))
            held = 0
        order = int(turn.iloc[t]) if turn.iloc[t] != held else 0
        asked = bar.close - order * width.iloc[t]
    return fills


def pivot_bounce(m: pd.DataFrame) -> list[Fill]:
    fills, days = [], [day for _, day in m.assign(row=range(len(m))).groupby(m.index.date)]
    for before, day in pairwise(days):
        high, low = before.high.max(), before.low.min()
        middle = (high + low + before.close.iloc[-1]) / 3
        level, stop, held = 2 * middle - high, middle - (high - low), None
        for bar in day.iloc[1:].itertuples() if day.close.iloc[0] > level else ():
            for a, b in pairwise((bar.open, *path(bar))):
                if held is None and b <= level and bar.Index.strftime("%H:%M") <= "23:30":
                    fills.append(fill(bar.row, 1, level))
                    held = True
                if held and (b <= stop or b >= middle):
                    fills.append(fill(bar.row, -1, min(a, stop) if b <= stop else max(a, middle)))
                    held = False
            if held and bar.Index.strftime("%H:%M") == "23:30":
                fills.append(fill(bar.row + 1, -1, day.open.iloc[-1]))
                held = False
    return fills


def engulfing(m: pd.DataFrame) -> list[Fill]:
    was, red = m.shift(), m.close < m.open
    swallows = (
        (m.close > m.open) & (was.close < was.open) & (m.open <= was.close) & (m.close >= was.open)
    )
    larger = m.close - m.open > was.open - was.close
    dip = red.shift().rolling(3).sum() >= 2
    risk = m.close - np.minimum(m.low, was.low) * 0.9995
    enter = swallows & larger & dip & (m.close > ema(m.close, 100))
    return trips(m, (enter, enter & False), stop=risk, target=2 * risk)


def funding_fade(m: pd.DataFrame) -> list[Fill]:
    enter = (m.funding > 0.0003) & (m.close < ema(m.close, 24))
    return trips(m, never(m), (enter, m.funding < 0.0001), stop=4 * atr(m, 24))


def turtle_soup(m: pd.DataFrame) -> list[Fill]:
    floor = m.low.rolling(20).min().shift()
    trap = (m.close <= floor) & (m.low.rolling(3).min().shift() > floor)
    fills, held, since, order, stop = [], False, 0, np.inf, np.nan
    for t, bar in enumerate(m.itertuples()):
        if held and t - since > 4:
            fills.append(fill(t, -1, bar.open))
            held = False
        for a, b in pairwise((bar.open, *path(bar))):
            if b <= stop if held else b >= order:
                fills.append(fill(t, -1 if held else 1, min(a, stop) if held else max(a, order)))
                held, since, order = not held, t, np.inf
        wanted = not held and trap.iloc[t]
        order, stop = (
            floor.iloc[t] * 1.0005 if wanted else np.inf,
            stop if held else bar.low * 0.9995,
        )
    return fills


def evening_hours(m: pd.DataFrame) -> list[Fill]:
    begun = m.open.groupby(m.index.date).transform("first")
    hours = pd.Series(m.index.hour, m.index)
    return trips(m, ((hours == 20) & (m.close > begun * 0.97), hours == 22))


def grid(m: pd.DataFrame) -> list[Fill]:
    levels, fills, buys, sells = [60_000 * (1 - k / 100) for k in range(4)], [], set(), {}
    for t, bar in enumerate(m.itertuples()):
        bought = []
        for a, b in pairwise((bar.open, *path(bar))):
            for k in [k for k in (1, 2, 3) if k in buys and b <= levels[k]]:
                fills.append(fill(t, 1, levels[k], 0.01))
                bought.append(k)
                buys.remove(k)
            for k in [k for k in (3, 2, 1) if k in sells and b >= levels[k - 1]]:
                late = sells.pop(k) == t  # the price was beyond it already when it was placed
                fills.append(fill(t, -1, max(levels[k - 1], a) if late else levels[k - 1], 0.01))
        for k in bought:
            sells[k] = t + 1 if bar.close > levels[k - 1] else None
        buys |= {k for k in (1, 2, 3) if k not in sells and bar.close > levels[k]}
    return fills


def trailing_offset(m: pd.DataFrame) -> list[Fill]:
    enter, fills, held, order = above(ema(m.close, 8), ema(m.close, 21)), [], False, False
    entry = best = np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, 1, bar.open))
            held, entry, best = True, bar.open, bar.open
        for a, b in pairwise((bar.open, *path(bar))) if held else ():
            best = max(best, b)
            stop = best - 0.01 * entry if best >= 1.02 * entry else 0.98 * entry
            if held and b <= stop:
                fills.append(fill(t, -1, min(a, stop)))
                held = False
        order = bool(not held and enter.iloc[t])
    return fills
