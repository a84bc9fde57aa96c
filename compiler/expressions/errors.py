"""A mistake in an expression, by its place in the text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExpressionError:
    """A mistake at characters [start, end) of the text; `fix_text` would stand there instead.

    `sure`: the text misspells it, or is another name for it; else it is a guess.
    """

    start: int
    end: int
    message: str
    help: str | None = None
    fix_text: str | None = None
    sure: bool = False
