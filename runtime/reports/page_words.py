"""Numbers as people read them on a page."""

from __future__ import annotations

from decimal import Decimal

DASH = "–"
NARROW = "\N{NO-BREAK SPACE}"
_MINUS = "−"


def number(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return a number as people read it: thousands apart, a true minus, a dash if undefined."""
    if value is None:
        return DASH
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return true_minus(text)


def percent(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return a percentage (12.5 is 12.5 %), or a dash if undefined."""
    return DASH if value is None else f"{number(value, digits, signed=signed)}{NARROW}%"


def true_minus(text: str) -> str:
    """Return a number's text with the sign that typesetters use."""
    return text.replace("-", _MINUS)


def tone(value: float | None) -> str:
    """Return the class that colours a gain or a loss, with a blank before it."""
    return "" if not value else " gain" if value > 0 else " loss"


def power_of_ten(value: float) -> int:
    """Return the exponent of the highest power of ten that a number above zero holds: 250 has 2."""
    return Decimal(value).adjusted()
