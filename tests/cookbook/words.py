"""What the statements share: the textbook's averages in pandas, and how a rule becomes fills.

Levels that protect are walked as the product documents it: low before high in a bar that closes no
lower than it opened, else high before low; what the open has passed already acts at the open.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tests.cookbook.bench import Fill

Rule = tuple[pd.Series, pd.Series]  # at which closes to go in, at which to go out


def seeded(x: pd.Series, n: int, alpha: float) -> pd.Series:
    """Return an exponential average that begins with the mean of its first `n` values."""
    known = x.dropna()
    begin = pd.Series([known.iloc[:n].mean()], known.index[n - 1 : n])
    return pd.concat([begin, known.iloc[n:]]).ewm(alpha=alpha, adjust=False).mean().reindex(x.index)


def sma(x: pd.Series, n: int) -> pd.Series:
    return x.rolling(n).mean()


def ema(x: pd.Series, n: int) -> pd.Series:
    return seeded(x, n, 2 / (n + 1))


def macd(x: pd.Series, fast: int, slow: int) -> pd.Series:
    """Return the difference of two averages that begin on the same bar."""
    return ema(x.iloc[slow - fast :], fast).reindex(x.index) - ema(x, slow)


def wilder(x: pd.Series, n: int) -> pd.Series:
    return seeded(x, n, 1 / n)


def true_range(m: pd.DataFrame) -> pd.Series:
    before = m.close.shift()
    return np.maximum(m.high, before) - np.minimum(m.low, before)


def atr(m: pd.DataFrame, n: int) -> pd.Series:
    return wilder(true_range(m), n)


def directional(m: pd.DataFrame, n: int) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return Wilder's index of direction, and the moves up and down it is made of, per range."""
    up, down, width = m.high.diff(), -m.low.diff(), wilder(true_range(m)[1:], n)
    moves = (a.where((a > b) & (a > 0), 0.0)[1:] for a, b in ((up, down), (down, up)))
    plus, minus = (wilder(move, n) / width for move in moves)
    adx = wilder(100 * (plus - minus).abs() / (plus + minus), n)
    return adx.reindex(m.index), plus.reindex(m.index), minus.reindex(m.index)


def rsi(x: pd.Series, n: int) -> pd.Series:
    d = x.diff()
    up, down = (
        wilder(d.clip(lower=0).where(d.notna()), n),
        wilder((-d).clip(lower=0).where(d.notna()), n),
    )
    return 100 * up / (up + down)


def above(a: pd.Series, b: pd.Series | float) -> pd.Series:
    """Return on which bars `a` crosses above `b`."""
    before = b.shift() if isinstance(b, pd.Series) else b
    return (a.shift() <= before) & (a > b)


def below(a: pd.Series, b: pd.Series | float) -> pd.Series:
    return above(-a, -b)


def pivots(x: pd.Series, n: int) -> pd.Series:
    """Return which bar confirms, `n` bars later, that a value is above the `n` on both sides."""
    others = pd.concat([x.shift(k) for k in range(2 * n + 1) if k != n], axis=1)
    return x.shift(n) > others.max(axis=1, skipna=False)


def lots(quantity: float) -> float:
    """Return base units as the market sells them: whole lots of 0.001."""
    return math.floor(quantity * 1000 + 1e-6) / 1000


def never(m: pd.DataFrame) -> Rule:
    none = pd.Series(False, m.index)
    return none, none


def fill(bar: int, sign: int, price: float, quantity: float | None = None) -> Fill:
    """Return a purchase (sign 1) or a sale (-1)."""
    return Fill(bar, "buy" if sign > 0 else "sell", float(price), quantity)


def path(bar: pd.Series) -> tuple[float, float, float, float]:
    """Return the prices a bar walks through, in their order; bars without a direction are not made."""
    near, far = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
    return bar.open, near, far, bar.close


def struck(bar: pd.Series, sign: int, stop: float, target: float = np.nan) -> float | None:
    """Return at which price a bar ends a position (sign 1 long, -1 short) at its stop or its target."""
    if sign * (bar.open - stop) <= 0 or sign * (bar.open - target) >= 0:
        return float(bar.open)
    down = stop if sign * stop < sign * bar.open and bar.low <= stop <= bar.high else None
    up = target if bar.low <= target <= bar.high else None
    stop_first = (bar.close >= bar.open) == (sign == 1)
    return next((p for p in ((down, up) if stop_first else (up, down)) if p is not None), None)


def trips(
    m: pd.DataFrame, long: Rule, short: Rule | None = None,
    stop: pd.Series | None = None, target: pd.Series | None = None,
) -> list[Fill]:  # fmt: skip
    """Return the fills of one position at a time, at market at the open after a signal.

    `stop` and `target` are distances from the close at which the entry was decided.
    """
    none = pd.Series(np.nan, m.index)
    stops, targets = (none if x is None else x for x in (stop, target))
    rules = {1: long, -1: short or never(m)}
    rows, fills, held, ordered = list(m.itertuples()), [], 0, 0
    low = high = np.nan
    for t, bar in enumerate(rows):
        if ordered:
            fills.append(fill(t, ordered, bar.open))
            held += ordered
        price = struck(bar, held, low, high) if held else None
        if price is not None:
            fills.append(fill(t, -held, price))
            held = 0
        ordered = 0
        if held:
            ordered = -held if rules[held][1].iloc[t] else 0
        else:
            ordered = next((s for s, rule in rules.items() if rule[0].iloc[t]), 0)
            low, high = bar.close - ordered * stops.iloc[t], bar.close + ordered * targets.iloc[t]
    return fills
