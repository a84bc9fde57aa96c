"""Put together the feeds a compiled card needs, from one file or from a store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from compiler.graph.rule_graph import RuleGraph
from runtime.errors import DataError
from runtime.formulas.sums import whole
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.resample import resample
from runtime.market.store import (
    Loaded,
    StoredSeries,
    content_hash,
    find_series,
    list_series,
    load_bars,
    read_funding,
    slice_frame,
)
from runtime.market.timeframe import TIMEFRAMES, is_multiple


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to look and which part: times in ms UTC, [start, end). Side files are optional."""

    data: Path
    start: int | None = None
    end: int | None = None
    mark: Path | None = None
    funding: Path | None = None
    fine: Path | None = None


def assemble(graph: RuleGraph, wanted: Wanted, symbol: str | None = None) -> MarketData:
    """Return every feed of one run; DataError says what is missing and what was looked at.

    A file finer than the card's timeframe is resampled to it (and serves `intrabar: magnify`).
    What is absent but optional (mark prices, funding) is said in `notes`.
    """
    traded = symbol or graph.symbols[0]
    notes: list[str] = []
    if wanted.data.is_dir():
        exec_loaded, path = _from_store(wanted.data, traded, graph.timeframe)
    elif wanted.data.exists():
        exec_loaded, path = load_bars(wanted.data, traded), wanted.data
    else:
        raise DataError(f"{wanted.data}: no such file or store")
    base, raw = _fit(exec_loaded, graph.timeframe, path, notes)
    frame = slice_frame(base, wanted.start, wanted.end)
    # The store keeps made-up bars under the venue `synthetic`, and results must say so.
    made_up = wanted.data.is_dir() and path.parent.parent.name == "synthetic"
    data = MarketData(
        exec=frame, content_hash=content_hash(frame), source=path.stem, synthetic=made_up
    )
    if raw is not None:
        data.fine = slice_frame(raw, frame.ts[0], frame.close_time(len(frame) - 1))
    _add_side_feeds(data, graph, wanted, traded, notes)
    _add_other_frames(data, graph, wanted, traded)
    data.notes = tuple(notes)
    return data


def _from_store(store: Path, symbol: str, timeframe: str) -> tuple[Loaded, Path]:
    finer = sorted(
        (t for t in TIMEFRAMES if is_multiple(timeframe, t)), key=lambda t: -TIMEFRAMES[t]
    )
    series = find_series(store, symbol, finer)
    if series is None:
        held = ", ".join(f"{s.symbol} {s.timeframe}" for s in list_series(store)) or "nothing"
        raise DataError(
            f"{store}: no {symbol} bars of {timeframe} or finer; the store holds {held}. "
            f"Fetch them: ideacard data download {symbol} --tf {timeframe}"
        )
    return load_bars(series.path, symbol, series.timeframe), series.path


def _fit(
    loaded: Loaded, timeframe: str, path: Path, notes: list[str]
) -> tuple[Frame, Frame | None]:
    """Return the frame on the card's timeframe, and the finer one it was made from."""
    frame = loaded.frame
    if loaded.gaps:
        missing = whole(gap.missing for gap in loaded.gaps)
        notes.append(
            f"{missing} bars are missing in {len(loaded.gaps)} holes of {path.name}; "
            "nothing can fill inside a hole"
        )
    if frame.timeframe == timeframe:
        return frame, None
    if not is_multiple(timeframe, frame.timeframe) or TIMEFRAMES[timeframe] < frame.interval_ms:
        raise DataError(
            f"{path}: holds {frame.timeframe} bars; the card runs on {timeframe}, which cannot be "
            "built from them"
        )
    notes.append(f"{timeframe} bars were built from {frame.timeframe} bars of {path.name}")
    coarse = resample(frame, timeframe, TIMEFRAMES[timeframe])
    if not len(coarse):
        raise DataError(f"{path}: does not hold one whole {timeframe} bar")
    return coarse, frame


def _side_series(wanted: Wanted, symbol: str, name: str) -> Path | None:
    """Return a side file of the store's symbol folder by its stem, if there is a store."""
    if not wanted.data.is_dir():
        return None
    found = sorted(wanted.data.glob(f"*/{symbol}/{name}"), key=lambda p: p.name)
    return found[0] if found else None


def _add_side_feeds(
    data: MarketData, graph: RuleGraph, wanted: Wanted, symbol: str, notes: list[str]
) -> None:
    mark = wanted.mark or _side_series(wanted, symbol, "mark_*.parquet")
    if mark is not None:
        loaded = load_bars(mark, symbol, has_volume=False)
        data.mark = _inside(loaded.frame, data.exec, mark)
    else:
        notes.append("no mark-price series: liquidation and mark_price use last prices")
    funding = wanted.funding or _side_series(wanted, symbol, "funding.csv")
    if funding is not None:
        data.funding = read_funding(funding)
    else:
        notes.append("no funding series: funding is not part of this result")
    if wanted.fine is not None:
        fine = load_bars(wanted.fine, symbol).frame
        if not is_multiple(graph.timeframe, fine.timeframe):
            raise DataError(f"{wanted.fine}: {fine.timeframe} bars do not divide {graph.timeframe}")
        data.fine = _inside(fine, data.exec, wanted.fine)


def _inside(frame: Frame, around: Frame, path: Path) -> Frame:
    """Return the part of a side feed that overlaps the run; DataError when nothing does."""
    # One coarse bar more at the front: it may cover the first exec bars.
    start = around.ts[0] - frame.interval_ms + 1
    try:
        return slice_frame(frame, start, around.close_time(len(around) - 1))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _add_other_frames(data: MarketData, graph: RuleGraph, wanted: Wanted, symbol: str) -> None:
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
        loaded, path = _from_store(wanted.data, other, timeframe)
        frame, _raw = _fit(loaded, timeframe, path, [])
        data.frames[other, timeframe] = frame


def retarget(graph: RuleGraph, symbol: str) -> RuleGraph:
    """Return the graph with features of its first symbol moved to another one (symbol_universe)."""
    first = graph.symbols[0]
    features = tuple(replace(f, symbol=symbol) if f.symbol == first else f for f in graph.features)
    return replace(graph, features=features, symbols=(symbol, *graph.symbols[1:]))


__all__ = ["StoredSeries", "Wanted", "assemble", "retarget"]
