"""What has no word of its own, and how it is said: the row of a table, and how its names are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a card says what is asked; `names` are the words it is asked by, the first the usual one.

    `example` is a condition, an action (`{ action: … }`) or a part of a card (`limits: …`).
    """

    names: tuple[str, ...]
    text: str
    example: str

    @property
    def name(self) -> str:
        return self.names[0]


def said(names: str, text: str, example: str) -> Recipe:
    """Return a row; `names` stand between bars of a table: `sum | total`."""
    return Recipe(tuple(name.strip() for name in names.split("|")), text, example)


_OF_LIBRARIES = re.compile(
    r"^((ta|math|talib|strategy|risk|request|barstate|syminfo|timeframe|session)\.)+"
)
# What may stand behind any name without telling anything.
_LEFT_OUT = (
    "indicators",
    "indicator",
    "candlestick",
    "candles",
    "candle",
    "pattern",
    "strategy",
    "orders",
    "order",
)


def plain(word: str) -> str:
    """Return a name as it is compared: without the library before it, joints, capitals and parentheses."""
    return re.sub(r"[^a-z0-9%]", "", _OF_LIBRARIES.sub("", word.strip().lower()))


def plainer(word: str) -> list[str]:
    """Return the names that a word may be listed under, the likeliest first."""
    whole = plain(word)
    found = [whole]
    for ending in _LEFT_OUT:
        if whole.endswith(ending) and len(whole) > len(ending) + 1:
            found.append(whole.removesuffix(ending))
    found += [f"{name}s" for name in found] + [
        name.removesuffix("s") for name in found if len(name) > 3
    ]
    return list(dict.fromkeys(found))
