"""How a text file is written: encoding, separator, what stands above the data, decimal sign.

The law: a dialect is read off the file itself; where two readings fit, the caller must say which.
"""

from __future__ import annotations

import csv
import mmap
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.errors import DataError
from runtime.market.imports.layouts import role_by_name

_HEAD_BYTES = 1 << 17
_HEAD_ROWS = 400
_SEPARATORS = (";", "\t", ",", "|")
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"),
)  # fmt: skip
_PLAIN = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?|[-+]?\.\d+")
_VALUE = re.compile(
    r"[-+]?[$€£]?[\d.,'\u00a0 ]*\d[\d.,'\u00a0 ]*([eE][-+]?\d+)?\s*[KMBkmb%]?|nan|null", re.I
)
_TIME_LIKE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*|\d{1,2}:\d{2}(:\d{2})?.*|\d{8} \d{6}")
_COMMENT = ("#", "//", "%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`skip` are lines above the first row of data; `names` is empty for a file without header.

    `ticker` is what a second header line says the columns are of, if one does. `sample` are the
    first rows of data, cells stripped.
    """

    encoding: str
    separator: str
    skip: int
    names: tuple[str, ...]
    ticker: tuple[str, ...]
    width: int
    sample: tuple[tuple[str, ...], ...]


def is_plain(cell: str) -> bool:
    """Return whether a cell is a number as a program writes it."""
    return _PLAIN.fullmatch(cell) is not None


def decode(raw: bytes | mmap.mmap) -> tuple[str, str]:
    """Return (encoding, the head of the file as text)."""
    head = raw[:_HEAD_BYTES]
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "")
    if not encoding:
        zeros = head[:200].count(0)
        if zeros > 40:
            encoding = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        else:
            try:
                head.decode("utf-8")
                encoding = "utf-8"
            except UnicodeDecodeError as error:
                # A cut in the middle of a letter at the end of the head is no other encoding.
                encoding = "utf-8" if error.start > len(head) - 4 else "cp1252"
    text = head.decode(encoding, errors="replace")
    return encoding, text if len(raw) <= _HEAD_BYTES else text[: text.rfind("\n") + 1]


def read_dialect(name: str, raw: bytes | mmap.mmap) -> Dialect:
    """Return how a file is written; DataError where it is no table of at least two columns."""
    encoding, text = decode(raw)
    lines = text.splitlines()
    separator = _separator(name, lines)
    rows = [
        tuple(cell.strip() for cell in row)
        for row in csv.reader(lines[:_HEAD_ROWS], delimiter=separator)
    ]
    width = _width(rows)
    first = next((i for i, row in enumerate(rows) if _is_data(row, width)), None)
    if first is None:
        raise DataError(
            f"{name}: no row of numbers in its first {len(rows)} lines (columns separated by "
            f"{_shown(separator)}); expected bars: time, open, high, low, close, volume"
        )
    names, ticker = _header(rows[:first], width)
    sample = tuple(row[:width] for row in rows[first:] if _is_data(row, width))
    return Dialect(
        encoding=encoding,
        separator=separator,
        skip=first,
        names=names,
        ticker=ticker,
        width=width,
        sample=sample,
    )


def _shown(separator: str) -> str:
    return {"\t": "tabs", " ": "blanks"}.get(separator, f"`{separator}`")


def _separator(name: str, lines: Sequence[str]) -> str:
    """Return the separator that cuts most lines into one same number of columns, at least two."""
    found: list[tuple[int, int, str]] = []
    for place, separator in enumerate((*_SEPARATORS, " ")):
        counts = Counter(len(row) for row in csv.reader(lines[:_HEAD_ROWS], delimiter=separator))
        counts.pop(0, None)
        width, rows = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width >= 2:
            found.append((rows, -place, separator))
    if not found:
        raise DataError(f"{name}: no table: its lines are not columns separated by , ; tab or |")
    # Decimal commas cut every line evenly too: of separators that fit alike, `;` and tab come first.
    most = max(rows for rows, _, _ in found)
    return max((place, sep) for rows, place, sep in found if rows >= 0.9 * most)[1]


def _width(rows: Sequence[tuple[str, ...]]) -> int:
    return Counter(len(row) for row in rows if len(row) > 1).most_common(1)[0][0]


def _is_data(row: tuple[str, ...], width: int) -> bool:
    """Return whether a row is data: no comment, as wide as the others, mostly numbers and times."""
    if len(row) != width or row[0].startswith(_COMMENT):
        return False
    filled = [cell for cell in row if cell]
    values = [c for c in filled if _VALUE.fullmatch(c) or _TIME_LIKE.fullmatch(c)]
    return len(values) >= 2 and 2 * len(values) >= len(filled)


def _header(
    above: Sequence[tuple[str, ...]], width: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (names, tickers) from the rows above the data; both empty where there is no header.

    Of several rows the one with the most known names is the header; where its first cell says
    nothing of time, another row may name it (`Price,Close,…` / `Ticker,BTC-USD,…` / `Date,,,`).
    """
    rows = [
        (row[0].lstrip("#/% ").strip(), *row[1:]) for row in above if len(row) == width and any(row)
    ]
    if not rows:
        return (), ()
    best = max(
        rows, key=lambda row: sum(1 for cell in row if cell and role_by_name(cell) is not None)
    )
    if not any(role_by_name(cell) for cell in best if cell):
        return (), ()
    names = list(best)
    ticker: tuple[str, ...] = ()
    for row in rows:
        if row is best:
            continue
        if row[0].lower() in ("ticker", "symbol"):
            ticker = tuple(dict.fromkeys(cell for cell in row[1:] if cell))
        elif row[0] and not any(row[1:]):
            names[0] = row[0]
    return tuple(names), ticker
