"""Cards 17 to 24 as their sources say them: limits, pairs, stop orders that wait for a break."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from tests.cookbook.bench import Fill
from tests.cookbook.words import (
    above,
    atr,
    below,
    directional,
    ema,
    fill,
    lots,
    macd,
    path,
    struck,
)


def cool_down(m: pd.DataFrame) -> list[Fill]:
    fast, slow, width, days = ema(m.close, 5), ema(m.close, 13), atr(m, 14), m.index.date
    cross = above(fast, slow).astype(int) - below(fast, slow).astype(int)
    fills, held, order, opened, lost, ended, halted = [], 0, 0, 0, 0, -99, None
    stop = goal = np.nan
    for t, bar in enumerate(m.itertuples()):
        opened = opened if t and days[t] == days[t - 1] else 0
        if halted is not None and halted != days[t]:
            halted, lost = None, 0
        if order:
            fills.append(fill(t, order, bar.open))
            held, opened = order, opened + 1
        if held and (price := struck(bar, held, stop, goal)) is not None:
            fills.append(fill(t, -held, price))
            lost = lost + 1 if held * (price - fills[-2].price) < 0 else 0
            held, ended = 0, t
        halted = days[t] if lost >= 3 else halted
        free = not held and t - ended > 12 and opened < 3 and halted is None
        order, reach = int(cross.iloc[t]) if free else 0, width.iloc[t] * cross.iloc[t]
        stop, goal = (bar.close - 1.5 * reach, bar.close + 2 * reach) if order else (stop, goal)
    return fills


def daily_loss(m: pd.DataFrame) -> list[Fill]:
    top, bottom, days = m.high.rolling(20).max().shift(), m.low.rolling(20).min(), m.index.date
    fills, held, order, stop, shut, money = [], 0.0, 0.0, np.nan, None, 10_000.0
    peak = begun = worth = money
    for t, bar in enumerate(m.itertuples()):
        begun = worth if days[t] != days[t - 1] else begun
        if order:
            fills.append(fill(t, order, bar.open))
            held, money = held + order, money - order * bar.open
        if held and (price := struck(bar, 1, stop)) is not None:
            fills.append(fill(t, -1, price))
            held, money = 0.0, money + held * price
        worth = money + held * bar.close
        peak, over = max(peak, worth), shut == "ever" or worth <= 0.8 * max(peak, worth)
        shut = "ever" if over else days[t] if worth <= 0.95 * begun else shut
        allowed = shut not in ("ever", days[t])
        enter = not held and allowed and bar.close > top.iloc[t]
        order, stop = (lots(2 * worth / bar.close), bottom.iloc[t]) if enter else (0.0, stop)
        order = -held if not allowed or bar.close < bottom.shift().iloc[t] else order
    return fills


def pairs_filter(m: pd.DataFrame) -> list[Fill]:
    ratio = m.close / m.leader
    stretch = (ratio - ratio.rolling(72).mean()) / ratio.rolling(72).std(ddof=0)
    together = m.close.pct_change().rolling(72).corr(m.leader.pct_change()) > 0.6
    enter, width = (stretch < -2) & together, 4 * atr(m, 24)
    fills, held, order, since, stop = [], 0, 0, 0, np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, order, bar.open))
            held, since = held + order, t
        if held and (price := struck(bar, 1, stop)) is not None:
            fills.append(fill(t, -1, price))
            held = 0
        stop = stop if held else bar.close - width.iloc[t]
        leave = held and (stretch.iloc[t] >= 0 or t - since >= 72)
        order = -1 if leave else int(not held and enter.iloc[t])
    return fills


def parabolic_sar(m: pd.DataFrame) -> list[Fill]:
    up = m.high.iloc[1] - m.high.iloc[0] >= m.low.iloc[0] - m.low.iloc[1]
    sar, best = (m.low.iloc[0], m.high.iloc[1]) if up else (m.high.iloc[0], m.low.iloc[1])
    sides, fills, step = [], [], 0.02
    for t in range(1, len(m)):
        now, old = m.iloc[t], m.iloc[max(t - 2, 0) : t]
        sar = min(sar, old.low.min()) if up else max(sar, old.high.max())
        if (now.low <= sar) if up else (now.high >= sar):
            up, sar, best, step = not up, best, now.high if not up else now.low, 0.02
            sar = (
                min(sar, now.low, old.low.iloc[-1]) if up else max(sar, now.high, old.high.iloc[-1])
            )
        sides.append(now.close > sar)
        if (now.high > best) if up else (now.low < best):
            best, step = now.high if up else now.low, min(step + 0.02, 0.2)
        sar += step * (best - sar)
    for t, (was, side) in enumerate(pairwise(sides), start=2):
        if was != side and t + 1 < len(m):
            fills.append(fill(t + 1, 1 if side else -1, m.open.iloc[t + 1]))
    return fills


def triple_screen(m: pd.DataFrame) -> list[Fill]:
    line = macd(m.close.resample("1D").last(), 12, 26)
    rising = ((line - ema(line, 9)).diff() > 0).shift(freq="20h")  # known when the day is over
    tide, stops = rising.reindex(m.index, method="ffill") == 1, m.low.rolling(2).min() * 0.9995
    low, high = m.low.rolling(14).min(), m.high.rolling(14).max()
    wave = (100 * (m.close - low) / (high - low)).rolling(3).mean()
    fills, held, order, stop, leave = [], False, np.inf, np.nan, False
    for t, bar in enumerate(m.itertuples()):
        if leave:
            fills.append(fill(t, -1, bar.open))
            held = False
        for a, b in pairwise((bar.open, *path(bar))):
            if b <= stop if held else b >= order:
                fills.append(fill(t, -1 if held else 1, min(a, stop) if held else max(a, order)))
                held, order = not held, np.inf
        leave = held and wave.iloc[t] > 70
        wanted = not held and tide.iloc[t] and wave.iloc[t] < 30
        order, stop = bar.high * 1.0005 if wanted else np.inf, stop if held else stops.iloc[t]
    return fills


def narrow_range(m: pd.DataFrame) -> list[Fill]:
    span = m.high - m.low
    narrow, fills, held, since, bracket = span < span.rolling(6).min().shift(), [], 0, -1, None
    for t, bar in enumerate(m.itertuples()):
        if held and t - since > 2:
            fills.append(fill(t, -held, bar.open))
            held, bracket = 0, None
        for a, b in pairwise((bar.open, *path(bar)) if bracket else ()):
            met = 1 if b >= bracket[0] else -1 if b <= bracket[1] else 0
            if met == -held if held else met and since != t:
                fills.append(fill(t, met, max(a, bracket[0]) if met > 0 else min(a, bracket[1])))
                held, since = held + met, t
        if not held:
            bracket = (bar.high * 1.0005, bar.low * 0.9995) if narrow.iloc[t] else None
    return fills


def volatility_breakout(m: pd.DataFrame) -> list[Fill]:
    fills, days = [], [day for _, day in m.assign(row=range(len(m))).groupby(m.index.date)]
    for before, day in pairwise(days):
        span, begin = before.high.max() - before.low.min(), day.open.iloc[0]
        level, stop, held = begin + span / 2, begin - span / 4, None
        if day.close.iloc[0] >= level:
            continue
        for bar in day.iloc[1:].itertuples():
            for a, b in pairwise((bar.open, *path(bar))):
                if held is None and b >= level and bar.Index.hour < 23:
                    fills.append(fill(bar.row, 1, max(a, level)))
                    held = True
                elif held and b <= stop:
                    fills.append(fill(bar.row, -1, min(a, stop)))
                    held = False
        if held and bar.row + 1 < len(m):
            fills.append(fill(bar.row + 1, -1, m.open.iloc[bar.row + 1]))
    return fills


def holy_grail(m: pd.DataFrame) -> list[Fill]:
    adx, plus, minus = directional(m, 14)
    strong = (((adx > 30) & (adx.diff() > 0)).rolling(10).max() == 1) & (plus > minus)
    top = m.high.rolling(20).max()
    ready = strong & (m.low <= ema(m.close, 20)) & (top > m.high * 1.005)
    fills, held, ends = [], False, -1
    level = stop = goal = np.nan
    for t, bar in enumerate(m.itertuples()):
        for a, b in pairwise((bar.open, *path(bar))):
            if not held and t <= ends and b >= level:
                fills.append(fill(t, 1, max(a, level)))
                held, ends = True, -1
            if held and (b <= stop or b >= goal):
                fills.append(fill(t, -1, min(a, stop) if b <= stop else max(a, goal)))
                held = False
        if not held and t >= ends and ready.iloc[t]:
            level, stop, goal, ends = bar.high * 1.0002, bar.low * 0.9998, top.iloc[t], t + 3
    return fills
