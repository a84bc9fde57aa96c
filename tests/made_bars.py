"""Bars of a market made up for one test: a walk that opens where it closed, as venues show it."""

from __future__ import annotations

import random

from runtime.market.frame import Frame
from runtime.market.timeframe import TIMEFRAMES

T0 = 1_709_510_400_000  # Monday 2024-03-04 00:00 UTC


def walk(
    symbol: str, price: float, *, timeframe: str = "15m", count: int = 400, seed: int = 1,
    first: int = 0,
) -> Frame:  # fmt: skip
    """Return `count` bars from bar `first` after T0 on: prices on a grid of 0.01, volumes of 0.001."""
    rolls = random.Random(seed)
    frame = Frame(symbol, timeframe, TIMEFRAMES[timeframe])
    close = round(price, 2)
    for row in range(first, first + count):
        open_ = close
        close = round(open_ * (1.0 + rolls.uniform(-0.004, 0.004)), 2)
        high = round(max(open_, close) * (1.0 + rolls.uniform(0.0, 0.002)), 2)
        low = round(min(open_, close) * (1.0 - rolls.uniform(0.0, 0.002)), 2)
        high, low = max(high, open_, close), min(low, open_, close)
        volume = round(rolls.uniform(1.0, 20.0), 3)
        frame.append(T0 + row * frame.interval_ms, open_, high, low, close, volume)
    return frame


def moved(frame: Frame, ms: int) -> Frame:
    """Return the same bars at other times."""
    made = frame.rows(0)
    for row in range(len(made)):
        made.ts[row] += ms
    return made


def scaled(frame: Frame, factor: float, *names: str) -> Frame:
    """Return bars with columns (the prices, if none is named) times a factor."""
    made = frame.rows(0)
    for name in names or ("open", "high", "low", "close"):
        column = made.column(name)
        for row in range(len(made)):
            column[row] = round(column[row] * factor, 8)
    return made
