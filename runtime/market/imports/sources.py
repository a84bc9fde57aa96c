"""One table that can be asked for its columns: text through Arrow's reader, or a table as it came.

The law: a row of the answer can always be named as a person finds it in the file.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runtime.errors import DataError
from runtime.market.imports.arrow_memory import arrow_file
from runtime.market.imports.containers import Part
from runtime.market.imports.dialect import Dialect, is_plain, read_dialect
from runtime.market.imports.numbers import EMPTY
from runtime.market.imports.plain_text import WORTH_BYTES, read_plain
from runtime.market.symbol_cells import plain

# COST: what a thread makes of one block stays in the processor's cache; larger ones cost a third more of the system.
_BLOCK_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table with its names (empty: no header) and its first rows as text.

    `path` is where a text lies as it is here, None for one that was unpacked or came by a pipe.
    """

    name: str
    names: tuple[str, ...]
    width: int
    sample: tuple[tuple[str, ...], ...]
    ticker: tuple[str, ...] = ()
    table: Any = None
    text: bytes | mmap.mmap = b""
    path: Path | None = None
    dialect: Dialect | None = None

    def cells(self, place: int) -> list[str]:
        """Return the sampled cells of a column that hold something."""
        return [row[place] for row in self.sample if row[place].lower() not in EMPTY]

    def called(self, place: int) -> str:
        """Return how a person calls a column."""
        return f"`{self.names[place]}`" if self.names else f"column {place + 1}"


def open_source(part: Part) -> Source:
    """Return what a part holds; DataError where it is no table."""
    if part.text is not None:
        dialect = read_dialect(part.name, part.text)
        return Source(
            name=part.name,
            names=dialect.names,
            width=dialect.width,
            sample=dialect.sample,
            ticker=dialect.ticker,
            text=part.text,
            path=part.path,
            dialect=dialect,
        )
    table = part.table
    if not table.num_rows:
        raise DataError(f"{part.name}: the file holds no rows")
    head = table.slice(0, 400)
    columns = [[_as_text(value) for value in column.to_pylist()] for column in head.columns]
    return Source(
        name=part.name,
        names=tuple(table.column_names) if part.has_names else (),
        width=table.num_columns,
        sample=tuple(zip(*columns, strict=True)),
        table=table,
    )


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns asked for, in that order, and the line (or row) of the first and each next row."""

    arrays: tuple[Any, ...]
    lines: Sequence[int] | None  # None: row i stands at `first + i`
    first: int
    unit: str  # `line` of a text, `row` of a table
    notes: tuple[str, ...] = ()

    def where(self, row: int) -> str:
        """Return `line 17` for the row's place in its file."""
        number = self.lines[row] if self.lines is not None else self.first + row
        return f"{self.unit} {number}"


def read_columns(
    source: Source,
    places: Sequence[int],
    texts: Collection[int] = (),
    doubles: Collection[int] = (),
) -> Columns:
    """Return columns by place: numbers where every cell is one, text as it stands otherwise.

    `texts` are places that stay text (`000000` is midnight, not zero); numbers at the places of `doubles` are doubles,
    also where the first rows have no decimals.
    """
    if source.table is not None:
        arrays = tuple(source.table.column(place) for place in places)
        return Columns(arrays, None, 1, "row")
    import pyarrow as pa

    assert source.dialect is not None
    try:
        table = _read(source, _types(source, places, texts, doubles))
    except pa.ArrowInvalid:
        return _read_as_text(source, places)
    arrays = tuple(table.column(str(place)) for place in places)
    return Columns(arrays, None, source.dialect.skip + 1, "line")


def _read(source: Source, types: Mapping[str, Any]) -> Any:
    """Read a text, plain numbers as numbers: an odd cell raises ArrowInvalid."""
    from pyarrow import csv

    dialect = source.dialect
    assert dialect is not None
    text = source.text
    if dialect.encoding not in ("utf-8", "utf-8-sig"):
        text = text[:].decode(dialect.encoding, errors="replace").encode()
    first = _after_lines(text, dialect.skip)
    if len(text) >= WORTH_BYTES and (first or not dialect.skip):
        found = _plain(text, first, dialect, types)
        if found is not None:
            return found
    return csv.read_csv(
        arrow_file(text, source.path),
        read_options=csv.ReadOptions(
            skip_rows=dialect.skip,
            column_names=[str(i) for i in range(dialect.width)],
            block_size=_BLOCK_BYTES,
        ),
        parse_options=csv.ParseOptions(
            delimiter=dialect.separator,
            ignore_empty_lines=True,
            # COST: a sixth of the reading, where no cell below the header is in quotes.
            quote_char='"' if text.find(b'"', first) >= 0 else False,
        ),
        convert_options=csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            strings_can_be_null=False,
            null_values=["", "NaN", "nan", "null", "None", "N/A", "NULL", "-"],
            quoted_strings_can_be_null=True,
        ),
    )


def _plain(text: bytes | mmap.mmap, first: int, dialect: Dialect, types: Mapping[str, Any]) -> Any:
    """Return a text of plain numbers alone as a table, None for any other."""
    import pyarrow as pa

    wholes = [place for place, kind in types.items() if kind == pa.int64()]
    doubles = [place for place, kind in types.items() if kind == pa.float64()]
    if len(wholes) + len(doubles) < len(types):
        return None
    wanted = [0] * dialect.width
    for column, place in enumerate(wholes, 1):
        wanted[int(place)] = -column
    for column, place in enumerate(doubles, 1):
        wanted[int(place)] = column
    return read_plain(text, first, dialect.separator, wanted)


def _after_lines(text: bytes | mmap.mmap, count: int) -> int:
    """Return where the line after the first `count` begins, 0 where lines end in another way."""
    end = 0
    for _ in range(count):
        end = text.find(b"\n", end) + 1
        if not end:
            return 0
    return end


def _types(
    source: Source, places: Sequence[int], texts: Collection[int], doubles: Collection[int]
) -> dict[str, Any]:
    """Return what is read at each place, by its name in the table: text, whole numbers or doubles."""
    import pyarrow as pa

    types: dict[str, Any] = {}
    for place in places:
        cells = source.cells(place)
        if place in texts or not cells or not all(is_plain(cell) for cell in cells):
            types[str(place)] = pa.string()
        elif place not in doubles and all(cell.lstrip("+-").isdigit() for cell in cells):
            types[str(place)] = pa.int64()
        else:
            types[str(place)] = pa.float64()
    return types


def _read_as_text(source: Source, places: Sequence[int]) -> Columns:
    """Read every cell as text, leaving out headers repeated inside, comments and empty lines.

    DataError for a line with another number of columns that is none of these.
    """
    import csv

    import pyarrow as pa

    dialect = source.dialect
    assert dialect is not None
    text = source.text[:].decode(dialect.encoding, errors="replace")
    head = {plain(name) for name in source.names}
    rows: list[list[str]] = []
    lines: list[int] = []
    below = ""  # a sentence under the table, as some vendors sign their files
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator)
    start = 1
    for number, row in enumerate(reader):
        line, start = start, reader.line_num + 1
        if number < dialect.skip or not any(cell.strip() for cell in row):
            continue
        if row[0].lstrip().startswith(("#", "//")) or ({plain(c) for c in row} == head and head):
            continue
        if len(row) == 1 < dialect.width and rows and not below:
            below = f"the last line, `{row[0][:60]}`, is no bar: left out"
            continue
        if len(row) != dialect.width or below:
            raise DataError(
                f"{source.name}: line {line}: {len(row)} columns where the others have {dialect.width}: "
                f"`{dialect.separator.join(row)[:60]}`"
            )
        rows.append([row[place].strip() for place in places])
        lines.append(line)
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in places]
    arrays = tuple(pa.chunked_array([pa.array(list(c), pa.string())]) for c in columns)
    return Columns(arrays, lines, 0, "line", (below,) if below else ())
