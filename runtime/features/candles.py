"""Twelve patterns of one to three bars, each from the sizes of bodies and shadows alone."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def said(is_so: bool) -> float:
    return 1.0 if is_so else 0.0


def is_small(open_: Column, high: Column, low: Column, close: Column, i: int, most: float) -> bool:
    """Return whether the body of a bar is at most a share of its range."""
    return fabs(close[i] - open_[i]) <= most * (high[i] - low[i])


def is_long(open_: Column, high: Column, low: Column, close: Column, i: int) -> bool:
    """Return whether the body of a bar is more than half of its range."""
    return fabs(close[i] - open_[i]) > 0.5 * (high[i] - low[i])


def is_up(open_: Column, close: Column, i: int) -> bool:
    return close[i] > open_[i]


def is_down(open_: Column, close: Column, i: int) -> bool:
    return close[i] < open_[i]


def holds(open_: Column, close: Column, outer: int, inner: int) -> bool:
    """Return whether the body of one bar holds that of another, and is larger."""
    top = max(open_[outer], close[outer])
    bottom = min(open_[outer], close[outer])
    high = max(open_[inner], close[inner])
    low = min(open_[inner], close[inner])
    return top >= high and bottom <= low and top - bottom > high - low


def has_tail(above: float, below: float, body: float, span: float) -> bool:
    """Return whether the shadow below is twice the body and the one above at most a tenth of the range."""
    return span > 0.0 and below >= 2.0 * body and above <= 0.1 * span and below > 0.0


def single_patterns(
    open_: Column,
    high: Column,
    low: Column,
    close: Column,
    i: int,
    doji: Column,
    hammer: Column,
    shooting_star: Column,
    inside_bar: Column,
) -> None:
    """The shapes of bar i, and whether its range lies in that of the bar before."""
    span = high[i] - low[i]
    body = fabs(close[i] - open_[i])
    above = high[i] - max(open_[i], close[i])
    below = min(open_[i], close[i]) - low[i]
    doji[i] = said(span > 0.0 and is_small(open_, high, low, close, i, 0.1))
    hammer[i] = said(has_tail(above, below, body, span))
    shooting_star[i] = said(has_tail(below, above, body, span))
    inside_bar[i] = said(
        high[i] <= high[i - 1] and low[i] >= low[i - 1] and span < high[i - 1] - low[i - 1]
    )


def star(open_: Column, high: Column, low: Column, close: Column, i: int) -> float:
    """Return 1 for a morning star that ends on bar i, -1 for an evening star, else 0."""
    if not is_long(open_, high, low, close, i - 2) or fabs(
        close[i - 1] - open_[i - 1]
    ) > 0.5 * fabs(close[i - 2] - open_[i - 2]):
        return 0.0
    half = (open_[i - 2] + close[i - 2]) / 2.0
    top = max(open_[i - 1], close[i - 1])
    bottom = min(open_[i - 1], close[i - 1])
    if is_down(open_, close, i - 2) and is_up(open_, close, i):
        return said(top <= half and close[i] >= half)
    if is_up(open_, close, i - 2) and is_down(open_, close, i):
        return 0.0 - said(bottom >= half and close[i] <= half)
    return 0.0


def candles(
    open_: Column,
    high: Column,
    low: Column,
    close: Column,
    doji: Column,
    hammer: Column,
    shooting_star: Column,
    bullish_engulfing: Column,
    bearish_engulfing: Column,
    bullish_harami: Column,
    bearish_harami: Column,
    piercing_line: Column,
    dark_cloud_cover: Column,
    morning_star: Column,
    evening_star: Column,
    inside_bar: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """All are unknown before the third bar and where one of the three has an unknown price."""
    for i in range(start, stop):
        if i < 2:
            continue
        known = 0.0
        for k in range(3):
            known += open_[i - k] + high[i - k] + low[i - k] + close[i - k]
        if known != known:
            continue
        single_patterns(open_, high, low, close, i, doji, hammer, shooting_star, inside_bar)
        before = i - 1
        rises = is_down(open_, close, before) and is_up(open_, close, i)
        falls = is_up(open_, close, before) and is_down(open_, close, i)
        swallows = holds(open_, close, i, before)
        nests = is_long(open_, high, low, close, before) and holds(open_, close, before, i)
        bullish_engulfing[i] = said(rises and swallows)
        bearish_engulfing[i] = said(falls and swallows)
        bullish_harami[i] = said(rises and nests)
        bearish_harami[i] = said(falls and nests)
        half = (open_[before] + close[before]) / 2.0
        returns = is_long(open_, high, low, close, before) and not swallows
        piercing_line[i] = said(
            rises
            and returns
            and open_[i] <= close[before]
            and close[i] > half
            and close[i] < open_[before]
        )
        dark_cloud_cover[i] = said(
            falls
            and returns
            and open_[i] >= close[before]
            and close[i] < half
            and close[i] > open_[before]
        )
        turn = star(open_, high, low, close, i)
        morning_star[i] = said(turn > 0.0)
        evening_star[i] = said(turn < 0.0)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("candles", candles, _state_size)
