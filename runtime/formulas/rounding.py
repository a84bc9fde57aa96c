"""Prices on their tick, quantities in whole lots: the one canonical float of each, and how to get there.

The law: written in the language of kernels (`runtime.kernel`), so every engine rounds to the same bits.
`size` is the tick (quote) or the lot (base units).
"""

from __future__ import annotations

from math import ceil, fabs, floor

# Beyond every order a venue takes, and whole numbers are still exact floats here.
MOST = 9007199254740992.0  # 2**53
# A step that is this near counts as reached: the binary noise of a division.
SLACK = 1e-9
# The share of a size that lots may leave out without a word.
MUCH = 0.05
# Added to a smaller number and taken away again it leaves whole ones alone, to nearest even: IEEE 754 has no
# finer ones from 2**52 on.
_WHOLES = 4503599627370496.0  # 2**52
_BELOW = 2251799813685248.0  # 2**51


def bounded(steps: float) -> float:
    """Return a number of steps that can be counted; what a card computes may overflow."""
    return min(max(steps, -MOST), MOST)


def multiple(steps: int, size: float) -> float:
    """Return the canonical float of a whole number of steps."""
    return times(steps, size, inverse_of(size))


def inverse_of(size: float) -> float:
    """Return the whole number that a size below 1 is the reciprocal of (0.1: 10), 0 where there is none."""
    if size < 1.0:
        inverse = floor(1.0 / size + 0.5)
        if fabs(inverse * size - 1.0) < 1e-12:
            return float(inverse)
    return 0.0


def times(steps: int, size: float, inverse: float) -> float:
    """Return `multiple` for who knows the `inverse_of` the size: one for very many prices."""
    if inverse > 0.0:
        return steps / inverse  # exactly rounded: 7 / 10 == 0.7
    return steps * size


def nearest_steps(value: float, size: float) -> int:
    """Return the nearest number of steps, the even one at equal distance."""
    steps = bounded(value / size)
    whole = floor(steps)
    beyond = steps - whole
    if beyond > 0.5 or (beyond == 0.5 and whole % 2 == 1):
        return whole + 1
    return whole


def at_least_one(value: float, size: float, inverse: float) -> float:
    """Return `times(max(1, nearest_steps(value, size)), size, inverse)`, without counting: of very many prices."""
    steps = value / size
    if steps >= 0.0 and steps < _BELOW:
        whole = max(1.0, steps + _WHOLES - _WHOLES)
        return whole / inverse if inverse > 0.0 else whole * size
    return times(max(1, nearest_steps(value, size)), size, inverse)


def steps_below(value: float, size: float) -> int:
    """Return the most steps not above a value, within 1e-9 of a step.

    A canonical value is its own number of steps, however many they are.
    """
    near = nearest_steps(value, size)
    if multiple(near, size) == value:
        return near
    return floor(bounded(value / size) + SLACK)


def steps_above(value: float, size: float) -> int:
    """Return the fewest steps not below a value, within 1e-9 of a step; canonical values as they are."""
    near = nearest_steps(value, size)
    if multiple(near, size) == value:
        return near
    return ceil(bounded(value / size) - SLACK)


def is_much_less(given: float, asked: float) -> bool:
    """Return whether rounding down left out so much of a size that it is another one."""
    return given < asked * (1.0 - MUCH)


def price_below(price: float, tick: float) -> float:
    """Return the largest tick multiple not above a price."""
    return multiple(steps_below(price, tick), tick)


def price_above(price: float, tick: float) -> float:
    """Return the smallest tick multiple not below a price."""
    return multiple(steps_above(price, tick), tick)
