"""exp, log and pow from nothing but arithmetic: the same bits on every machine; in the kernel subset.

Powers of two scale exactly, so what rounds is a short polynomial: exp and log by the approximations
of fdlibm (Sun Microsystems 1993), pow by a logarithm in two floats (Dekker 1971). Measured against
50 digits by `tools/elementary_accuracy.py`: all within 1 ulp.
"""

from __future__ import annotations

from math import fabs, floor, inf, nan, sqrt

LOG2_E = 1.4426950408889634
# Their sum is ln 2; the first has zeros enough that its products with an exponent are exact.
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
ROOT_2 = sqrt(2.0)
THIRD = 1.0 / 3.0
THIRD_LOW = 1.850371707708594e-17
# Multiplying by 2 ** 27 + 1 and back splits a float into two halves (Veltkamp).
SPLITTER = 134_217_729.0
TWO_2 = 2.0**2
TWO_4 = 2.0**4
TWO_8 = 2.0**8
TWO_16 = 2.0**16
TWO_32 = 2.0**32
TWO_54 = 2.0**54
TWO_64 = 2.0**64
TWO_128 = 2.0**128
TWO_256 = 2.0**256
TWO_512 = 2.0**512
TWO_1022 = 2.0**1022
SMALLEST_NORMAL = 2.0**-1022
# The first x whose exp is beyond the largest float, and the last whose exp rounds to 0.
EXP_HIGH = 709.782712893384
EXP_LOW = -745.1332191019412


def power_of_two(k: int) -> float:
    """Return 2 ** k exactly, for -1022 <= k <= 1023."""
    base = 2.0 if k >= 0 else 0.5
    left = k if k >= 0 else -k
    result = 1.0
    while left > 0:
        if left % 2 == 1:
            result *= base
        base *= base
        left = left // 2
    return result


def scaled(x: float, k: int) -> float:
    """Return x * 2 ** k for a normal x, rounded once; |k| <= 2044."""
    half = k // 2
    return x * power_of_two(half) * power_of_two(k - half)


def binary_exponent(x: float) -> int:
    """Return the whole e with 2 ** e <= x < 2 ** (e + 1), for 0 < x < inf."""
    e = 0
    if x < SMALLEST_NORMAL:
        x *= TWO_54
        e = -54
    if x < 1.0:
        x *= TWO_1022
        e -= 1022
    if x >= TWO_512:
        x /= TWO_512
        e += 512
    if x >= TWO_256:
        x /= TWO_256
        e += 256
    if x >= TWO_128:
        x /= TWO_128
        e += 128
    if x >= TWO_64:
        x /= TWO_64
        e += 64
    if x >= TWO_32:
        x /= TWO_32
        e += 32
    if x >= TWO_16:
        x /= TWO_16
        e += 16
    if x >= TWO_8:
        x /= TWO_8
        e += 8
    if x >= TWO_4:
        x /= TWO_4
        e += 4
    if x >= TWO_2:
        x /= TWO_2
        e += 2
    return e + 1 if x >= 2.0 else e


def exp_of_sum(high: float, low: float) -> float:
    """Return exp(high - low) for |high - low| <= ln(2) / 2 and a low that is small beside it."""
    x = high - low
    t = x * x
    p = 4.13813679705723846039e-08
    p = -1.65339022054652515390e-06 + t * p
    p = 6.61375632143793436117e-05 + t * p
    p = -2.77777777770155933842e-03 + t * p
    p = 1.66666666666666019037e-01 + t * p
    c = x - t * p
    return 1.0 - ((low - (x * c) / (2.0 - c)) - high)


def exp(x: float) -> float:
    """Return e ** x within 1 ulp; inf above 709.78, 0 below -745.13."""
    if x != x:
        return x
    if x > EXP_HIGH:
        return inf
    if x < EXP_LOW:
        return 0.0
    k = floor(x * LOG2_E + 0.5)
    return scaled(exp_of_sum(x - k * LN2_HIGH, k * LN2_LOW), k)


def log(x: float) -> float:
    """Return the natural logarithm within 1 ulp; -inf of 0, NaN below."""
    if x != x or x == inf:
        return x
    if x <= 0.0:
        return -inf if x == 0.0 else nan
    k = binary_exponent(x)
    m = scaled(x, -k)
    if m > ROOT_2:
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = 2.222219843214978396e-01 + w * 1.531383769920937332e-01
    even = w * (3.999999999940941908e-01 + w * even)
    odd = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    odd = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * odd))
    square = 0.5 * f * f
    return k * LN2_HIGH - ((square - (s * (square + (odd + even)) + k * LN2_LOW)) - f)


def sum_error(a: float, b: float, total: float) -> float:
    """Return what rounding took from total = a + b, exactly (Knuth)."""
    part = total - a
    return (a - (total - part)) + (b - part)


def product_error(a: float, b: float, product: float) -> float:
    """Return what rounding took from product = a * b, exactly but for underflow (Dekker)."""
    c = a * SPLITTER
    a_high = c - (c - a)
    a_low = a - a_high
    c = b * SPLITTER
    b_high = c - (c - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def power_of_positive(x: float, y: float) -> float:
    """Return x ** y for 0 < x < inf and 0 < |y| <= 2 ** 64.

    The logarithm is k * ln 2 + 2 * (s + s**3 / 3 + s**5 / 5 + …) of s = (m - 1) / (m + 1); it, its
    square and its cube are sums of two floats, good to about 100 binary places.
    """
    k = binary_exponent(x)
    m = scaled(x, -k)
    if m > ROOT_2:
        m *= 0.5
        k += 1
    f = m - 1.0
    d = m + 1.0
    s = f / d
    p = s * d
    s_low = (((f - p) - product_error(s, d, p)) - s * sum_error(m, 1.0, d)) / d
    z = s * s
    z_low = product_error(s, s, z) + 2.0 * s * s_low
    tail = 1.0 / 25.0
    for n in range(23, 3, -2):
        tail = 1.0 / n + z * tail
    tail *= z
    q = THIRD + tail
    q_low = sum_error(THIRD, tail, q) + THIRD_LOW
    c = z * q
    c_low = product_error(z, q, c) + (z * q_low + z_low * q)
    g = c * s
    g_low = product_error(c, s, g) + (c * s_low + c_low * s)
    half = s + g
    half_low = sum_error(s, g, half) + (s_low + g_low)
    a = k * LN2_HIGH
    b = 2.0 * half
    total = a + b
    total_low = sum_error(a, b, total) + (k * LN2_LOW + 2.0 * half_low)
    high = total + total_low
    low = sum_error(total, total_low, high)
    p = y * high
    if p > EXP_HIGH + 1.0:
        return inf
    if p < EXP_LOW - 1.0:
        return 0.0
    e = floor(p * LOG2_E + 0.5)
    lost = product_error(y, high, p) + y * low
    return scaled(exp_of_sum(p - e * LN2_HIGH, e * LN2_LOW - lost), e)


def power_of_edge(x: float, y: float, is_odd: bool) -> float:
    """Return x ** y for an x that is 0 or infinite or a y that is infinite; x and y are no NaN."""
    size = fabs(x)
    if fabs(y) == inf:
        if size == 1.0:
            return 1.0
        return inf if (size > 1.0) == (y > 0.0) else 0.0
    if x == 0.0:
        if y < 0.0:
            return inf
        # The sign of a zero cannot be asked for, but a product keeps it.
        return x if is_odd else 0.0
    if y > 0.0:
        return x if is_odd else inf
    return -0.0 if is_odd and x < 0.0 else 0.0


def pow(x: float, y: float) -> float:
    """Return x ** y within 1 ulp, with the special cases of IEEE 754 (module docstring of `kernel`)."""
    if y == 0.0 or x == 1.0:
        return 1.0
    if x != x or y != y:
        return x + y
    is_whole = True
    is_odd = False
    if fabs(y) < TWO_54:
        whole = floor(y)
        is_whole = whole == y
        is_odd = is_whole and whole % 2 == 1
    if x == 0.0 or fabs(x) == inf or fabs(y) == inf:
        return power_of_edge(x, y, is_odd)
    if x < 0.0 and not is_whole:
        return nan
    size = power_of_positive(fabs(x), max(-TWO_64, min(TWO_64, y)))
    return -size if is_odd and x < 0.0 else size
