"""Bars no market gives: unknown, infinite, denormal, huge, upside down; and dull ones that it does."""

from __future__ import annotations

import math
import random

from runtime.market.frame import Frame

WEIRD = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, 1e-300, 1.0, -1.0,
         2.0**53, 1.7976931348623157e308]  # fmt: skip
FIELDS = ("open", "high", "low", "close", "volume")
TEMPERS = ("calm", "dull", "unknown", "tiny", "huge", "wild")


def walk(rng: random.Random, rows: int, price: float = 100.0, tick: float = 0.5) -> Frame:
    """Return bars of a random walk on a grid of ticks, with ties."""
    frame = Frame("X", "1h", 3_600_000)
    close = price
    for index in range(rows):
        opening = close
        close = max(tick, opening + tick * rng.randint(-4, 4))
        high = max(opening, close) + tick * rng.randint(0, 3)
        low = max(tick, min(opening, close) - tick * rng.randint(0, 3))
        frame.append(index * 3_600_000, opening, high, low, close, float(rng.randint(0, 50)))
    return frame


def hostile(temper: str, rows: int, seed: int) -> Frame:
    """Return bars of one temper (`TEMPERS`), the same for the same seed."""
    rng = random.Random(f"{temper} {seed}")
    match temper:
        case "tiny":
            frame = walk(rng, rows, 1e-320, 5e-324)
        case "huge":
            frame = walk(rng, rows, 1e308, 1e306)
        case _:
            frame = walk(rng, rows)
    for index in range(rows):
        if temper == "dull" and (rng.random() < 0.3 or rows // 3 < index < rows // 2):
            for name in FIELDS[:4]:
                frame.column(name)[index] = frame.close[index - 1] if index else 100.0
            frame.volume[index] = 0.0
        for name in FIELDS:
            if temper == "unknown" and rng.random() < 0.02:
                frame.column(name)[index] = math.nan
            if temper == "wild" and rng.random() < 0.05:
                frame.column(name)[index] = rng.choice(WEIRD)
    return frame
