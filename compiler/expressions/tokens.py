"""Words of an expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A word at characters [start, end) of the text; `type` is its terminal in the grammar."""

    type: str
    value: str
    start: int
    end: int

    def __str__(self) -> str:
        return self.value
