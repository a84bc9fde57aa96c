"""From what a person names (files, folders, patterns, archives, standard input) to parts.

The law: what a file holds is told by its first bytes; its ending only names it in messages.
"""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import json
import lzma
import mmap
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from runtime.errors import DataError
from runtime.market.imports.arrow_memory import arrow_file
from runtime.market.imports.json_shapes import rows_of

ENDINGS = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".feather", ".arrow",
    ".xlsx", ".xls", ".ods", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".tar", ".tgz", ".prn", ".data",
)  # fmt: skip
_HEAD = 1 << 16
_BLANK = b"\xef\xbb\xbf \t\r\n"
_ARROW = (b"PAR1", b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")


def _by_arrow(codec: str) -> Callable[[bytes], bytes]:
    """Return what unpacks a codec that Python does not know and Arrow does."""

    def unpack(raw: bytes) -> bytes:
        import pyarrow as pa

        return bytes(pa.CompressedInputStream(arrow_file(raw), codec).read())

    return unpack


_UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x28\xb5\x2f\xfd": _by_arrow("zstd"),
    b"\x04\x22\x4d\x18": _by_arrow("lz4"),
}
# What is told by its first bytes and not read, with what to do.
_OTHERS = {
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive: unpack it first (7z x FILE)",
    b"Rar!\x1a\x07": "a RAR archive: unpack it first (unrar x FILE)",
    b"\x89HDF\r\n": "an HDF5 file: in Python, pandas.read_hdf(FILE).to_parquet('bars.parquet') makes one that is read",
    b"SQLite format 3": (
        "an SQLite database: sqlite3 -header -csv FILE 'select * from TABLE' > bars.csv makes a file that is read"
    ),
    b"\x93NUMPY": "a NumPy array: in Python, numpy.savetxt('bars.csv', numpy.load(FILE), delimiter=',') makes a file that is read",
    b"]\x00\x00": "packed by plain LZMA, as ticks of Dukascopy (.bi5) are: their export as CSV is read",
    b"%PDF": "a PDF: no table of data",
    b"<!doctype html": "a web page, no data: was the link to the file itself?",
    b"<html": "a web page, no data: was the link to the file itself?",
    b"\x80\x02": "", b"\x80\x03": "", b"\x80\x04": "", b"\x80\x05": "",
}  # fmt: skip
_PICKLE = "a Python pickle: opening one can run what it holds, so it is not opened; to_parquet or to_csv makes a file that is read"


@dataclass(frozen=True, slots=True)
class Part:
    """One table as it came: `text` is bytes not decoded yet, `table` an Arrow table, `path` its file.

    Exactly one of `text` and `table` is given.
    """

    name: str
    path: Path | None
    text: bytes | mmap.mmap | None = None
    table: Any = None
    has_names: bool = True


def expand(words: Sequence[str]) -> list[str]:
    """Return the files that words mean: themselves, those of a folder, those of a pattern, `-`."""
    found: list[str] = []
    for word in words:
        path = Path(word)
        if word == "-" or path.is_file():
            found.append(word)
        elif path.is_dir():
            inside = sorted(
                str(p) for p in path.rglob("*") if p.is_file() and p.suffix.lower() in ENDINGS
            )
            if not inside:
                raise DataError(f"{word}: the folder holds no file of {' '.join(ENDINGS)}")
            found += inside
        elif any(sign in word for sign in "*?["):
            matches = sorted(m for m in glob.glob(word, recursive=True) if Path(m).is_file())
            if not matches:
                raise DataError(f"{word}: no file fits this pattern")
            found += matches
        else:
            raise DataError(f"{word}: no such file or folder")
    return found


def open_parts(word: str, stdin: BinaryIO) -> list[Part]:
    """Return the tables of one file (several for an archive or a workbook); DataError says why not."""
    if word == "-":
        return list(_parts("standard input", None, stdin.read()))
    path = Path(word)
    try:
        with path.open("rb") as handle:
            head = handle.read(_HEAD)
            if len(head) == _HEAD and not _is_packed(head):
                # COST: the pages of a large text are read once, by the reader of its columns.
                whole = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
                return [Part(word, path, text=whole)]
            return list(_parts(word, path, head + handle.read()))
    except OSError as error:
        raise DataError(f"{word}: cannot be read: {error.strerror or error}") from None


def of_frame(frame: Any) -> Part:
    """Return a data frame (pandas, polars, Arrow, columns by name) as a part."""
    import pyarrow as pa

    if hasattr(frame, "to_arrow"):
        return Part("data frame", None, table=frame.to_arrow())
    if hasattr(frame, "index") and hasattr(frame, "columns"):
        return Part("data frame", None, table=pa.Table.from_pandas(frame.reset_index()))
    return Part("data frame", None, table=pa.table(frame))


def _is_packed(head: bytes) -> bool:
    """Return whether a file is anything but text in columns."""
    text = head.lstrip(_BLANK)
    return (
        head.startswith((*_UNPACK, b"PK", b"\xd0\xcf\x11\xe0", *_ARROW))
        or text.startswith((b"[", b"{"))
        or _is_tar(head)
        or _other(head, text) is not None
    )


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _other(raw: bytes, head: bytes) -> str | None:
    """Return what a file is whose first bytes say that it holds no table we read, None for any other."""
    begins = (raw[:16], head[:16].lower())
    for magic, what in _OTHERS.items():
        if any(begin.startswith(magic) for begin in begins):
            return what or _PICKLE
    return None


def _refuse_others(name: str, raw: bytes, head: bytes) -> None:
    other = _other(raw, head)
    if other is not None:
        raise DataError(f"{name}: {other}")


def _parts(name: str, path: Path | None, raw: bytes) -> Iterator[Part]:
    head = raw[:_HEAD].lstrip(_BLANK)  # COST: not a copy of the whole
    if not head and len(raw) <= _HEAD:
        raise DataError(f"{name}: the file is empty")
    _refuse_others(name, raw, head)
    for magic, unpack in _UNPACK.items():
        if raw.startswith(magic):
            try:
                yield from _parts(name, path, unpack(raw))
            except (OSError, EOFError, lzma.LZMAError) as error:
                raise DataError(f"{name}: damaged archive: {error}") from None
            return
    if _is_tar(raw):
        yield from _tar(name, raw)
    elif raw.startswith(b"PK"):
        yield from _zip(name, path, raw)
    elif raw.startswith(b"\xd0\xcf\x11\xe0"):
        yield from _workbook(name, path, raw)
    elif raw.startswith(_ARROW):
        yield Part(name, path, table=_arrow(name, raw))
    elif head.startswith((b"[", b"{")):
        yield from _json(name, path, raw)
    else:
        yield Part(name, path, text=raw)


def _zip(name: str, path: Path | None, raw: bytes) -> Iterator[Part]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile as error:
        raise DataError(f"{name}: damaged archive: {error}") from None
    inside = archive.namelist()
    if any(member.startswith(("xl/", "content.xml")) for member in inside):
        yield from _workbook(name, path, raw)
        return
    members = [m for m in inside if _is_ours(m)]
    if not members:
        raise DataError(f"{name}: the archive holds no file of {' '.join(ENDINGS)}")
    for member in sorted(members):
        try:
            content = archive.read(member)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise DataError(f"{name}: {member}: cannot be unpacked: {error}") from None
        yield from _parts(f"{name}:{member}", Path(member), content)


def _tar(name: str, raw: bytes) -> Iterator[Part]:
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            files = [m for m in archive.getmembers() if m.isfile() and _is_ours(m.name)]
            contents = [
                (m.name, handle.read()) for m in files if (handle := archive.extractfile(m))
            ]
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{name}: damaged archive: {error}") from None
    if not contents:
        raise DataError(f"{name}: the archive holds no file of {' '.join(ENDINGS)}")
    for member, content in sorted(contents):
        yield from _parts(f"{name}:{member}", Path(member), content)


def _is_ours(member: str) -> bool:
    """Return whether a file in an archive can hold data; what macOS adds to one does not."""
    return Path(member).suffix.lower() in ENDINGS and not member.startswith("__MACOSX")


def _arrow(name: str, raw: bytes) -> Any:
    import pyarrow as pa

    try:
        if raw.startswith(b"PAR1"):
            import pyarrow.parquet as pq

            # COST: `read_table` loads the code for data sets.
            with pq.ParquetFile(arrow_file(raw)) as file:
                return file.read()
        from pyarrow import feather

        return feather.read_table(arrow_file(raw))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name}: cannot be read: {error}") from None


def _workbook(name: str, path: Path | None, raw: bytes) -> Iterator[Part]:
    """Yield every sheet that holds a table; a workbook says what its cells are, dates included."""
    import pyarrow as pa
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [(s, book.get_sheet_by_name(s).to_python()) for s in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(f"{name}: cannot be read as a workbook: {error}") from None
    filled = [(sheet, rows) for sheet, rows in sheets if len(rows) > 1]
    if not filled:
        raise DataError(f"{name}: the workbook holds no table")
    for sheet, rows in filled:
        head, *body = rows
        named = all(isinstance(cell, str) for cell in head)
        names = [str(c) for c in head] if named else [str(i) for i in range(len(head))]
        columns = list(zip(*(body if named else rows), strict=True))
        table = pa.Table.from_arrays([_cells(pa, column) for column in columns], names=names)
        label = name if len(filled) == 1 else f"{name}:{sheet}"
        yield Part(label, path, table=table, has_names=named)


def _cells(pa: Any, column: Sequence[object]) -> Any:
    """Return cells as one Arrow column: as they are where of one kind, as text otherwise."""
    from datetime import date, datetime

    if any(isinstance(cell, datetime) for cell in column):
        # A workbook shows midnight as a date.
        column = [
            datetime(c.year, c.month, c.day)
            if isinstance(c, date) and not isinstance(c, datetime)
            else c
            for c in column
        ]
    cells = [None if cell == "" else cell for cell in column]
    try:
        return pa.chunked_array([pa.array(cells)])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.chunked_array([pa.array([None if c is None else str(c) for c in cells])])


def _json(name: str, path: Path | None, raw: bytes) -> Iterator[Part]:
    import pyarrow as pa

    text = raw.decode("utf-8-sig", errors="replace")
    try:
        whole = json.loads(text)
    except ValueError as error:
        try:  # one object a line
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            raise DataError(f"{name}: cannot be read as JSON: {error}") from None
    rows = rows_of(whole)
    if rows is None:
        raise DataError(f"{name}: no list of candles in this JSON")
    if all(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(key for row in rows for key in row))
        columns = [_cells(pa, [row.get(key) for row in rows]) for key in names]
        yield Part(name, path, table=pa.Table.from_arrays(columns, names=names))
        return
    width = max(len(row) for row in rows)
    if any(len(row) != width for row in rows):
        raise DataError(f"{name}: the lists of this JSON are of different lengths")
    columns = [_cells(pa, column) for column in zip(*rows, strict=True)]
    names = [str(i) for i in range(width)]
    yield Part(name, path, table=pa.Table.from_arrays(columns, names=names), has_names=False)
