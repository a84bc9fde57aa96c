"""Is what was read what it seems? Order, spacing, unfinished bars, close times, names against rows.

The law: nothing is repaired silently. What is certain is put right and said (newest first, empty
rows, bars the file itself calls unfinished); everything else is refused with what to type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runtime.errors import DataError
from runtime.market.checks import MAX_LISTED, find_problems, guess_interval, utc
from runtime.market.timeframe import MONTH, TIMEFRAMES, bucket_open, normalise
from runtime.market.whole_columns import column_rises, pieces

PRICE_NAMES = ("open", "high", "low", "close")
BAR_NAMES = ("ts", *PRICE_NAMES, "volume")
_IN_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:(\d{1,3})[ _]?(m|min|h|d|w)|(M|H|D|W)(\d{1,2}))(?![A-Za-z0-9])", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A table of bars (columns `BAR_NAMES`) in order, its spacing in ms, and what is to be said."""

    table: Any
    interval: int
    timeframe: str
    notes: tuple[str, ...]


def drop_empty(table: Any, names: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    """Return the table without rows that hold no number at all, and a sentence if there were any."""
    import pyarrow.compute as pc

    empty = pc.is_null(table.column(names[0]), nan_is_null=True)
    # COST: most tables have a number in the first column of every row.
    if not pc.any(empty).as_py():
        return table, ()
    for name in names[1:]:
        empty = pc.and_(empty, pc.is_null(table.column(name), nan_is_null=True))
    count = pc.sum(empty).as_py() or 0
    if not count:
        return table, ()
    first = utc(table.filter(empty).column("ts")[0].as_py())
    rows = "row without prices was" if count == 1 else "rows without prices were"
    return table.filter(pc.invert(empty)), (f"{count} {rows} left out (first: {first})",)


def in_order(name: str, table: Any) -> tuple[Any, tuple[str, ...]]:
    """Return rows by time, equal twins once; DataError where two bars of one time differ."""
    import pyarrow.compute as pc

    ts = table.column("ts")
    if column_rises(ts):
        return table, ()
    newest_first = column_rises(ts[::-1])
    order = pc.sort_indices(table, sort_keys=[("ts", "ascending")])
    said = "newest first: turned" if newest_first else "rows were not in the order of time: sorted"
    return _without_twins(name, table.take(order), (said,))


def _without_twins(name: str, table: Any, notes: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    ts = table.column("ts")
    if len(ts) < 2:
        return table, notes
    same = pc.equal(ts[1:], ts[:-1])
    if not pc.any(same).as_py():
        return table, notes
    rows = [i + 1 for i, twin in enumerate(same.to_pylist()) if twin]
    for row in rows:
        one, two = (
            [table.column(c)[r].as_py() for c in table.column_names] for r in (row - 1, row)
        )
        if one != two:
            raise DataError(
                f"{name}: {utc(ts[row].as_py())} occurs twice with different bars: "
                f"{_shown(one)} and {_shown(two)}. Local times repeat when clocks go back: "
                "--tz ZONE tells them apart; two symbols in one file need a column that names them"
            )
    keep = [True, *(not twin for twin in same.to_pylist())]
    return (
        table.filter(pa.array(keep)),
        (*notes, f"{len(rows)} bars stood there twice, equal: kept once"),
    )


def _shown(bar: list[Any]) -> str:
    return " ".join(f"{value:g}" for value in bar[1:])


def without_open(name: str, table: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the bars without the last one where the file says it is not over yet."""
    import pyarrow.compute as pc

    if "confirm" not in table.column_names:
        return table, ()
    confirm = table.column("confirm")
    bars = table.drop_columns(["confirm"])
    count = len(confirm) - int(pc.sum(confirm).as_py())
    if not count:
        return bars, ()
    when = utc(bars.column("ts")[bars.num_rows - 1].as_py())
    if count > 1 or confirm[len(confirm) - 1].as_py() != 0.0:
        raise DataError(f"{name}: {count} bars are called unfinished, not the last one alone")
    return bars.slice(0, bars.num_rows - 1), (f"the last bar ({when}) is unfinished: left out",)


def judge_bars(
    name: str,
    table: Any,
    timeframe: str | None,
    *,
    drop_unfinished: bool,
    closes: bool,
    now_ms: int,
) -> Judged:
    """Return bars fit to be stored; DataError names the time and what to type.

    `closes`: the times are those at which bars close (`--stamp close`).
    """
    notes: list[str] = []
    head = table.column("ts").slice(0, 5_000).to_pylist()
    interval = TIMEFRAMES[timeframe] if timeframe else guess_interval(head)
    if interval == 0:
        raise DataError(f"{name}: a single bar tells no timeframe: give --tf")
    if closes:
        table = _stamped(table, interval)
    else:
        _refuse_close_times(name, table, interval)
    table = _unfinished(name, table, interval, drop_unfinished, now_ms, notes)
    known = next((word for word, ms in TIMEFRAMES.items() if ms == interval), None)
    if known is None:
        raise DataError(
            f"{name}: bars are {_span(interval)} apart, which is no timeframe; known: "
            f"{' '.join(TIMEFRAMES)}. Trades need --tf to become bars"
        )
    _against_name(name, known, timeframe, interval)
    _fit(name, table, interval)
    shift = table.column("ts")[0].as_py() - bucket_open(table.column("ts")[0].as_py(), interval)
    if shift:
        notes.append(
            f"bars open {_span(shift)} after the grid of {known} (first at "
            f"{utc(table.column('ts')[0].as_py())}): kept as they are"
        )
    return Judged(table=table, interval=interval, timeframe=known, notes=tuple(notes))


def _span(ms: int) -> str:
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")):
        if ms % size == 0:
            return f"{ms // size} {unit}"
    return f"{ms} ms"


def _stamped(table: Any, interval: int) -> Any:
    """Return bars stamped by their close moved to their open (a close of 00:59:59.999 counts as 01:00)."""
    import pyarrow.compute as pc

    ts = table.column("ts")
    rest = ts[0].as_py() % interval
    early = interval - rest if rest >= interval - 1000 else 0
    return table.set_column(0, "ts", pc.subtract(pc.add(ts, early), interval))


def _refuse_close_times(name: str, table: Any, interval: int) -> None:
    first = table.column("ts")[0].as_py()
    if table.num_rows > 1 and interval > 60_000 and first % 60_000 in (59_999, 59_000):
        raise DataError(
            f"{name}: times such as {utc(first)} + {first % 1000} ms are those at which bars close; "
            "bars are told by the time they open: --stamp close moves them"
        )


def _unfinished(
    name: str, table: Any, interval: int, drop: bool, now_ms: int, notes: list[str]
) -> Any:
    """Return the bars without a last one that is not over; DataError unless dropping was asked for."""
    ts = table.column("ts")
    last = ts[len(ts) - 1].as_py()
    off_grid = len(ts) > 1 and (last - ts[len(ts) - 2].as_py()) % interval != 0
    early = len(ts) > 2 and (ts[len(ts) - 2].as_py() - ts[0].as_py()) % interval == 0 and off_grid
    if last + interval <= now_ms and not early:
        return table
    why = (
        f"closes at {utc(last + interval)}, which is not over"
        if last + interval > now_ms
        else f"is stamped {utc(last)}, off the grid of the others"
    )
    if not drop:
        raise DataError(
            f"{name}: the last bar {why}: an unfinished bar. --drop-unfinished leaves it out"
        )
    notes.append(f"the last bar {why}: left out")
    return table.slice(0, table.num_rows - 1)


def _against_name(name: str, known: str, given: str | None, interval: int) -> None:
    """Raise DataError where a file's name says another timeframe than the spacing of its rows."""
    if given is not None:
        return
    stem = re.split(r"[/\\]", name)[-1].rsplit(".", 1)[0]
    words = [f"{m[1]}{m[2][0]}" if m[1] else f"{m[4]}{m[3]}" for m in _IN_NAME.finditer(stem)]
    said = {word if word == MONTH else normalise(word) for word in words} - {None}
    if said and known not in said:
        month = " (a month)" if MONTH in said else ""
        raise DataError(
            f"{name}: its name says {', '.join(sorted(str(s) for s in said))}{month}, its rows are {known} apart: "
            f"--tf {known} if the rows are right"
        )


def _fit(name: str, table: Any, interval: int) -> None:
    """Raise DataError for bars that cannot be traded on, with the first places."""
    if _is_fit(table, interval):
        return
    columns = [table.column(c).to_pylist() for c in BAR_NAMES]
    problems = find_problems(columns[0], columns[1:], interval)
    if not problems:
        return
    shown = "\n  ".join(f"{utc(p.ts)}: {p.text}" for p in problems[:MAX_LISTED])
    more = f"\n  … and {len(problems) - MAX_LISTED} more" if len(problems) > MAX_LISTED else ""
    steps = {b - a for a, b in zip(columns[0], columns[0][1:], strict=False)}
    hint = ""
    if interval == TIMEFRAMES["1d"] and {82_800_000, 90_000_000} & steps:
        hint = (
            "\n  days of 23 and 25 hours are days of a place with summer time: bars here are days of "
            "UTC; import the hourly bars of this market instead"
        )
    raise DataError(f"{name}: not fit to trade on:\n  {shown}{more}{hint}")


def _is_fit(table: Any, interval: int) -> bool:
    """Return whether all bars are sane, by whole columns. COST: `find_problems` goes row by row."""
    table = table.select(BAR_NAMES)
    if any(column.null_count for column in table.columns) or not column_rises(table.column("ts")):
        return False
    phase = table.column("ts")[0].as_py() % interval
    return all(_are_fit(piece, interval, phase) for piece in pieces(table))


def _are_fit(table: Any, interval: int, phase: int) -> bool:
    """Return whether the bars of a piece are sane and stand `phase` ms after a multiple of the interval."""
    import pyarrow.compute as pc

    ts, open_, high, low, close, volume = (table.column(c) for c in BAR_NAMES)
    # Integers divide towards zero: times are after 1970.
    on_grid = pc.equal(pc.subtract(ts, pc.multiply(pc.divide(ts, interval), interval)), phase)
    tests: tuple[Callable[[], Any], ...] = (
        lambda: on_grid,
        lambda: pc.and_(pc.greater(low, 0.0), pc.greater_equal(volume, 0.0)),
        lambda: pc.and_(pc.less_equal(low, open_), pc.less_equal(low, close)),
        lambda: pc.and_(pc.greater_equal(high, open_), pc.greater_equal(high, close)),
        lambda: pc.and_(pc.is_finite(high), pc.is_finite(volume)),
    )
    return all(bool(pc.all(test()).as_py()) for test in tests)
