"""An expression over columns and other features, row by row: what `sma(close - open, 20)` reads.

The law: an operation means what it means in a rule; its code is that of `source_expressions`.
"""

from __future__ import annotations

from math import fabs, isnan, nan, sqrt

from compiler.catalog.source_expressions import DEEPEST
from compiler.catalog.types import Params
from runtime.features.elementary import log
from runtime.features.functions import down, exponential, finite, modulo, power, rounded, sign, up
from runtime.kernel import Column, Kernel, Numbers, State


def of_one(op: int, x: float) -> float:
    """Return an operation on one value; the numbers are places in `OPERATIONS`."""
    if op == 4:
        return -x
    if op == 5:
        return fabs(x)
    if op == 8:
        return down(x)
    if op == 9:
        return up(x)
    if op == 10:
        return sqrt(x) if x >= 0.0 else nan
    if op == 11:
        return log(x) if x > 0.0 else nan
    if op == 14:
        return sign(x)
    if op == 16:
        return exponential(x)
    return rounded(x)


def of_two(op: int, x: float, y: float) -> float:
    """Return an operation on two values."""
    if isnan(x) or isnan(y):
        return nan
    if op == 0:
        return finite(x + y, x, y)
    if op == 1:
        return finite(x - y, x, y)
    if op == 2:
        return finite(x * y, x, y)
    if op == 3:
        return nan if y == 0.0 else finite(x / y, x, y)
    if op == 6:
        return y if y < x else x
    if op == 7:
        return y if y > x else x
    if op == 12:
        return modulo(x, y)
    return power(x, y)


def of_eight(
    place: int, row: int, a: Column, b: Column, c: Column, d: Column, e: Column, f: Column, g: Column, h: Column
) -> float:  # fmt: skip
    """Return a row of one of eight columns; unknown before the first."""
    if row < 0:
        return nan
    if place < 4:
        if place < 2:
            return a[row] if place == 0 else b[row]
        return c[row] if place == 2 else d[row]
    if place < 6:
        return e[row] if place == 4 else f[row]
    return g[row] if place == 6 else h[row]


def expression(
    open_: Column, high: Column, low: Column, close: Column, volume: Column, hl2: Column, hlc3: Column,
    ohlc4: Column, d0: Column, d1: Column, d2: Column, d3: Column, d4: Column, d5: Column, d6: Column,
    d7: Column, code: Numbers, value: Column, state: State, start: int, stop: int,
) -> None:  # fmt: skip
    """state: the values that wait for an operation."""
    for i in range(start, stop):
        top = 0
        for at in range(0, len(code), 3):
            kind = int(code[at])
            which = code[at + 1]
            last = int(code[at + 2])
            if kind == 0:
                state[top] = which
            elif kind == 1:
                state[top] = of_eight(
                    int(which), i - last, open_, high, low, close, volume, hl2, hlc3, ohlc4
                )
            elif kind == 2:
                state[top] = of_eight(int(which), i - last, d0, d1, d2, d3, d4, d5, d6, d7)
            elif last == 1:
                top -= 1
                state[top] = of_one(int(which), state[top])
            else:
                top -= 2
                state[top] = of_two(int(which), state[top], state[top + 1])
            top += 1
        value[i] = state[0]


def _state_size(_params: Params) -> int:
    return DEEPEST


KERNEL = Kernel("expression", expression, _state_size)
