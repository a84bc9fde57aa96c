"""Many files to series in the store: read, grouped, joined, judged, and only then written.

The law: everything is read and judged before the first file is written; nothing is imported half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from runtime.errors import DataError
from runtime.market.alike import may_leap
from runtime.market.bar_files import identity_of, load_bars, read_funding, write_table
from runtime.market.checks import Gap, find_gaps
from runtime.market.data import FundingSeries
from runtime.market.identity import Identity
from runtime.market.imports.claims import Said, conclude, refuse_other_store
from runtime.market.imports.containers import open_parts
from runtime.market.imports.join import Piece, join
from runtime.market.imports.read import (
    Asked,
    FileKind,
    Understood,
    to_frame,
    understand,
)
from runtime.market.imports.sane import BAR_NAMES
from runtime.market.imports.seams import check_beside, check_join
from runtime.market.imports.sources import open_source
from runtime.market.plausible import check_funding
from runtime.market.rates import FUNDING_FILE, StoredRate, source_of, write_rates
from runtime.market.store import store_path
from runtime.market.timeframe import TIMEFRAMES
from runtime.market.whole_columns import array_of, arrow_of, has_longer_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where imported series go, whose they are said to be, and what happens to what lies there.

    `as_one`: bars whose prices do not go on from one another are one series all the same.
    """

    store: Path
    said: Said = Said()
    append: bool = False
    replace: bool = False
    as_one: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars as an Arrow table, and whose they are."""

    symbol: str
    timeframe: str
    table: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series ready to be written: `parts` tell which files it is made of."""

    kind: FileKind
    symbol: str
    timeframe: str
    path: Path
    identity: Identity
    table: Any
    parts: tuple[Understood, ...]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]


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
    identity, notes = conclude(parts, target.said)
    path = _path(target.store, kind, identity)
    if path.exists() and not (target.replace or target.append):
        raise DataError(f"{path}: exists already; --append adds what is new, --force replaces it")
    pieces = [Piece(part.name, part.table) for part in parts]
    if target.append:
        if path.exists():
            stored = identity_of(path)
            refuse_other_store(path, stored, identity)
            identity = replace(identity, detail=f"{stored.detail or path.name}, {identity.detail}")
            pieces.append(Piece(str(path), _stored(path, kind, symbol, timeframe)))
        else:
            notes = (*notes, _nothing_there(path, target.store))
    whole, joined, seams = join(pieces)
    if kind is FileKind.FUNDING:
        check_funding(_funding(whole), ", ".join(part.name for part in parts))
        gaps: tuple[Gap, ...] = ()
    else:
        # COST: the columns are copied only for what has to be looked at bar by bar.
        bars = cache(lambda: to_frame(Bars(symbol, timeframe, whole)))
        gaps = _gaps(whole.column("ts"), TIMEFRAMES[timeframe])
        if not target.as_one and (seams or may_leap(whole)):
            joined = (*joined, *check_join(bars(), seams, ", ".join(p.name for p in pieces)))
        is_mark = kind is FileKind.MARK
        joined = (*joined, *check_beside(bars, path, is_mark=is_mark))
    said = (note for part in parts for note in part.notes)
    return Series(
        kind=kind,
        symbol=symbol,
        timeframe=timeframe,
        path=path,
        identity=identity,
        table=whole,
        parts=tuple(parts),
        notes=tuple(dict.fromkeys((*said, *notes, *joined))),
        gaps=gaps,
    )


def _gaps(ts: Any, interval: int) -> tuple[Gap, ...]:
    """Return the holes between times (Arrow, ms). COST: where there are none the column is not copied."""
    return tuple(find_gaps(array_of("q", ts), interval)) if has_longer_step(ts, interval) else ()


def _path(store: Path, kind: FileKind, identity: Identity) -> Path:
    timeframe = identity.timeframe or "1h"  # of funding only the folder counts
    path = store_path(store, identity.venue, identity.symbol, timeframe, identity.market)
    if kind is FileKind.FUNDING:
        return path.with_name(FUNDING_FILE)
    return path.with_name(f"mark_{timeframe}.parquet") if kind is FileKind.MARK else path


def _nothing_there(path: Path, store: Path) -> str:
    """Return that an append begins a series; DataError where the same one lies under another venue."""
    others = sorted(p for p in store.glob(f"*/{path.parent.name}/{path.name}"))
    if not others:
        return f"nothing was stored as {path.name}: the series begins with these rows"
    listed = "; ".join(str(p) for p in others)
    raise DataError(
        f"{path}: nothing is stored there to add to. Of that symbol is stored: {listed}; say which with "
        "--venue and --market"
    )


def _stored(path: Path, kind: FileKind, symbol: str, timeframe: str) -> Any:
    import pyarrow as pa

    if kind is FileKind.FUNDING:
        funding = read_funding(path)
        return pa.table({"ts": arrow_of(funding.ts), "funding_rate": arrow_of(funding.rate)})
    frame = load_bars(path, symbol, timeframe).frame
    return pa.table({name: arrow_of(getattr(frame, name)) for name in BAR_NAMES})


def write(series: Series) -> None:
    """Write a series into the store; it appears whole or not at all."""
    if series.kind is FileKind.FUNDING:
        source, rates = source_of(series.identity), _funding(series.table)
        rows = zip(rates.ts, (StoredRate(repr(rate), source) for rate in rates.rate), strict=True)
        write_rates(series.path, rows, series.identity)
        return
    write_table(series.table.select(BAR_NAMES), series.path, series.identity)


def _funding(table: Any) -> FundingSeries:
    return FundingSeries(
        array_of("q", table.column("ts")), array_of("d", table.column("funding_rate"))
    )
