"""The words of an order's fields, for tests that write them as a card does."""

from __future__ import annotations

from typing import Any

from compiler.catalog.orders import OPTION_WORDS, TimeInForce

_WORDS: dict[str, Any] = {
    **{name.value: words for name, words in OPTION_WORDS.items()},
    "time_in_force": TimeInForce,
}


def worded(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields of an order with every text that is a closed word as that word."""
    return {
        name: _WORDS[name](value) if name in _WORDS and value is not None else value
        for name, value in fields.items()
    }
