"""Difference bounds: can a set of constraints x - y <= c hold at once?

The method is the closure of a difference-bound matrix (Dill 1989), kept up constraint by constraint:
a set is contradictory exactly when some cycle sums below zero, or to zero through a strict one.
Variables are any hashable keys; `ZERO` stands for the number 0, so x <= c is x - ZERO <= c.
"""

from __future__ import annotations

import math
from collections.abc import Container, Hashable, Iterable
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


def tighten(constraint: Difference, integers: Container[Key]) -> Difference:
    """Return the constraint over whole numbers: x < 3 becomes x <= 2."""
    left, right = constraint.left, constraint.right
    if not (left == ZERO or left in integers) or not (right == ZERO or right in integers):
        return constraint
    limit = math.floor(constraint.limit)
    if constraint.strict and limit == constraint.limit:
        limit -= 1
    return Difference(left, right, float(limit))


class Closure:
    """The tightest bound of every pair of variables that the constraints added so far imply."""

    __slots__ = ("bounds", "keys")

    def __init__(self) -> None:
        self.bounds: dict[tuple[Key, Key], tuple[float, bool]] = {}
        self.keys: dict[Key, None] = {}

    def copy(self) -> Closure:
        other = Closure()
        other.bounds = self.bounds.copy()
        other.keys = self.keys.copy()
        return other

    def is_positive(self, key: Key) -> bool:
        """Return whether the constraints put a variable above zero."""
        limit, strict = self.bounds.get((ZERO, key), (math.inf, False))
        return limit < 0 or (strict and limit == 0)

    def allows(self, item: Difference) -> bool:
        """Return whether one more constraint would leave a solution."""
        if item.left == item.right:
            return not _negative(item.limit, item.strict)
        back = self.bounds.get((item.right, item.left))
        return back is None or not _negative(item.limit + back[0], item.strict or back[1])

    def add(self, item: Difference) -> bool:
        """Add a constraint; False if there is no solution any more (the closure is then void)."""
        if not self.allows(item):
            return False
        left, right = item.left, item.right
        bounds = self.bounds
        weight = (item.limit, item.strict)
        if left == right or not _tighter(weight, bounds.get((left, right))):
            return True
        self.keys[left] = self.keys[right] = None
        into = [(left, 0.0, False)]
        out = [(right, 0.0, False)]
        for key in self.keys:
            if (found := bounds.get((key, left))) is not None and key != right:
                into.append((key, *found))
            if (found := bounds.get((right, key))) is not None and key != left:
                out.append((key, *found))
        for a, first, first_strict in into:
            for c, second, second_strict in out:
                if a != c:
                    through = (
                        first + item.limit + second,
                        first_strict or item.strict or second_strict,
                    )
                    if _tighter(through, bounds.get((a, c))):
                        bounds[a, c] = through
        return True


def feasible(constraints: Iterable[Difference], integers: Container[Key] = frozenset()) -> bool:
    """Return whether real (for `integers`: whole) numbers satisfy all constraints.

    Exact for reals; for integers exact when every limit is whole, which `tighten` makes so.
    """
    closure = Closure()
    return all(closure.add(tighten(item, integers)) for item in constraints)


# Sums of card literals are not exact; a contradiction smaller than this is not claimed.
_SLACK = 1e-12


def _negative(weight: float, strict: bool) -> bool:
    return weight < -_SLACK or (strict and weight <= _SLACK)


def _tighter(one: tuple[float, bool], other: tuple[float, bool] | None) -> bool:
    return other is None or one[0] < other[0] or (one[0] == other[0] and one[1] and not other[1])
