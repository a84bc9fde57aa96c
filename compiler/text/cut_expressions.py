"""Expressions that YAML cut at a comma inside `{}` or `[]`: reported, and put together again."""

from __future__ import annotations

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Source, Span
from compiler.text.nodes import KeyValue, Node, Scalar
from compiler.text.places import Style

_OPENING, _CLOSING = "([", ")]"
# COST: nobody writes an expression in more pieces; looking further would be quadratic.
_MOST_PIECES = 64
_BEFORE_A_VALUE = (": ", "{", "[")


def rejoin_items(source: Source, items: list[Node], found: list[Diagnostic]) -> list[Node]:
    """Join the pieces of cut expressions in a `[…]` list."""
    joined: list[Node] = []
    i = 0
    while i < len(items):
        stop = _closing_piece(items, i)
        if stop > i:
            joined.append(_join(source, items[i].span, items[stop].span, found))
        else:
            joined.append(items[i])
        i = stop + 1
    return joined


def rejoin_entries(
    source: Source, entries: list[KeyValue], found: list[Diagnostic]
) -> list[KeyValue]:
    """Join the pieces of cut expressions in a `{…}` mapping: a piece is a key with no value."""
    joined: list[KeyValue] = []
    i = 0
    while i < len(entries):
        pieces: list[Node] = [entries[i].value]
        for entry in entries[i + 1 : i + _MOST_PIECES]:
            if not _is_bare(entry):
                break
            pieces.append(entry.key)
        stop = _closing_piece(pieces, 0)
        if stop > 0:
            whole = _join(source, pieces[0].span, pieces[stop].span, found)
            joined.append(KeyValue(entries[i].key, whole))
        else:
            joined.append(entries[i])
        i += stop + 1
    return joined


def cut_at_bracket(source: Source, begin: Span) -> Diagnostic:
    """Report an unquoted text that YAML ended at a `[`."""
    start = _start_of_expression(source.text, begin.start)
    end = _end_of_expression(source.text, start)
    return _report(
        source,
        Span(start, end),
        "quote this expression, and every other one there that holds a `[`",
    )


def _is_bare(entry: KeyValue) -> bool:
    value = entry.value
    return (
        entry.key.style is Style.PLAIN
        and isinstance(value, Scalar)
        and value.style is Style.PLAIN
        and value.text == ""
        and value.span.start >= entry.key.span.end
    )


def _balance(text: str) -> int:
    return sum((c in _OPENING) - (c in _CLOSING) for c in text)


def _closing_piece(pieces: list[Node], i: int) -> int:
    """Return the index of the piece that closes what piece i opened; i if there is none."""
    depth = 0
    for k in range(i, min(i + _MOST_PIECES, len(pieces))):
        piece = pieces[k]
        if not isinstance(piece, Scalar) or piece.style is not Style.PLAIN:
            return i
        depth += _balance(piece.text)
        if depth <= 0:
            return k
    return i


def _join(source: Source, first: Span, last: Span, found: list[Diagnostic]) -> Scalar:
    span = first.cover(last)
    found.append(_report(source, span))
    raw = source.slice(span)
    # White space stands for itself, so that every character keeps its place.
    text = "".join(" " if c.isspace() else c for c in raw)
    return Scalar(text, text, Style.PLAIN, span, raw)


def _report(source: Source, span: Span, help: str = "quote this expression") -> Diagnostic:
    """Report an expression in pieces; what is not whole is not quoted."""
    words = " ".join(source.slice(span).split())
    quoted = f'"{words}"' if '"' not in words and "\\" not in words else _single(words)
    fix = Fix("quote this expression (a guess)", (Edit(span, quoted),), safe=False)
    return finding(
        "IC104",
        f"inside `{{}}` and `[]` YAML cuts `{words}` into pieces",
        span,
        help=help,
        fix=fix if _is_whole(words) else None,
    )


def _single(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _is_whole(words: str) -> bool:
    """Return whether every bracket of a text is closed, none before it was opened, and no text is quoted in part."""
    depth = 0
    for char in words:
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth < 0:
            return False
    return depth == 0 and not any(words.count(quote) % 2 for quote in "'\"")


def _start_of_expression(text: str, start: int) -> int:
    """Return where the value begins whose piece starts at a place: a comma inside of its parentheses ends none.

    Nothing before the piece holds a `[` but the list it stands in: YAML would have stopped there.
    """
    ahead = max(text.rfind(mark, 0, start) + len(mark) for mark in _BEFORE_A_VALUE)
    begin, depth = ahead, 0
    for i in range(ahead, start):
        depth += (text[i] == "(") - (text[i] == ")")
        if text[i] == "," and depth == 0:
            begin = i + 1
    return begin + len(text[begin:start]) - len(text[begin:start].lstrip())


def _end_of_expression(text: str, start: int) -> int:
    """Return where an expression ends; where a bracket stays open, at the end of its line."""
    depth = 0
    for i in range(start, len(text)):
        char = text[i]
        if char in _OPENING:
            depth += 1
        elif (depth == 0 and char in ",]\n") or char in "{}":
            return start + len(text[start:i].rstrip())
        elif char in _CLOSING:
            depth -= 1
    line = text.find("\n", start)
    return start + len(text[start : line if line >= 0 else len(text)].rstrip())
