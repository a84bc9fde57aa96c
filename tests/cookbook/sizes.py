"""Cards 09 to 16 as their sources say them: ladders, stops that move, sizes that depend on what was."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from tests.cookbook.bench import Fill
from tests.cookbook.words import above, atr, ema, fill, lots, macd, path, pivots, rsi, struck, trips


def heikin_ashi(m: pd.DataFrame) -> list[Fill]:
    close = (m.open + m.high + m.low + m.close) / 4
    begin = pd.Series((m.open.iloc[0] + m.close.iloc[0]) / 2, m.index[:1])
    body = close - pd.concat([begin, close.shift().iloc[1:]]).ewm(alpha=0.5, adjust=False).mean()
    fast, slow, slowest = ema(m.close, 20), ema(m.close, 50), ema(m.close, 100)
    enter = above(fast, slow) & (body > 0) & (close > fast)
    turned = above(slow, slowest) & (body < 0) & (close < fast)
    fills, held, order, entry = [], 0, 0, np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, order, bar.open))
            held, entry, age = held + order, bar.open, -1
        if held and (price := struck(bar, 1, entry * 0.9)) is not None:
            fills.append(fill(t, -1, price))
            held = 0
        age = age + 1 if held else 0
        goal = 5 if age < 4 else 4 if age < 12 else 3 if age < 24 else 1
        leave = bar.close >= entry * (1 + goal / 100) or turned.iloc[t]
        order = -int(leave) if held else int(enter.iloc[t])
    return fills


def rsi_divergence(m: pd.DataFrame) -> list[Fill]:
    new_low = pivots(-m.low, 5)
    level, strength = m.low.shift(5).where(new_low), rsi(m.close, 14).shift(5).where(new_low)
    before = pd.concat([level, strength], axis=1).ffill().shift()
    diverges = new_low & (level < before.iloc[:, 0]) & (strength > before.iloc[:, 1])
    risk = m.close - level * 0.998
    return trips(m, (diverges, diverges & False), stop=risk, target=2 * risk)


def dca_bot(m: pd.DataFrame) -> list[Fill]:
    cheap, fills, base, held, spent, rungs = rsi(m.close, 7) < 30, [], 0.0, 0.0, 0.0, []
    for t, bar in enumerate(m.itertuples()):
        if base:
            fills.append(fill(t, 1, bar.open, base))
            held, spent = base, base * bar.open
        for a, b in pairwise((bar.open, *path(bar))):
            while rungs and b <= rungs[0][0]:
                level, usdt, arrives = rungs.pop(0)
                price, size = min(level, a) if arrives == t else level, lots(usdt / level)
                fills.append(fill(t, 1, price, size))
                held, spent = held + size, spent + size * price
            if held and b >= (goal := 1.015 * spent / held):
                fills.append(fill(t, -1, max(a, goal), held))
                held, rungs = 0.0, []
        for k in range(5 if base and held else 0):
            level = spent / held * (1 - sum(1.4**j for j in range(k + 1)) / 100)
            rungs.append((level, 200 * 1.5**k, t + 1 if bar.close < level else None))
        base = lots(100 / bar.close) if not held and cheap.iloc[t] else 0.0
    return fills


def fibonacci_ladder(m: pd.DataFrame) -> list[Fill]:
    new_high, new_low = pivots(m.high, 4), pivots(-m.low, 4)
    top, bottom = m.high.shift(4).where(new_high).ffill(), m.low.shift(4).where(new_low).ffill()
    ready = new_high & (bottom > ema(m.close, 100)) & (m.close > top - 0.382 * (top - bottom))
    fills, rungs, held, ends, stop, goal = [], [], 0, 0, np.nan, np.nan
    for t, bar in enumerate(m.itertuples()):
        for a, b in pairwise((bar.open, *path(bar))):
            while rungs and b <= rungs[0]:
                fills.append(fill(t, 1, rungs.pop(0)))
                held += 1
            if held and (b <= stop or b >= goal):
                fills.append(fill(t, -1, min(a, stop) if b <= stop else max(a, goal)))
                rungs, held = [], 0
        rungs = rungs if t < ends else []
        if ready.iloc[t] and not held and not rungs:
            span, goal, ends = top.iloc[t] - bottom.iloc[t], top.iloc[t], t + 24
            stop, rungs = goal - 1.05 * span, [goal - share * span for share in (0.382, 0.5, 0.618)]
    return fills


def chandelier_exit(m: pd.DataFrame) -> list[Fill]:
    signal, reach = m.close > m.high.rolling(22).max().shift(), 3 * atr(m, 22)
    fills, held, order, stop, top = [], False, False, np.nan, np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, 1, bar.open))
            held, top = True, bar.open
        if held and (price := struck(bar, 1, stop)) is not None:
            fills.append(fill(t, -1, price))
            held = False
        order = bool(not held and signal.iloc[t])
        top = max(top, bar.high)
        stop = max(stop, top - reach.iloc[t]) if held else bar.close - reach.iloc[t]
    return fills


def break_even(m: pd.DataFrame) -> list[Fill]:
    average = ema(m.close, 20)
    turned = above(macd(m.close, 12, 26), 0)
    signal = above(m.close, average) & turned.rolling(5, min_periods=1).max().astype(bool)
    stops, fills, held, order = average - 2 * atr(m, 14), [], 0, 0
    entry = first = stop = np.nan
    for t, bar in enumerate(m.itertuples()):
        if order:
            fills.append(fill(t, order, bar.open))
            entry, first = (bar.open, stop) if order > 0 else (entry, first)
            held, stop = held + order, entry if order < 0 else stop
        if held and (price := struck(bar, 1, stop)) is not None:
            fills.append(fill(t, -1, price))
            held = 0
        order, stop = (0, stop) if held else (2 * signal.iloc[t], stops.iloc[t])
        earned = held == 2 and bar.close - entry >= entry - first
        order = -1 if earned or (held == 1 and bar.close < average.iloc[t]) else order
    return fills


def win_streak_size(m: pd.DataFrame) -> list[Fill]:
    fast, slow, width = ema(m.close, 10), ema(m.close, 30), atr(m, 14)
    plain = trips(
        m, (above(fast, slow), above(fast, slow) & False), stop=2 * width, target=3 * width
    )
    fills, money, won = [], 10_000.0, 0
    for one in plain:
        if one.side == "buy":
            risk = 0.005 * 2 ** min(won, 2) * money
            quantity = lots(risk / (2 * width.iloc[one.bar - 1]))
        else:
            money += quantity * (one.price - fills[-1].price)
            won = won + 1 if one.price > fills[-1].price else 0
        fills.append(one._replace(quantity=quantity))
    return fills


def volatility_target(m: pd.DataFrame) -> list[Fill]:
    swing = (100 * m.close.pct_change()).rolling(60).std(ddof=0) * 365**0.5
    up, fills, held, money = m.close > m.close.shift(365), [], 0.0, 10_000.0
    for t in range(365, len(m) - 1):
        if m.index[t].day != 1 or not (held or up.iloc[t]):
            continue
        worth = money + held * m.close.iloc[t]
        wanted = (
            lots(0.95 * worth * min(1, 30 / swing.iloc[t]) / m.close.iloc[t]) if up.iloc[t] else 0.0
        )
        if abs(change := wanted - held) > 1e-9:
            fills.append(fill(t + 1, 1 if change > 0 else -1, m.open.iloc[t + 1], abs(change)))
            held, money = wanted, money - change * m.open.iloc[t + 1]
    return fills
