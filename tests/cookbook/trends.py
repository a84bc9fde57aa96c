"""Cards 01 to 08 as their sources say them: averages, breakouts, clouds and the day's first half hour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from tests.cookbook.bench import Fill
from tests.cookbook.words import (
    above,
    atr,
    below,
    ema,
    fill,
    macd,
    path,
    rsi,
    sma,
    struck,
    trips,
    true_range,
)


def supertrend_reversal(m: pd.DataFrame) -> list[Fill]:
    width, mid = 3 * atr(m, 10), (m.high + m.low) / 2
    top, bottom, side, fills = np.nan, np.nan, 1, []
    for t in range(len(m)):
        high, low, before = (mid + width).iloc[t], (mid - width).iloc[t], m.close.iloc[t - 1]
        was, side = side, 1 if m.close.iloc[t] > top else -1 if m.close.iloc[t] < bottom else side
        top = high if not before <= top else min(high, top)
        bottom = low if not before >= bottom else max(low, bottom)
        if side != was and t + 1 < len(m):
            fills.append(fill(t + 1, side, m.open.iloc[t + 1]))
    return fills


def golden_cross(m: pd.DataFrame) -> list[Fill]:
    fast, slow = sma(m.close, 50), sma(m.close, 200)
    return trips(m, (above(fast, slow), below(fast, slow)))


def rsi2(m: pd.DataFrame) -> list[Fill]:
    dip = (m.close > sma(m.close, 200)) & (rsi(m.close, 2) < 10)
    return trips(m, (dip, m.close > sma(m.close, 5)))


def turtle(m: pd.DataFrame) -> list[Fill]:
    top, bottom, n = m.high.rolling(55).max().shift(), m.low.rolling(20).min().shift(), atr(m, 20)
    fills, units, order, last, stop = [], 0, 0, np.nan, np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, order, bar.open))
            units, last = (units + 1, bar.open) if order > 0 else (0, np.nan)
        if units and (price := struck(bar, 1, stop)) is not None:
            fills.append(fill(t, -1, price))
            units = 0
        order = -1 if units and bar.close < bottom.iloc[t] else 0
        first, more = not units and bar.close > top.iloc[t], bar.close >= last + n.iloc[t] / 2
        if first or (0 < units < 4 and more and not order):
            order, stop = 1, bar.close - 2 * n.iloc[t]
    return fills


def macd_signal(m: pd.DataFrame) -> list[Fill]:
    line = macd(m.close, 12, 26)
    signal = ema(line, 9)
    return trips(m, (above(line, signal) & (line < 0), below(line, signal)), stop=3 * atr(m, 14))


def squeeze(m: pd.DataFrame) -> list[Fill]:
    deviation, reach = 2 * m.close.rolling(20).std(), 1.5 * ema(true_range(m), 20)
    middle, centre = sma(m.close, 20), ema(m.close, 20)
    on = (middle - deviation > centre - reach) & (middle + deviation < centre + reach)
    fired = on.shift(fill_value=False) & ~on
    push = sma(m.close - m.close.shift(12), 6)
    weaker, stronger = push < push.shift(), push > push.shift()
    long = fired & (push > 0), weaker & weaker.shift(fill_value=False)
    short = fired & (push < 0), stronger & stronger.shift(fill_value=False)
    return trips(m, long, short, stop=2 * atr(m, 14))


def ichimoku(m: pd.DataFrame) -> list[Fill]:
    def middle(n: int) -> pd.Series:
        return (m.high.rolling(n).max() + m.low.rolling(n).min()) / 2

    conversion, base = middle(9), middle(26)
    spans = pd.concat([(conversion + base) / 2, middle(52)], axis=1).shift(25)
    top, bottom = spans.max(axis=1, skipna=False), spans.min(axis=1, skipna=False)
    up = above(conversion, base) & (m.close > top) & (m.close > m.close.shift(26))
    down = below(conversion, base) & (m.close < bottom) & (m.close < m.close.shift(26))
    stop = (m.close - bottom).where(up, top - m.close)
    return trips(m, (up, m.close < base), (down, m.close > base), stop=stop)


def opening_range(m: pd.DataFrame) -> list[Fill]:
    local, fills = m.assign(row=range(len(m))).tz_convert("America/New_York"), []
    local = local[local.index.day_of_week < 5].between_time("09:30", "16:00")
    for _, day in local.groupby(local.index.date):
        top, bottom, side, tried = day.high.iloc[:2].max(), day.low.iloc[:2].min(), 0, False
        for bar in day.iloc[2:-1].itertuples():
            for a, b in pairwise((bar.open, *path(bar))):
                over, under = (top, bottom) if side else (top * 1.0002, bottom * 0.9998)
                met = 1 if b >= over else -1 if b <= under else 0
                if met == -side if side else met and not tried:
                    fills.append(fill(bar.row, met, max(over, a) if met > 0 else min(under, a)))
                    side, tried = side + met, True
        if side:
            fills.append(fill(day.row.iloc[-1], -side, day.open.iloc[-1]))
    return fills
