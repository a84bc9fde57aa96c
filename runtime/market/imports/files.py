"""Many files to series in the store: read, grouped, joined, judged, and only then written.

The law: everything is read and judged before the first file is written; nothing is imported half.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from runtime.errors import DataError
from runtime.market.bar_files import load_bars, read_funding, write_bars
from runtime.market.checks import Gap, find_gaps
from runtime.market.data import FundingSeries
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind
from runtime.market.imports.containers import open_parts
from runtime.market.imports.join import Piece, join
from runtime.market.imports.read import (
    Asked,
    FileKind,
    Understood,
    column_array,
    to_frame,
    understand,
)
from runtime.market.imports.sane import BAR_NAMES
from runtime.market.imports.sources import open_source
from runtime.market.plausible import check_funding
from runtime.market.store import store_path
from runtime.market.timeframe import TIMEFRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where imported series go and what happens to what lies there."""

    store: Path
    venue: str
    market: Market
    append: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series ready to be written: `parts` tell which files it is made of."""

    kind: FileKind
    symbol: str
    timeframe: str
    path: Path
    table: Any
    parts: tuple[Understood, ...]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def files(self) -> str:
        """Return the names of the files it was read from."""
        return ", ".join(Path(part.name).name for part in self.parts)


def read_files(
    words: Sequence[str], asked: Asked, stdin: BinaryIO, tick: Callable[[int, int], None]
) -> list[Understood]:
    """Return what all files hold; one DataError tells of every file that cannot be read."""
    found: list[Understood] = []
    faults: list[str] = []
    for done, word in enumerate(words):
        tick(done, len(words))
        try:
            for part in open_parts(word, stdin):
                found.append(understand(open_source(part), part.path, asked))
        except DataError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(faults))
    return found


def gather(found: Sequence[Understood], target: Target) -> list[Series]:
    """Return the series of what was read: files of one series joined, what is stored respected."""
    groups: dict[tuple[FileKind, str, str], list[Understood]] = {}
    for one in found:
        kind = FileKind.BARS if one.kind is FileKind.TRADES else one.kind
        groups.setdefault((kind, one.symbol, one.timeframe), []).append(one)
    return [
        _series(kind, symbol, timeframe, parts, target)
        for (kind, symbol, timeframe), parts in groups.items()
    ]


def _series(
    kind: FileKind, symbol: str, timeframe: str, parts: Sequence[Understood], target: Target
) -> Series:
    path = store_path(target.store, target.venue, symbol, timeframe or "1h", target.market)
    if kind is FileKind.FUNDING:
        path = path.with_name("funding.csv")
    elif kind is FileKind.MARK:
        path = path.with_name(f"mark_{timeframe}.parquet")
    if path.exists() and not (target.replace or target.append):
        raise DataError(f"{path}: exists already; --append adds what is new, --force replaces it")
    pieces = [Piece(part.name, part.table) for part in parts]
    if path.exists() and target.append:
        pieces.append(Piece(str(path), _stored(path, kind, symbol, timeframe)))
    table, joined = join(pieces)
    notes = tuple(dict.fromkeys((*(note for part in parts for note in part.notes), *joined)))
    if kind is FileKind.FUNDING:
        check_funding(_funding(table), ", ".join(part.name for part in parts))
        gaps: tuple[Gap, ...] = ()
    else:
        gaps = tuple(find_gaps(column_array("q", table.column("ts")), TIMEFRAMES[timeframe]))
    return Series(
        kind=kind,
        symbol=symbol,
        timeframe=timeframe,
        path=path,
        table=table,
        parts=tuple(parts),
        notes=notes,
        gaps=gaps,
    )


def _stored(path: Path, kind: FileKind, symbol: str, timeframe: str) -> Any:
    import pyarrow as pa

    if kind is FileKind.FUNDING:
        funding = read_funding(path)
        return pa.table({"ts": pa.array(funding.ts), "funding_rate": pa.array(funding.rate)})
    frame = load_bars(path, symbol, timeframe).frame
    return pa.table({name: pa.array(getattr(frame, name)) for name in BAR_NAMES})


def write(series: Series, target: Target) -> None:
    """Write a series into the store; it appears whole or not at all."""
    if series.kind is FileKind.FUNDING:
        from pyarrow import csv

        series.path.parent.mkdir(parents=True, exist_ok=True)
        partial = series.path.with_name(series.path.name + ".part")
        csv.write_csv(series.table, str(partial))
        os.replace(partial, series.path)
        return
    write_bars(to_frame(series), series.path, _identity(series, target))


def _identity(series: Series, target: Target) -> Identity:
    return Identity(
        venue=target.venue,
        market=target.market,
        symbol=series.symbol,
        timeframe=series.timeframe,
        origin=DataOrigin.IMPORTED,
        detail=series.files,
        price=PriceKind.MARK if series.kind is FileKind.MARK else PriceKind.LAST,
    )


def _funding(table: Any) -> FundingSeries:
    return FundingSeries(
        column_array("q", table.column("ts")), column_array("d", table.column("funding_rate"))
    )
