"""The loops that every mirror costs, in the language of kernels: what a market's bars are to each other, turning it over, its mark too, timing a run.

The law: machine code gives the bits that Python gives, so a p is the same with and without a compiler.
"""

from __future__ import annotations

from math import sqrt

from runtime.features.elementary import log
from runtime.formulas.rounding import at_least_one, inverse_of
from runtime.kernel import ByteColumn, Column, State

NOTHING = 1e-12  # of the starting equity: an account this small is lost
T, NET, ERROR, HELD = range(4)  # of what `timing` writes
TIMING_WIDTH = 4


def ratios(
    opens: Column,
    highs: Column,
    lows: Column,
    closes: Column,
    onward: Column,
    over: Column,
    first: int,
    last: int,
) -> None:
    """Write of each bar after row `first` what its prices are to the one before them, four a row, and turned over.

    The open to the close before it; high, low and close to the open. `onward` as they were, `over` turned: a ratio
    turned over is its reciprocal, and high and low change places.
    """
    for row in range(first + 1, last):
        before = closes[row - 1]
        start = opens[row]
        at = 4 * row
        onward[at] = start / before
        onward[at + 1] = highs[row] / start
        onward[at + 2] = lows[row] / start
        onward[at + 3] = closes[row] / start
        over[at] = before / start
        over[at + 1] = start / lows[row]
        over[at + 2] = start / highs[row]
        over[at + 3] = start / closes[row]


def turn(
    onward: Column,
    over: Column,
    price: float,
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

    `onward` and `over` as `ratios` wrote them, `price` is the close of row `first`, `drift` a factor. Prices lie on the
    tick, never below one: a mirror that falls for ever stays a market.
    """
    inverse = inverse_of(tick)
    for row in range(first + 1, last):
        at = 4 * row
        if coins[row] == 1:
            opened = price * over[at]
            high = opened * over[at + 1]
            low = opened * over[at + 2]
            price = opened * over[at + 3] * drift
        else:
            opened = price * onward[at]
            high = opened * onward[at + 1]
            low = opened * onward[at + 2]
            price = opened * onward[at + 3]
        turned_opens[row] = opened
        turned_highs[row] = high
        turned_lows[row] = low
        turned_closes[row] = price
    # COST: rounding is most of it, and apart from the chain of prices each waits for no other.
    for row in range(first + 1, last):
        on_open = at_least_one(turned_opens[row], tick, inverse)
        on_close = at_least_one(turned_closes[row], tick, inverse)
        on_high = at_least_one(turned_highs[row], tick, inverse)
        on_low = at_least_one(turned_lows[row], tick, inverse)
        turned_opens[row] = on_open
        turned_closes[row] = on_close
        turned_highs[row] = max(max(on_high, on_open), on_close)
        turned_lows[row] = min(min(on_low, on_open), on_close)


def turn_mark(
    opens: Column,
    highs: Column,
    lows: Column,
    closes: Column,
    mark_opens: Column,
    mark_highs: Column,
    mark_lows: Column,
    mark_closes: Column,
    coins: ByteColumn,
    turned_opens: Column,
    turned_highs: Column,
    turned_lows: Column,
    turned_closes: Column,
    first: int,
    last: int,
) -> None:
    """Write over the turned prices of the rows [first, last) the mark that stands as far from them.

    On the same side in log space: a tail has the reciprocal basis, an extreme that of the opposite one.
    """
    for row in range(first, last):
        if coins[row] == 1:
            start = turned_opens[row] * (opens[row] / mark_opens[row])
            end = turned_closes[row] * (closes[row] / mark_closes[row])
            top = turned_highs[row] * (lows[row] / mark_lows[row])
            bottom = turned_lows[row] * (highs[row] / mark_highs[row])
        else:
            start = turned_opens[row] * (mark_opens[row] / opens[row])
            end = turned_closes[row] * (mark_closes[row] / closes[row])
            top = turned_highs[row] * (mark_highs[row] / highs[row])
            bottom = turned_lows[row] * (mark_lows[row] / lows[row])
        turned_opens[row] = start
        turned_closes[row] = end
        turned_highs[row] = max(max(top, start), end)
        turned_lows[row] = min(min(bottom, start), end)


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
