"""What every operation of a rule graph means on one bar: floats with NaN for unknown, true 1, false 0.

The one truth: the account stage evaluates with these functions, and whole columns are tested to equal
them row by row. Conditions are Kleene's strong three-valued logic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from runtime.features.elementary import log
from runtime.features.functions import (
    add_gap,
    down,
    exponential,
    finite,
    modulo,
    power,
    rounded,
    shift_of,
    sign,
    up,
)

UNKNOWN = math.nan
TRUE = 1.0
FALSE = 0.0


def is_unknown(value: float) -> bool:
    return value != value


def kleene_and(values: Sequence[float]) -> float:
    """False if any is false, else unknown if any is unknown, else true."""
    result = TRUE
    for value in values:
        if value == FALSE:
            return FALSE
        if value != value:
            result = UNKNOWN
    return result


def kleene_or(values: Sequence[float]) -> float:
    """True if any is true, else unknown if any is unknown, else false."""
    result = FALSE
    for value in values:
        if value == TRUE:
            return TRUE
        if value != value:
            result = UNKNOWN
    return result


def kleene_not(value: float) -> float:
    return UNKNOWN if value != value else 1.0 - value


def _compare(holds: Callable[[float, float], bool]) -> Callable[[Sequence[float]], float]:
    def compare(args: Sequence[float]) -> float:
        left, right = args
        if left != left or right != right:
            return UNKNOWN
        return TRUE if holds(left, right) else FALSE

    return compare


def divide(left: float, right: float) -> float:
    return UNKNOWN if right == 0.0 else finite(left / right, left, right)


def square_root(value: float) -> float:
    return math.sqrt(value) if value >= 0.0 else UNKNOWN


def logarithm(value: float) -> float:
    """By our own `log`: the machine's differs in the last digit from one machine to the next."""
    return log(value) if value > 0.0 else UNKNOWN


def smallest(values: Sequence[float]) -> float:
    """Return the minimum; unknown if any is unknown."""
    result = values[0]
    for value in values:
        if value != value:
            return UNKNOWN
        if value < result:
            result = value
    return result


def largest(values: Sequence[float]) -> float:
    """Return the maximum; unknown if any is unknown."""
    result = values[0]
    for value in values:
        if value != value:
            return UNKNOWN
        if value > result:
            result = value
    return result


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean, unknown if any is unknown.

    Summed in the order given, as differences from the first: the mean of equal values is that value, and
    no mean is beyond what it is of.
    """
    shift, total = shift_of(values[0]), 0.0
    for value in values:
        total = add_gap(total, value, shift)
    return shift + total / len(values)


def median(values: Sequence[float]) -> float:
    """Return the value in the middle, of an even number the mean of the two; unknown if any is unknown."""
    if any(value != value for value in values):
        return UNKNOWN
    ordered, half = sorted(values), len(values) // 2
    if len(values) % 2:
        # Of zeros of either sign one: whichever the sorting left in the middle.
        return ordered[half] + 0.0
    low, high = ordered[half - 1], ordered[half]
    return finite(low + high, low, high) / 2.0 + 0.0


def default(value: float, fallback: float) -> float:
    return fallback if value != value else value


def choose(condition: float, value: float, other: float) -> float:
    """Return the one chosen; unknown where the condition is."""
    return UNKNOWN if condition != condition else value if condition == TRUE else other


def holds(values: Sequence[float]) -> float:
    """True on every bar of the window; rows before the first bar are given as unknown."""
    return kleene_and(values)


def occurred(values: Sequence[float]) -> float:
    """True on at least one bar of the window."""
    return kleene_or(values)


def count_true(values: Sequence[float], min_true: int) -> float:
    """True on at least `min_true` bars: unknown while the unknown bars could decide it."""
    certain = sum(1 for value in values if value == TRUE)
    possible = certain + sum(1 for value in values if value != value)
    if certain >= min_true:
        return TRUE
    return UNKNOWN if possible >= min_true else FALSE


# ---------------------------------------------------------------- what has been so far


def since(before: float, condition: float) -> float:
    """Return the bars since a condition was true; never from the first bar on which it is known."""
    if condition == TRUE:
        return 0.0
    if before != before:
        return math.inf if condition == FALSE else UNKNOWN
    return before + 1.0


def latch(before: float, condition: float, value: float) -> float:
    """Return the value that was when a condition was true last."""
    return value if condition == TRUE else before


def high_since(before: float, condition: float, value: float, begun: float) -> float:
    """Return the highest value since a condition was true last; unknown values are left out."""
    if condition == TRUE or (begun == TRUE and before != before):
        return value
    return value if value > before else before


def low_since(before: float, condition: float, value: float, begun: float) -> float:
    """Return the lowest value since a condition was true last; unknown values are left out."""
    if condition == TRUE or (begun == TRUE and before != before):
        return value
    return value if value < before else before


def count_since(before: float, begin: float, condition: float) -> float:
    """Return on how many bars a condition was true since `begin` was true last, that bar included."""
    one = 1.0 if condition == TRUE else 0.0
    return one if begin == TRUE else before + one


LATCHES: dict[str, Callable[..., float]] = {
    "since": since,
    "latch": latch,
    "high_since": high_since,
    "low_since": low_since,
    "count_since": count_since,
}


def remember(op: str, before: float, args: Sequence[float]) -> float:
    """Return what has been so far, from what had been one bar before (unknown before the first)."""
    return LATCHES[op](before, *args)


_OPERATIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "add": lambda a: finite(a[0] + a[1], a[0], a[1]),
    "sub": lambda a: finite(a[0] - a[1], a[0], a[1]),
    "mul": lambda a: finite(a[0] * a[1], a[0], a[1]),
    "div": lambda a: divide(a[0], a[1]),
    "neg": lambda a: -a[0],
    "abs": lambda a: abs(a[0]),
    "min": smallest,
    "max": largest,
    "mean": mean,
    "median": median,
    "highest": largest,
    "lowest": smallest,
    "floor": lambda a: down(a[0]),
    "ceil": lambda a: up(a[0]),
    "sqrt": lambda a: square_root(a[0]),
    "log": lambda a: logarithm(a[0]),
    "exp": lambda a: exponential(a[0]),
    "mod": lambda a: modulo(a[0], a[1]),
    "pow": lambda a: power(a[0], a[1]),
    "sign": lambda a: sign(a[0]),
    "round": lambda a: rounded(a[0]),
    "default": lambda a: default(a[0], a[1]),
    "if": lambda a: choose(a[0], a[1], a[2]),
    "gt": _compare(lambda x, y: x > y),
    "gte": _compare(lambda x, y: x >= y),
    "lt": _compare(lambda x, y: x < y),
    "lte": _compare(lambda x, y: x <= y),
    "eq": _compare(lambda x, y: x == y),
    "ne": _compare(lambda x, y: x != y),
    "known": lambda a: FALSE if a[0] != a[0] else TRUE,
    "never": lambda a: UNKNOWN if a[0] != a[0] else TRUE if a[0] == math.inf else FALSE,
    "and": kleene_and,
    "or": kleene_or,
    "not": lambda a: kleene_not(a[0]),
}


def evaluate(op: str, args: Sequence[float]) -> float:
    """Return the value of an operation that needs no history; KeyError for any other."""
    return _OPERATIONS[op](args)
