"""Several files of one series to one: appended, their overlap compared.

The law: where two files tell of the same bar they must tell the same; the first place where they do
not is named with both bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.errors import DataError
from runtime.market.checks import utc


@dataclass(frozen=True, slots=True)
class Piece:
    """A table in order of `ts` and the name of the file it came from."""

    name: str
    table: Any


@dataclass(frozen=True, slots=True)
class Seam:
    """Where one piece ends and the next goes on: the first `row` of the next, and both names."""

    row: int
    before: str
    after: str


def join(pieces: Sequence[Piece]) -> tuple[Any, tuple[str, ...], tuple[Seam, ...]]:
    """Return (one table in order, sentences, where pieces meet) of pieces with the same columns."""
    import pyarrow as pa

    ordered = sorted(pieces, key=lambda piece: piece.table.column("ts")[0].as_py())
    whole, notes, seams = ordered[0].table, [], []
    names = ordered[0].name
    for piece in ordered[1:]:
        overlap = _overlap(whole, names, piece)
        end = whole.column("ts")[whole.num_rows - 1].as_py()
        fresh = _after(piece.table, end)
        if overlap:
            notes.append(f"{piece.name}: {overlap} bars were there already, equal")
        if fresh.num_rows:
            seams.append(Seam(whole.num_rows, names, piece.name))
            whole = pa.concat_tables([whole, fresh])
        names = piece.name
    return whole, tuple(notes), tuple(seams)


def _after(table: Any, end: int) -> Any:
    import pyarrow.compute as pc

    return table.filter(pc.greater(table.column("ts"), end))


def _overlap(whole: Any, name: str, piece: Piece) -> int:
    """Return how many rows of a piece are in the whole; DataError for one that differs or fills a hole."""
    import pyarrow.compute as pc

    first = piece.table.column("ts")[0].as_py()
    end = whole.column("ts")[whole.num_rows - 1].as_py()
    if first > end:
        return 0
    there = {
        row[0]: row for row in _rows(whole.filter(pc.greater_equal(whole.column("ts"), first)))
    }
    here = _rows(piece.table.filter(pc.less_equal(piece.table.column("ts"), end)))
    for row in here:
        other = there.get(row[0])
        if other is None:
            raise DataError(
                f"{piece.name}: has {utc(int(row[0]))}, which {name} lacks although it goes on after it: "
                "import the complete file alone"
            )
        if other != row:
            raise DataError(
                f"{piece.name}: {utc(int(row[0]))} differs from {name}: {_shown(row)} against "
                f"{_shown(other)}. Are they of one venue and market?"
            )
    return len(here)


def _rows(table: Any) -> list[tuple[float, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True))


def _shown(row: tuple[float, ...]) -> str:
    return " ".join(f"{value:g}" for value in row[1:])
