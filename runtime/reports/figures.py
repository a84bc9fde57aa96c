"""Exact sums and order statistics in plain Python: the same digits on every machine.

INVARIANT: only correctly rounded operations (+ - * /, `math.fsum`, `math.sqrt`, `decimal`) are used;
no library reduction whose order of additions depends on the processor, no `pow` of the C library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from runtime.reports.columns import added, product, scores, squares

_CONTEXT = Context(prec=30, traps=[])


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean; None for no values."""
    return math.fsum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and sample standard deviation of some values, None where they have none."""

    mean: float | None
    stdev: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Moments:
        return cls(mean(values), stdev(values))


def stdev(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation (n - 1); None for fewer than two values."""
    if len(values) < 2:
        return None
    centre = math.fsum(values) / len(values)
    return math.sqrt(added(squares(values, centre)) / (len(values) - 1))


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return a quantile with linear interpolation between order statistics; None for no values."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def skewness(values: Sequence[float], moments: Moments) -> float | None:
    """Return the bias-corrected skewness (Joanes and Gill 1998, G1); None where it has no value."""
    n, centre, spread = len(values), moments.mean, moments.stdev
    if n < 3 or centre is None or not spread:
        return None
    z = scores(values, centre, spread)
    third = added(product(product(z, z), z))
    return n * third / ((n - 1) * (n - 2))


def kurtosis(values: Sequence[float], moments: Moments) -> float | None:
    """Return the bias-corrected excess kurtosis (G2); None where it has no value."""
    n, centre, spread = len(values), moments.mean, moments.stdev
    if n < 4 or centre is None or not spread:
        return None
    z = scores(values, centre, spread)
    fourth = added(product(product(z, z), product(z, z)))
    scale = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    return scale * fourth - 3 * (n - 1) * (n - 1) / ((n - 2) * (n - 3))


def growth(ratio: float, exponent: float) -> float | None:
    """Return ratio ** exponent - 1 by decimal arithmetic; None beyond the range of a float."""
    if ratio <= 0:
        return None
    power = _CONTEXT.power(Decimal(ratio), Decimal(exponent))
    value = float(power) - 1.0
    return value if math.isfinite(value) else None


def ratio(above: float | None, below: float | None) -> float | None:
    """Return a quotient; None if a part is unknown or the divisor is zero."""
    if above is None or below is None or below == 0:
        return None
    return above / below


def percent(part: float | None) -> float | None:
    return None if part is None else part * 100.0


def streaks(flags: Sequence[bool]) -> list[int]:
    """Return the lengths of all unbroken runs of True."""
    lengths: list[int] = []
    current = 0
    for flag in flags:
        if flag:
            current += 1
        elif current:
            lengths.append(current)
            current = 0
    if current:
        lengths.append(current)
    return lengths
