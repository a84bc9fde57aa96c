"""Words that mean something in expressions, so that no id may be one of them."""

from __future__ import annotations

import re

from compiler.catalog.operations import RESERVED_FUNCTIONS

RESERVED_WORDS = frozenset(
    (
        *("all", "any", "and", "or", "not", "in", "is", "missing", "near", "within", "between"),
        *("crosses", "above", "below", "for", "last", "of", "at", "least", "bars", "bar"),
        *("true", "false", "if", "else", "then", *RESERVED_FUNCTIONS),
    )
)

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FIELD = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*(?:\[[0-9]+\.[0-9]+\])?\Z")
_TIMEFRAME = re.compile(r"[0-9]*[A-Za-z]+\Z")


def is_identifier(word: str) -> bool:
    return bool(_IDENTIFIER.match(word))


def is_field(word: str) -> bool:
    """Return whether a field can be written behind a dot (`level_0.618` can)."""
    return bool(_FIELD.match(word))


def is_timeframe_suffix(word: str) -> bool:
    return bool(_TIMEFRAME.match(word))
