"""Bars in and out of files: columns `ts` (ms UTC, open time) `open high low close volume`.

A Parquet file written here says in its metadata which series it is (`identity`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.errors import DataError
from runtime.market.checks import MAX_LISTED, Gap, find_gaps, find_problems, guess_interval, utc
from runtime.market.data import FundingSeries
from runtime.market.file_names import from_name
from runtime.market.frame import Frame
from runtime.market.identity import (
    Identity,
    Stated,
    from_metadata,
    place_of,
    to_metadata,
)
from runtime.market.rates import rates_identity
from runtime.market.symbol_cells import is_blank, said_by, speaks, symbol_columns, which_of_two
from runtime.market.timeframe import TIMEFRAMES
from runtime.market.whole_columns import array_of, arrow_of
from runtime.market.whole_files import whole
from runtime.market.whose import canonical

BAR_COLUMNS = ("ts", "open", "high", "low", "close", "volume")
# COST: against a dictionary and Snappy half of the processor's time, and half of the file on recorded bars; the bytes of
# prices that are near each other differ only in a few places, times by one step.
_ENCODINGS = dict.fromkeys(BAR_COLUMNS[1:], "BYTE_STREAM_SPLIT") | {"ts": "DELTA_BINARY_PACKED"}
SUFFIXES = (".parquet", ".csv", ".feather", ".arrow")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checked series and the holes found in it."""

    frame: Frame
    gaps: tuple[Gap, ...]
    content_hash: str
    has_volume: bool = True


def _timeframe_of(interval: int) -> str | None:
    return next((name for name, ms in TIMEFRAMES.items() if ms == interval), None)


def _read_table(path: Path) -> Any:
    import pyarrow as pa

    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            # COST: `read_table` loads the code for data sets, and pandas with it.
            with pq.ParquetFile(path) as file:
                return file.read()
        if path.suffix == ".csv":
            from pyarrow import csv as arrow_csv

            return arrow_csv.read_csv(path)
        if path.suffix in (".feather", ".arrow"):
            from pyarrow import feather

            return feather.read_table(path)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder, expected a file of bars") from None
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: cannot be read as {path.suffix[1:]}: {error}") from error
    raise DataError(
        f"{path}: unknown kind of file `{path.suffix}`; expected one of {' '.join(SUFFIXES)}"
    )


def _own(path: Path, names: Sequence[str]) -> Any:
    """Return a file that has our own columns as a table; None for one written in another way."""
    import pyarrow as pa

    if path.suffix not in SUFFIXES:
        if path.is_dir():
            raise DataError(f"{path}: is a folder, expected a file of bars")
        return None
    table = _read_table(path)
    if any(table.column_names.count(name) != 1 for name in names):
        return None
    return table if pa.types.is_integer(table.column("ts").type) else None


def _times(path: Path, column: Any) -> array[int]:
    """Return times in ms UTC from integers: s, ms, us or ns, by each row's own size."""
    from runtime.market.imports.times import parse_epochs

    if column.null_count:
        row = next(i for i, value in enumerate(column.to_pylist()) if value is None)
        raise DataError(f"{path}: row {row}: the time is missing")
    return array_of("q", parse_epochs(column)) if len(column) else array("q")


def _numbers(path: Path, name: str, column: Any) -> array[float]:
    import pyarrow as pa

    if column.type == pa.float64() and not column.null_count:
        return array_of("d", column)  # COST: a million rows in milliseconds instead of a second
    values = array("d")
    for row, value in enumerate(column.to_pylist()):
        try:
            values.append(float("nan") if value is None else float(value))
        except (TypeError, ValueError):
            raise DataError(f"{path}: row {row}: {name} is not a number: `{value}`") from None
    return values


def read_columns(path: Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return columns of a table as lists; DataError when one is missing."""
    table = _read_table(path)
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise DataError(f"{path}: no column {', '.join(f'`{m}`' for m in missing)}")
    return {name: table.column(name).to_pylist() for name in names}


def content_hash(frame: Frame) -> str:
    """Return a hash of the bars alone: the same for any file format they came from."""
    digest = hashlib.sha256()
    for name in BAR_COLUMNS:
        column = getattr(frame, name)
        digest.update(column)
    return digest.hexdigest()


def load_bars(
    path: Path, symbol: str, timeframe: str | None = None, *, has_volume: bool = True
) -> Loaded:
    """Read and check a file of bars; DataError names the row and the time of every fault.

    The timeframe is taken from the spacing of the rows when it is not given. Holes are returned,
    not refused: matching stops over them, and results mention them. A mark-price
    series has no volume (`has_volume=False`): the column is zero then.
    """
    required = BAR_COLUMNS if has_volume else BAR_COLUMNS[:-1]
    table = _own(path, required)
    if table is None:
        return _foreign(path, symbol, timeframe, has_volume)
    _refuse_two_symbols(path, table, symbol)
    ts = _times(path, table.column("ts"))
    columns = [_numbers(path, n, table.column(n)) for n in required[1:]]
    if not has_volume:
        columns.append(array("d", bytes(8 * len(ts))))
    if not ts:
        raise DataError(f"{path}: the file holds no bars")
    interval = TIMEFRAMES[timeframe] if timeframe else guess_interval(ts)
    problems = find_problems(ts, columns, interval)
    if problems:
        shown = "\n  ".join(str(p) for p in problems[:MAX_LISTED])
        more = f"\n  … and {len(problems) - MAX_LISTED} more" if len(problems) > MAX_LISTED else ""
        raise DataError(f"{path}: not fit to trade on:\n  {shown}{more}")
    name = timeframe or _timeframe_of(interval)
    if name is None:
        raise DataError(
            f"{path}: the rows are {interval / 60_000:g} minutes apart, which is no timeframe; "
            f"known: {' '.join(TIMEFRAMES)}"
        )
    frame = Frame(symbol, name, interval, ts, *columns)
    return Loaded(frame, tuple(find_gaps(ts, interval)), content_hash(frame), has_volume)


def _refuse_two_symbols(path: Path, table: Any, symbol: str) -> None:
    """Raise DataError where columns of symbols name more than one, or name none in some rows."""
    held: dict[str, str] = {}
    for name in symbol_columns(table.column_names):
        said = said_by(table.column(name))
        if not speaks(name, said.words):
            continue
        words = sorted({canonical(word) for word in said.words})
        if len(words) > 1:
            raise DataError(
                f"{path}: holds {len(words)} symbols ({', '.join(words[:8])}): ideacard data "
                f"import {path} --symbol {symbol} takes the rows of one"
            )
        if said.first_blank is not None:
            raise DataError(
                f"{path}: row {said.first_blank}: `{name}` is empty there and in {said.blank:,} rows, the others "
                f"say {words[0]}: fill the column or leave it out"
            )
        if words:
            held[name] = words[0]
    asked = which_of_two(held)
    if asked is not None:
        raise DataError(f"{path}: {asked}")


def _foreign(path: Path, symbol: str, timeframe: str | None, has_volume: bool) -> Loaded:
    """Read a file that is not ours the way `data import` does."""
    from runtime.market.imports.containers import open_parts
    from runtime.market.imports.read import Asked, FileKind, to_frame, understand
    from runtime.market.imports.sources import open_source

    parts = open_parts(str(path), io.BytesIO())
    if len(parts) > 1:
        raise DataError(f"{path}: holds {len(parts)} tables: ideacard data import reads them")
    asked = Asked(symbol=symbol, timeframe=timeframe, is_mark=not has_volume)
    found = understand(open_source(parts[0]), path, asked)
    if found.kind not in (FileKind.BARS, FileKind.MARK, FileKind.TRADES):
        raise DataError(f"{path}: holds {found.kind}, expected bars")
    frame = to_frame(found)
    gaps = tuple(find_gaps(frame.ts, frame.interval_ms))
    return Loaded(frame, gaps, content_hash(frame), has_volume)


def slice_frame(frame: Frame, start_ts: int | None, end_ts: int | None) -> Frame:
    """Return the bars that open in [start_ts, end_ts); DataError when none do."""
    low = 0 if start_ts is None else _first_at(frame.ts, start_ts)
    high = len(frame) if end_ts is None else _first_at(frame.ts, end_ts)
    if low >= high:
        raise DataError(
            "no bars in the chosen period; the data holds "
            f"{utc(frame.ts[0])} to {utc(frame.close_time(len(frame) - 1))}"
        )
    return frame if high - low == len(frame) else frame.rows(low, high)


def _first_at(ts: array[int], when: int) -> int:
    from bisect import bisect_left

    return bisect_left(ts, when)


def identity_of(path: Path) -> Identity:
    """Return what series a file is: by its metadata, its columns that say so, its place, or its name."""
    stated: Identity | None = None
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(path)
            stated = from_metadata(path, schema.metadata) or _by_cells(path, schema.names)
        except (pa.ArrowException, OSError):
            stated = None  # reading the bars will say what is wrong with the file
    if path.suffix == ".csv":
        stated = rates_identity(path) or _by_column(path)
    if path.suffix in (".feather", ".arrow"):
        stated = _by_feather(path)
    return stated or place_of(path) or from_name(path)


def _by_cells(path: Path, names: Sequence[str]) -> Identity | None:
    """Return what a `symbol` column of a Parquet file says, from its first row group."""
    import pyarrow.parquet as pq

    columns = symbol_columns(names)
    if not columns:
        return None
    with pq.ParquetFile(path) as file:
        table = file.read_row_group(0, columns=columns) if file.num_row_groups else None
    return None if table is None else _first_said(path, table, columns)


def _by_feather(path: Path) -> Identity | None:
    """Return what a `symbol` column of a feather file says; no other column is read."""
    import pyarrow as pa
    from pyarrow import feather

    try:
        # Its first version, which is no Arrow file, is short: it tells its columns only with their cells.
        names = _arrow_names(path) or _read_table(path).column_names
        columns = symbol_columns(names)
        table = feather.read_table(path, columns=columns) if columns else None
    except (DataError, pa.ArrowException, OSError):
        return None  # reading the bars will say what is wrong with the file
    return None if table is None else _first_said(path, table, columns)


def _arrow_names(path: Path) -> list[str]:
    """Return the columns of an Arrow file, none for a file that is not one."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as file:
            return list(pa.ipc.open_file(file).schema.names)
    except pa.ArrowInvalid:
        return []


def _first_said(path: Path, table: Any, columns: Sequence[str]) -> Identity | None:
    """Return what the first of some columns says that says a symbol."""
    for name in columns:
        cells = (str(cell.as_py()) for cell in table.column(name) if not is_blank(cell.as_py()))
        word = next(cells, None)
        if word is not None and speaks(name, [word]):
            return _called(path, word)
    return None


def _called(path: Path, word: str) -> Identity:
    return replace(from_name(path), symbol=canonical(word), stated=Stated.METADATA)


def _by_column(path: Path) -> Identity | None:
    """Return what a `symbol` column of a CSV says, from its first row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            row = next(csv.DictReader(handle), None)
    except (OSError, ValueError, csv.Error):
        return None  # reading the bars will say what is wrong with the file
    cells = {name: value for name, value in (row or {}).items() if name and not is_blank(value)}
    names = symbol_columns(list(cells))
    name = next((name for name in names if speaks(name, [str(cells[name])])), None)
    return None if name is None else _called(path, str(cells[name]))


def write_bars(frame: Frame, path: Path, identity: Identity | None = None) -> None:
    """Write bars as Parquet that says what it is; the file appears whole or not at all."""
    import pyarrow as pa

    # COST: the memory of the columns itself; number by number, ten million rows take five seconds.
    write_table(pa.table({n: arrow_of(getattr(frame, n)) for n in BAR_COLUMNS}), path, identity)


def write_table(table: Any, path: Path, identity: Identity | None = None) -> None:
    """Write a table with the columns of bars as `write_bars` does."""
    import pyarrow.parquet as pq

    if identity is not None:
        table = table.replace_schema_metadata(to_metadata(identity))
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial:
        pq.write_table(
            table,
            partial,
            use_dictionary=False,
            column_encoding={name: _ENCODINGS[name] for name in table.column_names},
            compression="zstd",
            compression_level=1,
        )


def read_funding(path: Path) -> FundingSeries:
    """Read funding rates (fractions) by settlement time, of any usual layout."""
    table = _own(path, ("ts", "funding_rate"))
    if table is None:
        table = _foreign_funding(path)
    else:
        _refuse_two_symbols(path, table, "SYMBOL")
    ts = _times(path, table.column("ts"))
    rates = _numbers(path, "funding_rate", table.column("funding_rate"))
    for row in range(len(ts)):
        if rates[row] != rates[row]:
            raise DataError(f"{path}: row {row} ({utc(ts[row])}): funding_rate is not a number")
        if row and ts[row] <= ts[row - 1]:
            raise DataError(f"{path}: row {row} ({utc(ts[row])}): time does not increase")
    return FundingSeries(ts, rates)


def _foreign_funding(path: Path) -> Any:
    from runtime.market.imports.containers import open_parts
    from runtime.market.imports.read import Asked, FileKind, understand
    from runtime.market.imports.sources import open_source

    # Rates need no symbol: the caller knows whose they are.
    found = understand(open_source(open_parts(str(path), io.BytesIO())[0]), path, Asked(symbol="?"))
    if found.kind is not FileKind.FUNDING:
        raise DataError(f"{path}: expected columns `ts` and `funding_rate`, found {found.kind}")
    return found.table
