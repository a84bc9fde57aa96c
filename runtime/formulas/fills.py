"""Whether a bar fills a resting limit, and what a market execution pays beyond its reference.

The law: written in the language of kernels, so every engine fills the same lots at the same bits.
`sign` is +1 for a buy, -1 for a sell; `far` is the end of the bar that reaches deepest into the limit.
"""

from __future__ import annotations

from math import sqrt

from runtime.formulas.rounding import price_above, price_below


def far_side(sign: int, low: float, high: float) -> float:
    """Return the price of a bar that a resting order of a side is met from."""
    return low if sign > 0 else high


def is_touched(sign: int, price: float, far: float) -> bool:
    """Return whether a bar came to a limit."""
    return sign * (far - price) <= 0.0


def is_through(sign: int, price: float, reached: float) -> bool:
    """Return whether a price lies strictly beyond a limit."""
    return sign * (price - reached) > 0.0


def is_far_through(
    sign: int, price: float, far: float, ticks: int, percent: float, tick: float
) -> bool:
    """Return whether a bar went through a limit by some ticks and by a percentage of its price."""
    margin = max(ticks * tick, price * percent / 100)
    # Half a thousandth of a tick forgives the binary noise of the subtraction.
    return sign * (price - far) >= margin - tick * 5e-4


def square_root_impact(coefficient: float, base: float, volume: float) -> float:
    """Return the relative move for taking `base` of a bar's volume; no volume, no move."""
    if volume > 0.0:
        return coefficient * sqrt(base / volume)
    return 0.0


def linear_impact(coefficient: float, base: float, volume: float) -> float:
    """Return the relative move for taking `base` of a bar's volume; no volume, no move."""
    if volume > 0.0:
        return coefficient * (base / volume)
    return 0.0


def slipped(sign: int, price: float, relative: float, tick: float) -> float:
    """Return a price moved against the taker, rounded to the tick against it, never below one tick."""
    if relative <= 0.0:
        return price
    if sign > 0:
        return price_above(price * (1.0 + relative), tick)
    return max(tick, price_below(price * (1.0 - relative), tick))
