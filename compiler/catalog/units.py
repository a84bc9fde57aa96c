"""Units of sums, products, quotients and comparisons: one explicit table.

A `None` unit is a literal's: it takes the unit of what it meets. `plain`, `fraction`, `pct` and
`bars` are all pure numbers; two of them meet only where no scale can be confused. Times of day and
days are no numbers: a literal never takes their unit.
"""

from __future__ import annotations

from compiler.catalog.types import Unit

AnyUnit = Unit | None

PRICE, QTY, USDT = Unit.PRICE, Unit.QTY, Unit.USDT
FRACTION, PCT, BARS, INDEX, PLAIN = (
    Unit.FRACTION,
    Unit.PCT,
    Unit.BARS,
    Unit.INDEX,
    Unit.PLAIN,
)
_TIMES = frozenset({Unit.CLOCK, Unit.DATE})
_SCALES = frozenset({PLAIN, FRACTION, BARS})  # multiply anything without changing what it is

_PRODUCTS: dict[frozenset[Unit], Unit] = {frozenset({PRICE, QTY}): USDT}
_QUOTIENTS: dict[tuple[Unit, Unit], Unit] = {(USDT, PRICE): QTY, (USDT, QTY): PRICE}


class Mismatch(Exception):
    """Two units that do not go together."""


def same(left: AnyUnit, right: AnyUnit) -> AnyUnit:
    """Return the common unit of two values that are compared, or of which one is chosen."""
    if left == right:
        return right
    if left in _TIMES or right in _TIMES:
        raise Mismatch
    if left is None:
        return right
    if right is None:
        return left
    if left is PLAIN and right in (FRACTION, PCT, BARS):
        return right
    if right is PLAIN and left in (FRACTION, PCT, BARS):
        return left
    raise Mismatch


def added(left: AnyUnit, right: AnyUnit) -> AnyUnit:
    """Return the unit of a sum; a day and some days are a day."""
    if (left, right) in ((Unit.DATE, None), (None, Unit.DATE)):
        return Unit.DATE
    if left in _TIMES or right in _TIMES:
        raise Mismatch
    if INDEX in (left, right) and (left in (BARS, PLAIN) or right in (BARS, PLAIN)):
        return INDEX
    return same(left, right)


def subtracted(left: AnyUnit, right: AnyUnit) -> AnyUnit:
    """Return the unit of a difference; bar numbers differ by bars, times by minutes, days by days."""
    if left in _TIMES or right in _TIMES:
        if left is right:
            return PLAIN
        if left is Unit.DATE and right is None:
            return Unit.DATE
        raise Mismatch
    if left is INDEX and right is INDEX:
        return BARS
    if left is INDEX and right in (BARS, PLAIN):
        return INDEX
    return same(left, right)


def multiplied(left: AnyUnit, right: AnyUnit, factor: float | None = None) -> AnyUnit:
    """Return the unit of a product; `factor` is the value of a literal side.

    A fraction times the literal 100 is a percentage.
    """
    if left in _TIMES or right in _TIMES:
        raise Mismatch
    if factor == 100 and FRACTION in (left, right):
        return PCT
    if left is None or right is None:
        return left or right
    for scale, other in ((left, right), (right, left)):
        if scale is PLAIN or (scale in _SCALES and other is not INDEX):
            return other
    found = _PRODUCTS.get(frozenset({left, right}))
    if found is None:
        raise Mismatch
    return found


def divided(left: AnyUnit, right: AnyUnit, divisor: float | None = None) -> AnyUnit:
    """Return the unit of a quotient; `divisor` is the value of a literal right side.

    A percentage divided by the literal 100 is a fraction. A literal divided by anything stays a
    literal: `1000 / close` may be a quantity.
    """
    if left in _TIMES or right in _TIMES:
        raise Mismatch
    if divisor == 100 and left is PCT:
        return FRACTION
    if right is None:
        return left
    if left is None:
        return None
    if left is right:
        return PLAIN
    if right in _SCALES or (left is PLAIN and right is PCT):
        return left
    found = _QUOTIENTS.get((left, right))
    if found is None:
        raise Mismatch
    return found


def remainder(left: AnyUnit, right: AnyUnit) -> AnyUnit:
    """Return the unit of what is left of a division: the dividend's; of bar numbers, bars."""
    if left is INDEX and right in (None, BARS, PLAIN):
        return BARS
    if left is Unit.CLOCK and right is None:
        return PLAIN
    return same(left, right)


def power(base: AnyUnit, exponent: AnyUnit) -> AnyUnit:
    """Return the unit of a power: a pure number of pure numbers."""
    if base in (None, PLAIN, FRACTION) and exponent in (None, PLAIN, FRACTION, BARS):
        return PLAIN
    raise Mismatch
