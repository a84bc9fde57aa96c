"""What an unquoted scalar means: the YAML 1.2 core, read the way a person reads it.

Only `true` and `false` are truth values; `1e5` and `1_000` are numbers; `on`, `12:30` and dates are
text. Whatever another YAML tool would read differently is said.
"""

from __future__ import annotations

import math
import re

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Span
from compiler.text.nodes import ScalarValue

_INTEGER = re.compile(r"[-+]?[0-9](?:_?[0-9])*\Z")
_DECIMAL = re.compile(
    r"[-+]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][-+]?[0-9]+)?\Z"
)
_LEADING_ZERO = re.compile(r"([-+]?)0[0_]*(?=[0-9])")
_NON_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_SWITCHES = re.compile(r"(?:on|off|yes|no|true|false)\Z", re.IGNORECASE)
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z", re.DOTALL)
_OTHER_BASE = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)\Z")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: dict[str, bool] = {"true": True, "false": False}
# Longer numbers are refused before Python would try to convert them.
_LONGEST_NUMBER = 400


def resolve_plain(text: str, span: Span) -> tuple[ScalarValue, Diagnostic | None]:
    """Return what an unquoted scalar means and what is to be said about it.

    A number that cannot be used goes on as 1, which is within the bounds of most keys.
    """
    if text in _NOTHING:
        return None, None
    if text in _WORDS:
        return _WORDS[text], None
    if text[0] in "+-.0123456789":
        if _DECIMAL.match(text):
            return _number(text, span)
        if _NON_FINITE.match(text):
            return 1, _non_finite(text, span)
    return text, ambiguity(text, span)


def ambiguity(text: str, span: Span) -> Diagnostic | None:
    """Return a warning for text that other YAML tools read as something else."""
    other = _other_reading(text)
    if other is None:
        return None
    return finding(
        "IC102",
        f"`{text}` is text here, but other YAML tools read it as {other}",
        span,
        help="quote it; a truth value is written `true` or `false`"
        if other == "a truth value"
        else "quote it to say that it is text",
        fix=Fix("quote it", (Edit(span, f'"{text}"'),)),
    )


def _other_reading(text: str) -> str | None:
    if text[:1].isdigit() or text[:1] in ("-", "+"):
        if _CLOCK.match(text):
            return "a number of minutes or seconds"
        if _DATE.match(text):
            return "a date"
        return "a number in another base" if _OTHER_BASE.match(text) else None
    if len(text) <= 5 and _SWITCHES.match(text):
        return "a truth value"
    return None


def _number(text: str, span: Span) -> tuple[ScalarValue, Diagnostic | None]:
    if len(text) > _LONGEST_NUMBER:
        return 1, _non_finite(text[:12] + "…", span)
    digits = text.replace("_", "")
    is_integer = bool(_INTEGER.match(text))
    value = float(digits)
    if not math.isfinite(value):
        return 1, _non_finite(text, span)
    number: int | float = int(digits) if is_integer else value
    return number, _leading_zero(text, span)


def _leading_zero(text: str, span: Span) -> Diagnostic | None:
    found = _LEADING_ZERO.match(text)
    if found is None:
        return None
    repaired = found.group(1) + text[found.end() :]
    return finding(
        "IC103",
        f"`{text}` starts with a zero: some tools read it in base 8",
        span,
        help=f'write `{repaired}` for the number, `"{text}"` for text',
        fix=Fix(f"write `{repaired}` (a guess)", (Edit(span, repaired),), safe=False),
    )


def _non_finite(text: str, span: Span) -> Diagnostic:
    return finding(
        "IC113",
        f"`{text}` is not a number a card can compute with",
        span,
        help="write a finite number below 1e308",
    )
