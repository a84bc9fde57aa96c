"""Sums whose digits do not depend on who adds: left to right for money, exact for whole numbers.

The law: builtin `sum` over floats adds differently from Python 3.12 on (compensated), and with it a
result's last digits changed. Left to right is also what a kernel does, so both engines agree.
"""

from __future__ import annotations

from collections.abc import Iterable


def total(values: Iterable[float]) -> float:
    """Return the sum of floats, added left to right, each step rounded; 0.0 for none."""
    result = 0.0
    for value in values:
        result += value
    return result


def whole(values: Iterable[int]) -> int:
    """Return the sum of whole numbers (lots, counts): exact in any order."""
    return sum(values)
