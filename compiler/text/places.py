"""From characters of a scalar's text back to characters of the file.

Quotes, escapes, folding, indentation and chomping change positions; this is their inverse. The law:
a character that is not white space maps to itself (or to the escape that spells it).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Style(StrEnum):
    PLAIN = "plain"
    SINGLE = "single"
    DOUBLE = "double"
    FOLDED = "folded"
    LITERAL = "literal"
    GIVEN = "given"


# YAML 1.1 (which libyaml and PyYAML read) also breaks lines at NEL, LS and PS.
_BREAKS = "\n\r\x85\u2028\u2029"
_BLANKS = " \t" + _BREAKS
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SIMPLE_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}

_BLOCK = (Style.FOLDED, Style.LITERAL)
Piece = tuple[str, int, int]  # a character of the text, or "" for a fold, and its raw range
Table = tuple[tuple[int, ...], tuple[int, ...]]  # raw start and end of every character


def character_places(raw: str, text: str, style: Style, start: int, end: int) -> tuple[int, int]:
    """Return the raw range that spells text[start:end]; an empty range stays empty."""
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    if style is Style.PLAIN and len(raw) == len(text):
        return start, end
    if style in (Style.SINGLE, Style.DOUBLE) and len(raw) == len(text) + 2:
        return start + 1, end + 1
    starts, ends = _table(raw, text, style)
    if not starts:
        return 0, len(raw)
    if start == end:
        point = starts[start] if start < len(starts) else ends[-1]
        return point, point
    return starts[start], ends[end - 1]


@lru_cache(maxsize=512)
def _table(raw: str, text: str, style: Style) -> Table:
    match style:
        case Style.DOUBLE:
            pieces = _double_pieces(raw)
        case Style.SINGLE:
            pieces = _single_pieces(raw)
        case Style.FOLDED | Style.LITERAL:
            pieces = _verbatim_pieces(raw, _header_end(raw), len(raw))
        case _:
            pieces = _verbatim_pieces(raw, 0, len(raw))
    return _align(pieces, text, block=style in _BLOCK)


def _header_end(raw: str) -> int:
    """The header of a block scalar (`>-2 # words`) ends with its line."""
    found = _BREAK.search(raw)
    return found.end() if found else len(raw)


def _verbatim_pieces(raw: str, start: int, end: int) -> list[Piece]:
    return [(raw[i], i, i + 1) for i in range(start, end)]


def _single_pieces(raw: str) -> list[Piece]:
    pieces: list[Piece] = []
    i, end = 1, len(raw) - 1
    while i < end:
        width = 2 if raw.startswith("''", i) else 1
        pieces.append((raw[i], i, i + width))
        i += width
    return pieces


def _double_pieces(raw: str) -> list[Piece]:
    pieces: list[Piece] = []
    i, end = 1, len(raw) - 1
    while i < end:
        if raw[i] != "\\":
            pieces.append((raw[i], i, i + 1))
            i += 1
            continue
        mark = raw[i + 1]
        if mark in _BREAKS:
            i = _joined_lines(raw, i + 1, end, pieces)
            continue
        width = 2 + _HEX_ESCAPES.get(mark, 0)
        char = _SIMPLE_ESCAPES.get(mark) or chr(int(raw[i + 2 : i + width], 16))
        # A hard character: it never folds, even where it is white space.
        pieces.append(("\\" + char, i, i + width))
        i += width
    return pieces


def _joined_lines(raw: str, i: int, end: int, pieces: list[Piece]) -> int:
    """An escaped line break joins two lines; further breaks behind it are kept as they are."""
    found = _BREAK.match(raw, i)
    i = found.end() if found else i + 1
    while i < end and raw[i] in _BLANKS:
        found = _BREAK.match(raw, i)
        if found:
            pieces.append(("\\\n", i, found.end()))
        i = found.end() if found else i + 1
    return i


def _align(pieces: list[Piece], text: str, *, block: bool) -> Table:
    """Walk pieces and text together; runs of soft white space are matched as wholes."""
    starts: list[int] = []
    ends: list[int] = []
    i = 0
    while i < len(pieces) and len(starts) < len(text):
        stop = i
        while stop < len(pieces) and pieces[stop][0] in _BLANKS:
            stop += 1
        if stop == i:
            starts.append(pieces[i][1])
            ends.append(pieces[i][2])
            i += 1
            continue
        at = len(starts)
        width = _blank_width(text, at) if block else _fold_width(pieces[i:stop])
        _place_run(pieces[i:stop], text[at : at + width], starts, ends)
        i = stop
    point = pieces[-1][2] if pieces else 0
    rest = len(text) - len(starts)
    return (*starts, *[point] * rest), (*ends, *[point] * rest)


def _blank_width(text: str, at: int) -> int:
    """In block scalars every run of white space of the text comes from one run of the file."""
    width = 0
    while at + width < len(text) and text[at + width] in _BLANKS:
        width += 1
    return width


def _fold_width(run: list[Piece]) -> int:
    """In flow scalars a run with one line break is a space, one with n breaks n - 1 breaks."""
    breaks = _BREAK.findall("".join(piece[0] for piece in run))
    if not breaks:
        return len(run)
    return len(breaks) if breaks[0] in "\u2028\u2029" else max(1, len(breaks) - 1)


def _place_run(run: list[Piece], text: str, starts: list[int], ends: list[int]) -> None:
    if len(text) == len(run):
        starts.extend(piece[1] for piece in run)
        ends.extend(piece[2] for piece in run)
        return
    # Line breaks stand where they stand, indentation is counted from its right end.
    indentation = len(text) - (text.rfind("\n") + 1) if "\n" in text else 0
    breaks = [k for k, piece in enumerate(run) if piece[0] in _BREAKS]
    seen = 0
    for k, char in enumerate(text):
        right = len(text) - k
        if right <= indentation:
            piece = run[max(0, len(run) - right)]
        elif char == "\n" and seen < len(breaks):
            piece = run[breaks[seen]]
            seen += 1
        else:
            piece = run[min(k, len(run) - 1)]
        starts.append(piece[1])
        ends.append(piece[2])
    if text and not indentation:
        ends[-1] = run[-1][2]
