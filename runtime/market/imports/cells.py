"""Cells to values: the times and numbers of a source, each fault with the row it stands in.

The law: a cell is read exactly or refused by its line; nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.errors import DataError
from runtime.market.imports import times
from runtime.market.imports.layouts import ColumnRole
from runtime.market.imports.numbers import Signs, parse_numbers
from runtime.market.imports.sources import Columns, Source


@dataclass(frozen=True, slots=True)
class Reading:
    """A source, the columns read of it, and the signs of its numbers."""

    source: Source
    columns: Columns
    signs: Signs

    @property
    def name(self) -> str:
        return self.source.name


def read_times(reading: Reading, by_role: Mapping[ColumnRole, Any], rules: times.TimeRules) -> Any:
    """Return the times of a file's rows as ms UTC; DataError names the first that cannot be read."""
    if ColumnRole.DATE in by_role:
        import pyarrow as pa
        import pyarrow.compute as pc

        date, clock = (
            pc.cast(by_role[role], pa.string()) for role in (ColumnRole.DATE, ColumnRole.CLOCK)
        )
        column = pc.binary_join_element_wise(date, clock, " ")
    else:
        column = by_role[ColumnRole.TIME if ColumnRole.TIME in by_role else ColumnRole.CLOSE_TIME]
    return _parse_times(reading, column, rules)


def _parse_times(reading: Reading, column: Any, rules: times.TimeRules) -> Any:
    """Return times as ms UTC; DataError names the first row that cannot be read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _whole(reading, column, times.parse_timestamps(reading.name, column, rules))
    if pa.types.is_integer(kind) and not times.are_compact(column):
        return _whole(reading, column, times.parse_epochs(column))
    if pa.types.is_floating(kind):
        return _whole(reading, column, times.parse_seconds(column))
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    as_iso = times.parse_iso(reading.name, text, rules)
    if as_iso is not None:
        return as_iso
    digits = pc.fill_null(pc.match_substring_regex(text, r"^\d+(\.\d+)?$"), True)
    if pc.all(digits).as_py() and not times.are_compact(text):
        whole = pc.all(pc.fill_null(pc.match_substring_regex(text, r"^\d+$"), True)).as_py()
        number = pc.cast(
            pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text),
            pa.int64() if whole else pa.float64(),
        )
        ms = times.parse_epochs(number) if whole else times.parse_seconds(number)
        return _whole(reading, column, ms)
    if 2 * (pc.sum(digits).as_py() or 0) > len(text) and not times.are_compact(text):
        ms = pc.if_else(digits, pa.scalar(0, pa.int64()), pa.scalar(None, pa.int64()))
        return _whole(reading, text, ms)  # epochs but for some: the first other cell is named
    texts, rules = times.with_named_zone(reading.name, text.to_pylist(), rules)
    found, zoned = times.parse_texts(reading.name, texts, rules)
    ms = pa.chunked_array([pa.array(found, pa.int64())])
    return _whole(reading, column, ms if zoned else times.to_utc(reading.name, ms, rules.zone))


def _whole(reading: Reading, column: Any, ms: Any) -> Any:
    """Return `ms` where no time is missing; DataError names the first row without one."""
    if not ms.null_count:
        return ms
    row = ms.is_null().to_pylist().index(True)
    seen = column[row].as_py()
    what = "the time is missing" if seen in (None, "") else f"`{seen}` is no time"
    raise DataError(
        f"{reading.name}: {reading.columns.where(row)}: {what}; expected e.g. 2025-01-31 15:00, "
        "31/01/2025 15:00 with --dayfirst, or s, ms, µs, ns since 1970"
    )


def is_naive(reading: Reading, by_role: Mapping[ColumnRole, Any]) -> bool:
    """Return whether the times are wall times without a zone."""
    import pyarrow as pa

    if ColumnRole.DATE in by_role:
        return True
    column = by_role[ColumnRole.TIME if ColumnRole.TIME in by_role else ColumnRole.CLOSE_TIME]
    if pa.types.is_timestamp(column.type):
        return column.type.tz is None
    if not pa.types.is_string(column.type):
        return False
    first = next((text for text in column.slice(0, 50).to_pylist() if text), "")
    return any(sign in first for sign in ":-/.") and not times.carries_zone(first)


def read_numbers(reading: Reading, role: ColumnRole, column: Any) -> Any:
    """Return a column as doubles, null where nothing stands; DataError names a cell that is no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return pc.cast(column, pa.float64())
    if pa.types.is_decimal(column.type):
        # Arrow's own cast is off by one in the last place; by its digits a decimal is the double that text would be.
        return pc.cast(pc.cast(column, pa.string()), pa.float64())
    if pa.types.is_nested(column.type):
        raise DataError(f"{reading.name}: {role} is no number: its cells are of type {column.type}")
    text = pc.cast(column, pa.string())
    values = parse_numbers(text, reading.signs)
    odd = pc.and_(pc.is_nan(values), pc.is_valid(text))
    if pc.any(odd).as_py():
        row = odd.to_pylist().index(True)
        raise DataError(
            f"{reading.name}: {reading.columns.where(row)}: {role} is no number: `{text[row].as_py()}`"
        )
    return values


def read_confirmed(column: Any) -> Any:
    """Return 1.0 for rows the file calls finished, 0.0 for bars it calls open."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.utf8_lower(pc.utf8_trim_whitespace(pc.cast(column, pa.string())))
    return pc.if_else(pc.is_in(cells, pa.array(["0", "0.0", "false"])), 0.0, 1.0)
