"""Decimal text, as the venue writes and reads it: never through binary floating point.

Law: what `text` writes `number` reads back as the same value.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

ZERO = Decimal(0)
MONEY = Decimal("0.00000001")
_PLAIN = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")


def text(value: Decimal) -> str:
    """Write a number plainly: no exponent, no trailing zeros, never `-0`."""
    if not value:
        return "0"
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def money(value: Decimal) -> str:
    """Write an amount of a coin with at most eight decimals."""
    return text(value.quantize(MONEY))


def number(written: str) -> Decimal | None:
    """Read plain, unsigned decimal text; None when it is anything else (`1e-05`, `-1`, `nan`, `+2`)."""
    return Decimal(written) if _PLAIN.fullmatch(written) else None


def decimals(written: str) -> int:
    """Return how many digits follow the point."""
    return len(written.partition(".")[2])


def down(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of `step` that is not above `value`."""
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def up(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of `step` that is not below `value`."""
    return (value / step).to_integral_value(ROUND_CEILING) * step
