"""Between characters of a text and the lines and columns of an editor.

INVARIANT: lines end where the protocol says (LF, CRLF, CR), columns count what the editor counts:
UTF-16 units unless it asked for another encoding. A place inside a character is its start.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from lsprotocol import types as lsp

from compiler.findings.source import Span

_LINE_END = re.compile("\r\n|\n|\r")
_UTF8, _UTF32 = lsp.PositionEncodingKind.Utf8, lsp.PositionEncodingKind.Utf32


@dataclass(frozen=True)
class Positions:
    """The places of one text, in one encoding."""

    text: str
    encoding: str = lsp.PositionEncodingKind.Utf16
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(found.end() for found in _LINE_END.finditer(self.text)))
        object.__setattr__(self, "_starts", starts)

    def position(self, offset: int) -> lsp.Position:
        """Return where a character stands; offsets beyond the text mean its end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        return lsp.Position(line, sum(map(self._width, before)))

    def range(self, span: Span) -> lsp.Range:
        return lsp.Range(self.position(span.start), self.position(span.end))

    def offset(self, position: lsp.Position) -> int:
        """Return the character at a position; a column beyond the line means its end."""
        if position.line >= len(self._starts):
            return len(self.text)
        at = self._starts[position.line]
        left = position.character
        while at < len(self.text) and self.text[at] not in "\r\n":
            left -= self._width(self.text[at])
            if left < 0:
                break
            at += 1
        return at

    def span(self, range_: lsp.Range) -> Span:
        return Span(self.offset(range_.start), self.offset(range_.end))

    @property
    def whole(self) -> lsp.Range:
        """The range of all of the text."""
        return self.range(Span(0, len(self.text)))

    def _width(self, char: str) -> int:
        if self.encoding == _UTF32:
            return 1
        if self.encoding == _UTF8:
            return len(char.encode("utf-8", "surrogatepass"))
        return 2 if ord(char) > 0xFFFF else 1
