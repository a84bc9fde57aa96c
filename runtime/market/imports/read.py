"""From one part of a file to a series: bars, trades made into bars, or funding, with what was understood.

The law: everything that was concluded is in `notes`, in words; what cannot be concluded is refused.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from runtime.errors import DataError
from runtime.market.file_names import from_name, hints_of
from runtime.market.frame import Frame
from runtime.market.identity import Identity, from_metadata, place_of
from runtime.market.imports import sane, times
from runtime.market.imports.cells import Reading, is_naive, read_confirmed, read_numbers, read_times
from runtime.market.imports.columns import PRICES, Roles, find_roles, parse_columns, signs_for
from runtime.market.imports.layouts import ColumnRole
from runtime.market.imports.sources import Source, read_columns
from runtime.market.imports.trades import bars_of_trades
from runtime.market.rates import rates_identity
from runtime.market.symbol_cells import said_by
from runtime.market.timeframe import TIMEFRAMES
from runtime.market.whole_columns import array_of
from runtime.market.whose import canonical, is_called


class FileKind(StrEnum):
    """What a file holds."""

    BARS = "bars"
    MARK = "mark"
    TRADES = "trades"
    FUNDING = "funding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller says of a file; None where the file is to tell.

    `alias` is what the file calls the instrument that is `symbol` here.
    """

    symbol: str | None = None
    alias: str | None = None
    timeframe: str | None = None
    columns: str | None = None
    zone: str | None = None
    dayfirst: bool | None = None
    decimal: str | None = None  # "," or "."
    has_volume: bool = True
    is_mark: bool = False
    closes: bool = False  # times are those of the close
    drop_unfinished: bool = False
    now_ms: int = 0

    def now(self) -> int:
        """Return the time that the data cannot be later than, ms UTC."""
        return self.now_ms or int(time.time() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One table read: `table` has `ts` (ms UTC, open) and the columns of its kind.

    `identity` is what the file's own metadata say it is.
    """

    name: str
    kind: FileKind
    symbol: str
    timeframe: str  # empty for funding
    table: Any
    layout: str
    columns: tuple[tuple[str, str], ...]  # role, what the file calls it
    notes: tuple[str, ...]
    identity: Identity | None = None


def understand(source: Source, path: Path | None, asked: Asked) -> Understood:
    """Return what a source holds; DataError says which row, what was seen and what to type."""
    signs = signs_for(source, asked.decimal)
    given = parse_columns(asked.columns, source) if asked.columns else {}
    roles = find_roles(source, given, signs)
    kind = _kind(source, roles, asked)
    wanted = _wanted(source, roles, kind, asked)
    texts = {roles.place[role] for role in wanted if role in _TEXTS}
    doubles = {roles.place[role] for role in wanted if role in _NAMES}
    columns = read_columns(source, [roles.place[role] for role in wanted], texts, doubles)
    by_role = dict(zip(wanted, columns.arrays, strict=True))
    keep, symbol, notes = _of_symbol(source, path, by_role, asked, columns.where)
    reading = Reading(source, columns, signs)
    zone = asked.zone or (roles.layout.zone if roles.layout else None)
    rules = times.TimeRules(zone=zone, dayfirst=asked.dayfirst)
    ts = read_times(reading, by_role, rules)
    data = {"ts": ts} | {
        _NAMES[role]: read_numbers(reading, role, by_role[role])
        for role in wanted
        if role in _NAMES
    }
    if ColumnRole.CONFIRM in by_role and kind in (FileKind.BARS, FileKind.MARK):
        data["confirm"] = read_confirmed(by_role[ColumnRole.CONFIRM])
    table, more = _table(reading, data, keep)
    times.check_years(source.name, table.column("ts"), asked.now())
    table, made = _finish(reading, kind, table, asked)
    timeframe, judged = "", table
    if kind is not FileKind.FUNDING:
        found = sane.judge_bars(
            source.name,
            table,
            asked.timeframe,
            drop_unfinished=asked.drop_unfinished,
            closes=asked.closes,
            now_ms=asked.now(),
        )
        timeframe, judged, made = found.timeframe, found.table, (*made, *found.notes)
    if zone is None and is_naive(reading, by_role):
        notes = (*notes, "times carry no zone: taken as UTC; --tz says another")
    return Understood(
        name=source.name,
        kind=kind,
        symbol=symbol,
        timeframe=timeframe,
        table=judged,
        layout=roles.layout.name if roles.layout else "plain names",
        columns=tuple((str(role), source.called(roles.place[role])) for role in wanted),
        notes=(*roles.notes, *columns.notes, *notes, *more, *made),
        identity=_stated(source, path),
    )


_NAMES = {
    ColumnRole.OPEN: "open", ColumnRole.HIGH: "high", ColumnRole.LOW: "low", ColumnRole.CLOSE: "close",
    ColumnRole.VOLUME: "volume", ColumnRole.PRICE: "price", ColumnRole.SIZE: "size", ColumnRole.RATE: "funding_rate",
}  # fmt: skip


_TEXTS = (ColumnRole.DATE, ColumnRole.CLOCK, ColumnRole.SYMBOL, ColumnRole.CONFIRM)


def _kind(source: Source, roles: Roles, asked: Asked) -> FileKind:
    has = roles.place
    if roles.layout is not None and roles.layout.closes and not asked.closes:
        raise DataError(
            f"{source.name}: {roles.layout.name} tells bars by the time they close; bars are told by the time they "
            "open: --stamp close moves them"
        )
    if ColumnRole.RATE in has and ColumnRole.OPEN not in has:
        return FileKind.FUNDING
    if ColumnRole.PRICE in has and ColumnRole.OPEN not in has:
        return FileKind.TRADES
    missing = [str(role) for role in PRICES if role not in has]
    if missing:
        listed = ", ".join(source.names) or f"{source.width} columns without names"
        raise DataError(
            f"{source.name}: no column for {', '.join(f'`{m}`' for m in missing)}; the file has: {listed}. "
            "Say which is which: --columns ts,open,high,low,close,volume (by place) or open=NAME,…"
        )
    return FileKind.MARK if asked.is_mark else FileKind.BARS


def _wanted(source: Source, roles: Roles, kind: FileKind, asked: Asked) -> list[ColumnRole]:
    """Return the roles to read; DataError when the kind needs one that is not there."""
    has = roles.place
    when = [ColumnRole.TIME] if ColumnRole.TIME in has else [ColumnRole.DATE, ColumnRole.CLOCK]
    by_close = (
        ColumnRole.TIME not in has and ColumnRole.DATE not in has and ColumnRole.CLOSE_TIME in has
    )
    if by_close:
        when = [ColumnRole.CLOSE_TIME]
    if any(role not in has for role in when):
        listed = ", ".join(source.names) or f"{source.width} columns without names"
        raise DataError(
            f"{source.name}: no column of times; the file has: {listed}. Say which: --columns ts=NAME, or "
            "date=NAME,clock=NAME"
        )
    extra = [role for role in (ColumnRole.SYMBOL, ColumnRole.CONFIRM) if role in has]
    if kind is FileKind.FUNDING:
        return [*when, ColumnRole.RATE, *extra]
    if kind is FileKind.TRADES:
        if ColumnRole.SIZE not in has:
            raise DataError(f"{source.name}: trades without a size: --columns size=NAME,…")
        _refuse_contracts(source, roles, asked)
        if asked.timeframe is None:
            raise DataError(
                f"{source.name}: these are trades: --tf says into which bars, e.g. --tf 1m"
            )
        return [*when, ColumnRole.PRICE, ColumnRole.SIZE, *extra]
    wanted = [*when, *PRICES, *extra]
    if kind is FileKind.MARK or not asked.has_volume:
        return wanted
    if ColumnRole.VOLUME not in has:
        ticks = has.get(ColumnRole.TICKS)
        hint = (
            f"; {source.called(ticks)} counts price changes, no units: --columns volume={ticks + 1} takes it "
            "all the same"
            if ticks is not None
            else "; --columns volume=NAME names it"
        )
        raise DataError(
            f"{source.name}: no column of volume in base units{hint}, --no-volume reads without (fills "
            "that go by volume are refused then)"
        )
    return [*wanted, ColumnRole.VOLUME]


def _refuse_contracts(source: Source, roles: Roles, asked: Asked) -> None:
    """Raise DataError for trades whose sizes count contracts, unless the caller named the sizes."""
    pattern = roles.layout.contracts if roles.layout else ""
    if not pattern or ColumnRole.SYMBOL not in roles.place or "size=" in (asked.columns or ""):
        return
    symbol = next(
        (c for c in source.cells(roles.place[ColumnRole.SYMBOL]) if re.search(pattern, c)), None
    )
    if symbol is not None:
        size = source.called(roles.place[ColumnRole.SIZE])
        raise DataError(
            f"{source.name}: {size} of {symbol} counts contracts, no units of the base: bars of it would have a volume "
            f"in contracts. --columns size={size.strip('`')} takes it all the same"
        )


def _of_symbol(
    source: Source,
    path: Path | None,
    by_role: dict[ColumnRole, Any],
    asked: Asked,
    where: Callable[[int], str],
) -> tuple[Any, str, tuple[str, ...]]:
    """Return (mask of the rows to keep or None, symbol, sentences)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if source.ticker:
        if len(source.ticker) > 1:
            raise DataError(
                f"{source.name}: {len(source.ticker)} symbols side by side "
                f"({', '.join(source.ticker[:5])}): one series a file"
            )
        said = source.ticker[0]
        if asked.symbol and said.upper().endswith("-USD"):  # Yahoo has no pair in USDT to say
            said = said.split("-")[0]
        return None, *_one_symbol(source.name, said, asked)
    if ColumnRole.SYMBOL not in by_role:
        return _untold(source, path, asked)
    column = pc.cast(by_role[ColumnRole.SYMBOL], pa.string())
    cells = said_by(column)
    if not cells.words:
        return _untold(source, path, asked)
    clean = sorted({canonical(s) for s in cells.words})
    if len(clean) == 1:
        if cells.first_blank is not None:
            raise DataError(
                f"{source.name}: {where(cells.first_blank)}: the symbol is empty there and in {cells.blank:,} rows, the others "
                f"say {clean[0]}: fill the column or leave it out (--columns)"
            )
        return None, *_one_symbol(source.name, clean[0], asked)
    wanted = canonical(asked.alias or asked.symbol or "")
    if wanted not in clean:
        raise DataError(
            f"{source.name}: holds {len(clean)} symbols ({', '.join(clean[:8])}): --symbol says which"
        )
    raw = [s for s in cells.words if canonical(s) == wanted]
    notes = [f"rows of {wanted} alone"]
    if cells.blank:
        notes.append(f"{cells.blank:,} rows without a symbol left out")
    return pc.is_in(column, pa.array(raw)), str(asked.symbol), tuple(notes)


def _untold(source: Source, path: Path | None, asked: Asked) -> tuple[None, str, tuple[str, ...]]:
    """Return the same of a table in which no cell says its symbol."""
    told, by = _told(source, path)
    if not (asked.symbol or told):
        doubt = "" if path is None else hints_of(path.name).doubt
        why = f" ({doubt})" if doubt else ""
        raise DataError(f"{source.name}: nothing tells the symbol{why}: give --symbol")
    return None, asked.symbol or told, () if asked.symbol else (f"symbol {told} by {by}",)


def _told(source: Source, path: Path | None) -> tuple[str, str]:
    """Return the symbol of a file without a column of them, and what says it; empty for neither."""
    stated = _stated(source, path)
    if stated is not None and stated.symbol:
        return stated.symbol, "its own metadata"
    place = place_of(path) if path is not None else None
    if place is not None:
        return place.symbol, "the folder it lies in"
    return (from_name(path).symbol if path is not None else ""), "the file's name"


def _one_symbol(name: str, said: str, asked: Asked) -> tuple[str, tuple[str, ...]]:
    """Return (symbol, sentences) of a file that names one; DataError where a person means another."""
    found = canonical(said)
    if asked.symbol in (None, found):
        return found, ()
    symbol = str(asked.symbol)
    if is_called(found, symbol) or (asked.alias and is_called(found, asked.alias)):
        return symbol, (f"the file says {found}, stored as {symbol}",)
    raise DataError(
        f"{name}: is of {found} by what stands in it, not of {symbol}. If that is one instrument under two "
        f"names: ideacard data import … --symbol {found}={symbol}"
    )


def _stated(source: Source, path: Path | None) -> Identity | None:
    """Return what the metadata of a file we wrote say it is, wherever it lies now."""
    if source.table is None:
        return rates_identity(path) if path is not None and path.suffix == ".csv" else None
    return from_metadata(path or Path(source.name), source.table.schema.metadata)


def _table(reading: Reading, data: dict[str, Any], keep: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the columns as one table: rows of the symbol, without those that hold no number."""
    import pyarrow as pa

    table = pa.table({name: _flat(column) for name, column in data.items()})
    if keep is not None:
        table = table.filter(keep)
    names = tuple(name for name in table.column_names if name not in ("ts", "volume", "confirm"))
    table, notes = sane.drop_empty(table, names)
    if not table.num_rows:
        raise DataError(f"{reading.name}: the file holds no rows of data")

    return table, notes


def _flat(column: Any) -> Any:
    import pyarrow as pa

    return column if isinstance(column, (pa.ChunkedArray,)) else pa.chunked_array([column])


def _finish(
    reading: Reading, kind: FileKind, table: Any, asked: Asked
) -> tuple[Any, tuple[str, ...]]:
    """Return rows in order, trades as bars, without bars that the file itself calls open."""
    import pyarrow as pa

    if kind is FileKind.TRADES:
        return bars_of_trades(table, TIMEFRAMES[str(asked.timeframe)], reading.name)
    table, notes = sane.in_order(reading.name, table)
    if kind is FileKind.FUNDING:
        return table, notes
    if "volume" not in table.column_names:
        table = table.append_column("volume", pa.repeat(0.0, table.num_rows))
        if kind is FileKind.BARS:
            notes = (*notes, "without volume: every bar has volume 0")
    elif _all_zero(table.column("volume")):
        notes = (*notes, "every bar has volume 0: fills that go by volume will be refused")
    table, said = sane.without_open(reading.name, table)
    return table, (*notes, *said)


def _all_zero(column: Any) -> bool:
    import pyarrow.compute as pc

    return all((value or 0.0) == 0.0 for value in pc.min_max(column).as_py().values())


class HasBars(Protocol):
    """Bars as an Arrow table, and whose they are."""

    @property
    def symbol(self) -> str: ...
    @property
    def timeframe(self) -> str: ...
    @property
    def table(self) -> Any: ...


def to_frame(series: HasBars) -> Frame:
    """Return bars as a frame."""
    ts = array_of("q", series.table.column("ts"))
    columns = [array_of("d", series.table.column(name)) for name in sane.BAR_NAMES[1:]]
    return Frame(series.symbol, series.timeframe, TIMEFRAMES[series.timeframe], ts, *columns)
