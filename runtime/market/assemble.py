"""Put together the feeds a compiled card needs, from one file or from a store.

The law: what the bars are, where each side series came from and what is missing is said in the
result; nothing is taken for something else.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from pathlib import Path

from compiler.catalog.settings import Intrabar
from compiler.graph.rule_graph import ExecutionSettings, RuleGraph
from runtime.errors import DataError
from runtime.market.agreement import Wanted, agreed
from runtime.market.alike import are_one, find_leaps
from runtime.market.bar_files import Loaded, content_hash, identity_of, load_bars, slice_frame
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import Market
from runtime.market.rates import FUNDING_FILE
from runtime.market.resample import resample
from runtime.market.sides import SideFiles, add_sides, say_holes
from runtime.market.store import (
    Request,
    StoredSeries,
    choose_series,
    list_series,
    mark_files,
    side_file,
)
from runtime.market.timeframe import TIMEFRAMES, is_multiple

_SHOWN = 3  # leaps of the price


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
    notes += _odd_bars(data)
    add_sides(data, _side_files(wanted, series, graph.timeframe), notes)
    _walk_through(data, graph.settings.execution, notes)
    _add_other_frames(data, graph, wanted, series, notes)
    data.notes = tuple(notes)
    return data


def _walk_through(data: MarketData, asked: ExecutionSettings, notes: list[str]) -> None:
    """Bring the finer bars to `execution.magnify_tf`; DataError where they are coarser than it."""
    tf, fine = asked.magnify_tf, data.fine
    if asked.intrabar is not Intrabar.MAGNIFY or tf is None or fine is None:
        return
    if TIMEFRAMES[tf] >= data.exec.interval_ms:
        raise DataError(
            f"`execution.magnify_tf` is {tf}, which is no finer than {data.exec.timeframe}"
        )
    if fine.timeframe == tf:
        return
    if not is_multiple(tf, fine.timeframe):
        raise DataError(
            f"the finer bars are of {fine.timeframe}; the card walks through {tf} "
            "(`execution.magnify_tf`), which cannot be built from them"
        )
    data.fine = resample(fine, tf, TIMEFRAMES[tf])
    notes.append(f"the finer bars of {fine.timeframe} are walked through as {tf} (`magnify_tf`)")


def _odd_bars(data: MarketData) -> list[str]:
    """Return what the bars themselves say against being one linear contract's."""
    leaps = find_leaps(data.exec)
    notes = [str(leap) for leap in leaps[:_SHOWN]]
    if len(leaps) > _SHOWN:
        notes.append(f"… and {len(leaps) - _SHOWN:,} more leaps of the price")
    if data.identity is not None and data.identity.market is Market.INVERSE:
        notes.append(
            "the bars are of an inverse contract, which is settled in the coin: sizes, profits and "
            "liquidation here are those of a linear one at its prices"
        )
    return notes


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
    identity = agreed(wanted, identity_of(wanted.data), symbol, notes)
    loaded = load_bars(wanted.data, symbol)
    known = replace(identity, symbol=symbol, timeframe=loaded.frame.timeframe)
    return loaded, StoredSeries(wanted.data, known)


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
    say_holes(loaded, f"{frame.symbol} {frame.timeframe}", notes)
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


# ---------------------------------------------------------------- what stands beside it


def _side_files(wanted: Wanted, series: StoredSeries, timeframe: str) -> SideFiles:
    """Return the side files a person named, else those of a store that lie with the bars."""
    named = () if wanted.mark is None else (wanted.mark,)
    if not wanted.data.is_dir():
        return SideFiles(marks=named, funding=wanted.funding, fine=wanted.fine)
    return SideFiles(
        marks=named or mark_files(series, timeframe),
        funding=wanted.funding or side_file(series, FUNDING_FILE),
        fine=wanted.fine,
    )


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
        frame, _raw = _fit(loaded, timeframe, found.path, notes)
        if are_one(frame, data.exec):
            raise DataError(
                f"{found.path}: holds the very bars that are traded as {symbol}: one of the two is not what "
                "it is stored as (`ideacard data synth` once made the same bars of every symbol: make one of the two anew)"
            )
        data.frames[other, timeframe] = frame


__all__ = ["Wanted", "assemble"]
