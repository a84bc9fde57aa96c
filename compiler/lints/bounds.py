"""Difference bounds: can a set of constraints x - y <= c hold at once?

The method is Floyd-Warshall closure over a difference-bound matrix (Dill 1989): a set is
contradictory exactly when some cycle of constraints sums below zero, or to zero through a strict one.
Variables are any hashable keys; `ZERO` stands for the number 0, so x <= c is x - ZERO <= c.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

ZERO = "0"
Key = Hashable


@dataclass(frozen=True, slots=True)
class Difference:
    """left - right <= limit, or < limit when strict."""

    left: Key
    right: Key
    limit: float
    strict: bool = False


def at_most(key: Key, limit: float, strict: bool = False) -> Difference:
    return Difference(key, ZERO, limit, strict)


def at_least(key: Key, limit: float, strict: bool = False) -> Difference:
    return Difference(ZERO, key, -limit, strict)


def tighten(constraint: Difference, integers: frozenset[Key]) -> Difference:
    """Return the constraint over whole numbers: x < 3 becomes x <= 2."""
    import math

    sides = {constraint.left, constraint.right} - {ZERO}
    if not sides or not sides <= integers:
        return constraint
    limit = math.floor(constraint.limit)
    if constraint.strict and limit == constraint.limit:
        limit -= 1
    return Difference(constraint.left, constraint.right, float(limit))


def feasible(constraints: Iterable[Difference], integers: frozenset[Key] = frozenset()) -> bool:
    """Return whether real (for `integers`: whole) numbers satisfy all constraints.

    Exact for reals; for integers exact when every limit is whole, which `tighten` makes so.
    """
    best: dict[tuple[Key, Key], tuple[float, bool]] = {}
    for raw in constraints:
        item = tighten(raw, integers)
        if item.left == item.right:
            if item.limit < 0 or (item.limit == 0 and item.strict):
                return False
            continue
        pair = (item.left, item.right)
        if pair not in best or _tighter((item.limit, item.strict), best[pair]):
            best[pair] = (item.limit, item.strict)
    keys = list(dict.fromkeys(k for pair in best for k in pair))
    for middle in keys:
        into = [(a, w) for (a, b), w in best.items() if b == middle]
        out = [(c, w) for (b, c), w in best.items() if b == middle]
        for a, (first, first_strict) in into:
            for c, (second, second_strict) in out:
                weight = (first + second, first_strict or second_strict)
                if a == c:
                    if weight[0] < -_SLACK or (abs(weight[0]) <= _SLACK and weight[1]):
                        return False
                elif (a, c) not in best or _tighter(weight, best[a, c]):
                    best[a, c] = weight
    return True


# Sums of card literals are not exact; a contradiction smaller than this is not claimed.
_SLACK = 1e-12


def _tighter(one: tuple[float, bool], other: tuple[float, bool]) -> bool:
    return one[0] < other[0] or (one[0] == other[0] and one[1] and not other[1])
