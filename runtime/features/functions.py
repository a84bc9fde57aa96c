"""The functions of cards that Python has no operator for, in the language of kernels.

The law: total. What has no value is unknown (NaN); infinitely many (never) stays where mathematics lets it.
"""

from __future__ import annotations

from math import ceil, fabs, floor, inf, isnan, nan

from runtime.features.elementary import exp, pow

LONGEST_PRODUCT = 64.0  # whole exponents up to here multiply, in one fixed order


def finite(value: float, x: float, y: float) -> float:
    """Return the result of arithmetic on x and y; an overflow of finite numbers is unknown."""
    if fabs(value) == inf and fabs(x) != inf and fabs(y) != inf:
        return nan
    return value


def shift_of(value: float) -> float:
    """Return what a mean is summed from: its first value, or nothing where that is infinite or unknown."""
    return value if fabs(value) < inf else 0.0


def add_gap(total: float, value: float, shift: float) -> float:
    """Return a sum of differences from the shift and that of one more value: of equal values exactly 0."""
    gap = finite(value - shift, value, shift)
    return finite(total + gap, total, gap)


def modulo(x: float, y: float) -> float:
    """Return x - y * floor(x / y), exactly: it has the sign of y; unknown for y = 0 and for never."""
    if isnan(x) or isnan(y) or y == 0.0 or fabs(x) == inf or fabs(y) == inf:
        return nan
    return x % y


def power(x: float, y: float) -> float:
    """Return x ** y; unknown where it is no finite number of finite ones, and for 1 ** never."""
    if isnan(x) or isnan(y) or (fabs(y) == inf and fabs(x) == 1.0):
        return nan
    if fabs(y) > LONGEST_PRODUCT or floor(y) != y:
        return finite(pow(x, y), x, y)
    left = int(fabs(y))
    base = x
    product = 1.0
    while left > 0:
        if left % 2 == 1:
            product *= base
        left = left // 2
        if left > 0:
            base *= base
    if y < 0.0:
        if product == 0.0:
            return nan
        product = 1.0 / product
    return finite(product, x, 1.0)


def exponential(x: float) -> float:
    """Return e ** x; unknown where it is no finite number of a finite one."""
    return finite(exp(x), x, x)


def rounded(x: float) -> float:
    """Return the nearest whole number, ties away from zero."""
    if isnan(x) or fabs(x) == inf:
        return x
    size = fabs(x)
    if size >= 4503599627370496.0:
        return x  # 2 ** 52: such numbers are whole
    down = float(floor(size))
    whole = down + 1.0 if size - down >= 0.5 else down
    return 0.0 - whole if x < 0.0 else whole


def sign(x: float) -> float:
    """Return -1, 0 or 1."""
    if isnan(x):
        return nan
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0


def down(x: float) -> float:
    """Return the largest whole number not above x; never stays never."""
    if isnan(x) or fabs(x) == inf:
        return x
    return float(floor(x))


def up(x: float) -> float:
    """Return the smallest whole number not below x; never stays never."""
    if isnan(x) or fabs(x) == inf:
        return x
    return float(ceil(x))
