"""Put together the feeds a compiled card needs, from one file or from a store.

The law: what the bars are, where each side series came from and what is missing is said in the
result; nothing is taken for something else.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.graph.rule_graph import RuleGraph
from runtime.errors import DataError
from runtime.formulas.sums import whole
from runtime.market.bar_files import (
    Loaded,
    content_hash,
    identity_of,
    load_bars,
    read_funding,
    slice_frame,
)
from runtime.market.checks import guess_interval, utc
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import Identity, Market, Stated
from runtime.market.plausible import check_funding, check_mark, is_last
from runtime.market.resample import resample
from runtime.market.store import Request, StoredSeries, choose_series, list_series, side_file
from runtime.market.timeframe import TIMEFRAMES, is_multiple


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to look and which part: times in ms UTC, [start, end). Side files are optional.

    Bars before `start` warm up what the card reads, unless `cold`. `venue` and `market` tell two
    series of one symbol apart. `symbol_given` means that a person named the symbol of the bars.
    """

    data: Path
    start: int | None = None
    end: int | None = None
    mark: Path | None = None
    funding: Path | None = None
    fine: Path | None = None
    venue: str | None = None
    market: Market | None = None
    cold: bool = False
    symbol_given: bool = False


def assemble(graph: RuleGraph, wanted: Wanted, symbol: str | None = None) -> MarketData:
    """Return every feed of one run; DataError says what is missing and what was looked at.

    A file finer than the card's timeframe is resampled to it (and serves `intrabar: magnify`).
    What is absent but optional (mark prices, funding) is said in `notes`.
    """
    traded = symbol or graph.symbols[0]
    notes: list[str] = []
    loaded, series = _exec_series(wanted, traded, graph.timeframe, notes)
    base, raw = _fit(loaded, graph.timeframe, series.path, notes)
    frame = slice_frame(base, wanted.start if wanted.cold else None, wanted.end)
    data = MarketData(
        exec=frame,
        content_hash=loaded.content_hash if frame is loaded.frame else content_hash(frame),
        source=series.path.stem,
        synthetic=series.identity.is_made_up,
        identity=series.identity,
        first=_first_row(frame, wanted.start),
    )
    if raw is not None:
        data.fine = slice_frame(raw, frame.ts[0], frame.close_time(len(frame) - 1))
    _add_side_feeds(data, graph, wanted, series, notes)
    _add_other_frames(data, graph, wanted, series, notes)
    data.notes = tuple(notes)
    return data


def _first_row(frame: Frame, start: int | None) -> int:
    """Return the row of the first bar that opens at or after a time; DataError when there is none."""
    if start is None:
        return 0
    slice_frame(frame, start, None)
    return bisect_left(frame.ts, start)


# ---------------------------------------------------------------- the traded series


def _exec_series(
    wanted: Wanted, symbol: str, timeframe: str, notes: list[str]
) -> tuple[Loaded, StoredSeries]:
    if wanted.data.is_dir():
        return _from_store(wanted, symbol, timeframe)
    if not wanted.data.exists():
        raise DataError(f"{wanted.data}: no such file or store")
    identity = identity_of(wanted.data)
    _agree(wanted, identity, symbol, notes)
    loaded = load_bars(wanted.data, symbol)
    known = replace(identity, symbol=symbol, timeframe=loaded.frame.timeframe)
    return loaded, StoredSeries(wanted.data, known)


def _agree(wanted: Wanted, identity: Identity, symbol: str, notes: list[str]) -> None:
    """Refuse a file that holds another symbol than the one traded; say what had to be concluded."""
    path, held = wanted.data, identity.symbol
    if not held:
        notes.append(f"nothing in {path.name} says which symbol it holds; taken for {symbol}")
    elif held != symbol:
        if identity.stated is Stated.NAME and wanted.symbol_given:
            notes.append(f"the name of {path.name} says {held}; you said {symbol}")
            return
        raise DataError(
            f"{path}: holds {held} ({identity.stated} says so), the run is of {symbol}. "
            f"To trade the card on it: --symbol {held}"
        )
    elif identity.stated is Stated.NAME:
        notes.append(f"{path.name} is taken for {symbol} by its name alone")


def _from_store(wanted: Wanted, symbol: str, timeframe: str) -> tuple[Loaded, StoredSeries]:
    finer = sorted(
        (t for t in TIMEFRAMES if is_multiple(timeframe, t)), key=lambda t: -TIMEFRAMES[t]
    )
    store = wanted.data
    request = Request(symbol=symbol, timeframes=finer, venue=wanted.venue, market=wanted.market)
    series = choose_series(store, request)
    if series is None:
        held = ", ".join(f"{s.identity.name} {s.timeframe}" for s in list_series(store))
        raise DataError(
            f"{store}: no {symbol} bars of {timeframe} or finer; the store holds "
            f"{held or 'nothing'}. Fetch them: ideacard data download {symbol} --tf {timeframe}"
        )
    return load_bars(series.path, symbol, series.timeframe), series


def _fit(
    loaded: Loaded, timeframe: str, path: Path, notes: list[str]
) -> tuple[Frame, Frame | None]:
    """Return the frame on the card's timeframe, and the finer one it was made from."""
    frame = loaded.frame
    _say_holes(loaded, f"{frame.symbol} {frame.timeframe}", notes)
    if frame.timeframe == timeframe:
        return frame, None
    if not is_multiple(timeframe, frame.timeframe) or TIMEFRAMES[timeframe] < frame.interval_ms:
        raise DataError(
            f"{path}: holds {frame.timeframe} bars; the card runs on {timeframe}, which cannot be "
            "built from them"
        )
    notes.append(
        f"{timeframe} bars of {frame.symbol} were built from {frame.timeframe} bars of {path.name}"
    )
    coarse = resample(frame, timeframe, TIMEFRAMES[timeframe])
    if not len(coarse):
        raise DataError(f"{path}: does not hold one whole {timeframe} bar")
    return coarse, frame


def _say_holes(
    loaded: Loaded, what: str, notes: list[str], meaning: str = "nothing can fill inside a hole"
) -> None:
    """Note the missing bars of a feed, and the bars in which nothing was traded."""
    if loaded.gaps:
        missing = whole(gap.missing for gap in loaded.gaps)
        holes = "1 hole" if len(loaded.gaps) == 1 else f"{len(loaded.gaps):,} holes"
        notes.append(f"{missing:,} bars of {what} are missing in {holes}; {meaning}")
    quiet = loaded.frame.volume.count(0.0) if loaded.has_volume else 0
    if quiet:
        notes.append(f"{quiet:,} bars of {what} had no volume; nothing can fill in them")


# ---------------------------------------------------------------- what stands beside it


def _add_side_feeds(
    data: MarketData, graph: RuleGraph, wanted: Wanted, series: StoredSeries, notes: list[str]
) -> None:
    symbol, is_store = data.exec.symbol, wanted.data.is_dir()
    mark = wanted.mark or (side_file(series, "mark_*.parquet") if is_store else None)
    if mark is not None:
        loaded = load_bars(mark, symbol, has_volume=False)
        data.mark = _inside(loaded.frame, data.exec, mark)
        if not check_mark(data.mark, data.exec, str(mark)):
            notes.append(
                "no mark price closes with a bar: whether they belong together is not known"
            )
        elif is_last(data.mark, data.exec):
            notes.append(
                f"the mark prices of {mark.name} are the traded prices themselves: liquidation and "
                "funding are as without a mark series"
            )
        _say_holes(loaded, "mark prices", notes, "there, traded prices stand in for them")
        _say_cover("mark prices", data.exec, data.mark.ts[0], data.mark.close_time(-1), notes)
        _take_side(data, "mark prices", mark, identity_of(mark), notes)
    else:
        notes.append("no mark-price series: liquidation and mark_price use last prices")
    funding = wanted.funding or (side_file(series, "funding.csv") if is_store else None)
    if funding is not None:
        data.funding = read_funding(funding)
        check_funding(data.funding, str(funding))
        _say_funding_cover(data, notes)
        _take_side(data, "funding", funding, _place_of(funding), notes)
    else:
        notes.append("no funding series: funding is not part of this result")
    if wanted.fine is not None:
        loaded = load_bars(wanted.fine, symbol)
        if not is_multiple(graph.timeframe, loaded.frame.timeframe):
            raise DataError(
                f"{wanted.fine}: {loaded.frame.timeframe} bars do not divide {graph.timeframe}"
            )
        data.fine = _inside(loaded.frame, data.exec, wanted.fine)
        _say_holes(loaded, f"the finer {loaded.frame.timeframe} feed", notes)
        _take_side(data, "finer bars", wanted.fine, identity_of(wanted.fine), notes)


def _say_cover(what: str, bars: Frame, start: int, end: int, notes: list[str]) -> None:
    """Note the part of a run for which a side series says nothing; times in ms, [start, end)."""
    outside = sum(1 for ts in bars.ts if ts < start or ts + bars.interval_ms > end)
    if outside:
        notes.append(
            f"{what} cover {utc(start)} to {utc(end)} only: {outside:,} of {len(bars):,} bars have none"
        )


def _say_funding_cover(data: MarketData, notes: list[str]) -> None:
    """Note the part of a run outside the funding series: there, nothing is charged."""
    assert data.funding is not None
    times = data.funding.ts
    if not times:
        notes.append("the funding series is empty: funding is not part of this result")
        return
    step = guess_interval(times) or 8 * 3_600_000
    _say_cover("funding rates", data.exec, times[0] - step, times[-1] + step, notes)


def _place_of(path: Path) -> Identity | None:
    """Return what the folder of a side file says: a funding file has no metadata."""
    beside = sorted(path.parent.glob("*.parquet"))
    return identity_of(beside[0]) if beside and path.name == "funding.csv" else None


def _take_side(
    data: MarketData, what: str, path: Path, identity: Identity | None, notes: list[str]
) -> None:
    """Note where a side series came from. One that is made up makes the whole run made up."""
    bars = data.identity
    data.sides[what] = path.name if identity is None else f"{identity.name} ({path.name})"
    if identity is None or bars is None:
        return
    if identity.is_made_up and not data.synthetic:
        data.synthetic = True
        notes.append(f"the {what} of {path.name} are made up, so the run is")
    elif identity.stated is not Stated.NAME and identity.symbol not in ("", data.exec.symbol):
        raise DataError(f"{path}: holds {identity.symbol}, the bars are {data.exec.symbol}")
    elif identity.stated is Stated.METADATA and identity.venue != bars.venue:
        notes.append(f"the {what} are of {identity.venue}, the bars of {bars.venue}")


def _inside(frame: Frame, around: Frame, path: Path) -> Frame:
    """Return the part of a side feed that overlaps the run; DataError when nothing does."""
    # One coarse bar more at the front: it may cover the first exec bars.
    start = around.ts[0] - frame.interval_ms + 1
    try:
        return slice_frame(frame, start, around.close_time(len(around) - 1))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _add_other_frames(
    data: MarketData, graph: RuleGraph, wanted: Wanted, series: StoredSeries, notes: list[str]
) -> None:
    symbol = data.exec.symbol
    needed = sorted(
        {(f.symbol, f.timeframe) for f in graph.features if f.symbol not in ("", symbol)}
        - {(symbol, graph.timeframe)}
    )
    for other, timeframe in needed:
        if other in graph.symbols[:1] and symbol != graph.symbols[0]:
            continue
        if not wanted.data.is_dir():
            raise DataError(
                f"the card reads {other} {timeframe}, but --data is one file; "
                "give a store that holds both (see: ideacard data import)"
            )
        beside = replace(wanted, venue=series.venue, market=series.identity.market)
        loaded, found = _from_store(beside, other, timeframe)
        data.frames[other, timeframe], _raw = _fit(loaded, timeframe, found.path, notes)


def retarget(graph: RuleGraph, symbol: str) -> RuleGraph:
    """Return the graph with features of its first symbol moved to another one (symbol_universe)."""
    first = graph.symbols[0]
    features = tuple(replace(f, symbol=symbol) if f.symbol == first else f for f in graph.features)
    return replace(graph, features=features, symbols=(symbol, *graph.symbols[1:]))


__all__ = ["Wanted", "assemble", "retarget"]
