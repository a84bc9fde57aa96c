"""Card text and places in it.

Every place is a half-open range of character offsets into one `Source`; line and column are
computed when a finding is shown, never carried around.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import field

from compiler.classes import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters [start, end) of a source text."""

    start: int
    end: int

    def cover(self, other: Span) -> Span:
        """Return the smallest span that contains both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Location:
    """A place as people name it: line and column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """One card file: its display path and its text."""

    path: str
    text: str
    _line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (found.end() for found in re.finditer("\n", self.text))
        object.__setattr__(self, "_line_starts", (0, *starts))

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def location(self, offset: int) -> Location:
        """Return the 1-based line and column of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return Location(line, offset - self._line_starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Return the character offset of a 1-based line and column."""
        return self._line_starts[line - 1] + column - 1

    def line_span(self, line: int) -> Span:
        """Return the place of one line (1-based) without its line end."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] - 1 if line < self.line_count else len(self.text)
        while end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """Return one line (1-based) without its line end."""
        return self.slice(self.line_span(line))

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]
