"""The two loops that every mirror costs, in the language of kernels: turning a market over, timing a run.

The law: machine code gives the bits that Python gives, so a p is the same with and without a compiler.
"""

from __future__ import annotations

from math import sqrt

from runtime.features.elementary import log
from runtime.formulas.rounding import multiple, nearest_steps
from runtime.kernel import ByteColumn, Column, State

NOTHING = 1e-12  # of the starting equity: an account this small is lost
T, NET, ERROR, HELD = range(4)  # of what `timing` writes
TIMING_WIDTH = 4


def turn(
    opens: Column,
    highs: Column,
    lows: Column,
    closes: Column,
    coins: ByteColumn,
    drift: float,
    tick: float,
    turned_opens: Column,
    turned_highs: Column,
    turned_lows: Column,
    turned_closes: Column,
    first: int,
    last: int,
) -> None:
    """Chain the bars after row `first` anew: a bar whose coin is 1 is turned over and moves by `drift` more.

    Ratios instead of logs: a turned ratio is its reciprocal; `drift` is the factor. Prices lie on the tick, never
    below one: a mirror that falls for ever stays a market.
    """
    price = closes[first]
    for row in range(first + 1, last):
        before = closes[row - 1]
        start = opens[row]
        if coins[row] == 1:
            opened = price * (before / start)
            high = opened * (start / lows[row])
            low = opened * (start / highs[row])
            price = opened * (start / closes[row]) * drift
        else:
            opened = price * (start / before)
            high = opened * (highs[row] / start)
            low = opened * (lows[row] / start)
            price = opened * (closes[row] / start)
        on_open = _on(opened, tick)
        on_close = _on(price, tick)
        turned_opens[row] = on_open
        turned_closes[row] = on_close
        turned_highs[row] = max(max(_on(high, tick), on_open), on_close)
        turned_lows[row] = min(min(_on(low, tick), on_open), on_close)


def _on(price: float, tick: float) -> float:
    return multiple(max(1, nearest_steps(price, tick)), tick)


def timing(
    equity: Column,
    held: Column,
    closes: Column,
    money: float,
    mean: float,
    out: State,
    first: int,
    last: int,
) -> None:
    """Write T, the log growth of `money`, √Σ(x − e·r̄)² and whether anything was held over the bars [first, last).

    `held` in signed base units at the closes. What was closed inside a bar was held in it, too. T is 0 where nothing
    moved.
    """
    least = money * NOTHING
    parts = 0.0
    squares = 0.0
    before = money
    held_before = 0.0
    price_before = 0.0
    any_held = 0.0
    for row in range(first, last):
        now = max(equity[row], least)
        change = 0.0
        if now != before:
            change = log(now / before)
        quantity = held[row]
        value = closes[row]
        if quantity == 0.0:
            quantity = held_before
            value = price_before
        if quantity != 0.0 or change != 0.0:
            any_held = 1.0
            part = change - quantity * value / before * mean
            parts += part
            squares += part * part
        before = now
        held_before = held[row]
        price_before = closes[row]
    spread = sqrt(squares)
    out[T] = 0.0
    if spread > 0.0:
        out[T] = parts / spread
    out[NET] = log(before / money)
    out[ERROR] = spread
    out[HELD] = any_held
