"""Findings the way compilers show them: the line, a caret under the place, what would help."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.findings.codes import CODES
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.findings.source import Source, Span

_NAMES = {entry.code: entry.name for entry in CODES}
_TAB = 4
_WIDEST = 160
_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_FRAME = "\x1b[34;1m"
_LEVELS = {
    Severity.ERROR: "\x1b[31;1m",
    Severity.WARNING: "\x1b[33;1m",
    Severity.INFO: "\x1b[36;1m",
}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place to underline on one line; columns are counted from 0."""

    line: int
    start: int
    end: int
    message: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class _Paint:
    """Wraps text in a colour, or does nothing."""

    is_on: bool

    def __call__(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self.is_on and text else text


def render_text(
    results: Sequence[tuple[Source, Sequence[Diagnostic]]], *, colour: bool = False
) -> str:
    """Return every finding with its source line; findings are separated by empty lines."""
    paint = _Paint(colour)
    blocks = [
        "\n".join(_block(source, diagnostic, paint))
        for source, diagnostics in results
        for diagnostic in diagnostics
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _block(source: Source, d: Diagnostic, paint: _Paint) -> Iterator[str]:
    where = source.location(min(d.span.start, len(source.text)))
    level = paint(f"{d.severity}[{d.code}]", _LEVELS[d.severity])
    name = _NAMES.get(d.code, "")
    head = paint(f"{name}: {_visible(d.message)}", _BOLD)
    yield f"{source.path}:{where.line}:{where.column}: {level} {head}"
    marks = [_mark(source, d.span, "", is_primary=True)]
    marks += [_mark(source, label.span, label.message, is_primary=False) for label in d.labels]
    margin = len(str(max(mark.line for mark in marks)))
    if source.text:
        yield from _excerpt(source, marks, margin, _LEVELS[d.severity], paint)
    if d.help:
        yield f"{' ' * margin} {paint('=', _FRAME)} help: {_visible(d.help)}"
    if d.fix:
        kind = "fix" if d.fix.safe else "unsafe fix"
        yield f"{' ' * margin} {paint('=', _FRAME)} {kind}: {_visible(d.fix.title)}"


def _mark(source: Source, span: Span, message: str, *, is_primary: bool) -> _Mark:
    """A span over several lines is underlined to the end of its first line."""
    start = source.location(min(span.start, len(source.text)))
    end = source.location(min(span.end, len(source.text)))
    last = end.column - 1
    if end.line != start.line:
        last = len(source.line_text(start.line).rstrip())
    first = start.column - 1
    return _Mark(start.line, first, max(last, first + 1), message, is_primary)


def _excerpt(
    source: Source, marks: Sequence[_Mark], margin: int, level: str, paint: _Paint
) -> Iterator[str]:
    bar = paint("|", _FRAME)
    yield f"{' ' * margin} {bar}"
    previous = 0
    for line in sorted({mark.line for mark in marks}):
        if previous and line > previous + 1:
            yield paint("…".rjust(margin), _FRAME)
        here = sorted((m for m in marks if m.line == line), key=lambda m: (m.start, m.end))
        shown, cut = _window(source, line, here[0].start)
        yield f"{paint(str(line).rjust(margin), _FRAME)} {bar} {_visible(shown)}".rstrip()
        for mark in here:
            yield f"{' ' * margin} {bar} {_underline(shown, mark, cut, level, paint)}"
        previous = line


def _window(source: Source, line: int, first: int) -> tuple[str, int]:
    """A very long line is shown around the place; returns the text and how much was cut off.

    COST: only the window is copied; a broken file may have thousands of findings on one line.
    """
    start, end = source.line_span(line).start, source.line_span(line).end
    cut = 0 if end - start <= _WIDEST else max(0, first - _WIDEST // 4)
    return source.text[start + cut : min(start + cut + _WIDEST, end)], cut


def _underline(shown: str, mark: _Mark, cut: int, level: str, paint: _Paint) -> str:
    """Underline what of a mark is in the window; one behind it is put at its end."""
    start = min(mark.start - cut, len(shown))
    width = max(1, _width(shown[start : mark.end - cut]))
    sign = ("^" if mark.is_primary else "-") * width
    words = f" {_visible(mark.message)}" if mark.message else ""
    return " " * _width(shown[:start]) + paint(sign + words, level if mark.is_primary else _FRAME)


def _visible(text: str) -> str:
    """Tabs as spaces; control characters, which a terminal would obey, as their pictures."""
    if text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char == "\t":
        return " " * _TAB
    if char.isprintable():
        return char
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _width(text: str) -> int:
    """Columns of a terminal; wide characters take two, combining ones none."""
    if text.isascii() and text.isprintable():
        return len(text)
    total = 0
    for char in text:
        if char == "\t":
            total += _TAB
        elif unicodedata.combining(char):
            continue
        else:
            total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total
