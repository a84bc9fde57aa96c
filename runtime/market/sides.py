"""What stands beside the bars of a run: mark prices, funding, finer bars; each held against them.

The law: a side series is of the symbol that is traded, on its clock and in its scale, or it is refused; where
nothing says whose it is, the result says so. One that is made up makes the run made up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from runtime.errors import DataError
from runtime.formulas.sums import whole
from runtime.market.agreement import refuse_no_marks, refuse_no_trades
from runtime.market.alike import check_fine, check_marks
from runtime.market.bar_files import Loaded, identity_of, load_bars, read_funding, slice_frame
from runtime.market.checks import guess_interval, utc
from runtime.market.data import MarketData, SideSeries
from runtime.market.file_names import hints_of
from runtime.market.frame import Frame
from runtime.market.identity import UNKNOWN_VENUE, DataOrigin, Identity, Market, Stated
from runtime.market.plausible import check_funding, is_last, odd_settlements
from runtime.market.timeframe import is_multiple
from runtime.market.whose import is_called


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFiles:
    """Files of a run beside its bars; None where there is none. Of `marks` the first that fits is taken."""

    marks: tuple[Path, ...]
    funding: Path | None
    fine: Path | None


def add_sides(data: MarketData, files: SideFiles, notes: list[str]) -> None:
    """Load the side series of a run into `data`; DataError for one that is not of its bars."""
    if files.marks:
        _add_marks(data, _fitting_marks(data, files.marks, notes), notes)
    else:
        notes.append("no mark-price series: liquidation and mark_price use last prices")
    if files.funding is not None:
        _add_funding(data, files.funding, notes)
    else:
        notes.append("no funding series: funding is not part of this result")
    if files.fine is not None:
        _add_fine(data, files.fine, notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """A mark series that is not known to be another's; `outside`: bars of the run that it does not cover."""

    path: Path
    identity: Identity
    loaded: Loaded
    frame: Frame
    is_compared: bool
    outside: int


def _fitting_marks(data: MarketData, paths: tuple[Path, ...], notes: list[str]) -> _Marks:
    """Return the first series that covers the run, else the one that covers most; those of others are passed over.

    DataError, that of the first, where all are of other bars.
    """
    best: _Marks | None = None
    refused: list[tuple[Path, DataError]] = []
    for path in paths:
        try:
            read = _read_marks(data, path)
        except DataError as error:
            refused.append((path, error))
            continue
        if best is None or read.outside < best.outside:
            best = read
        if not best.outside:
            break
    if best is None:
        raise refused[0][1]
    notes += [f"{path.name} was passed over for {best.path.name}: {why}" for path, why in refused]
    return best


def _read_marks(data: MarketData, path: Path) -> _Marks:
    identity = identity_of(path)
    _refuse_other(data, "mark prices", path, identity)
    refuse_no_marks(path, identity)
    loaded = load_bars(path, data.exec.symbol, has_volume=False)
    frame = _inside(loaded.frame, data.exec, path)
    return _Marks(
        path=path,
        identity=identity,
        loaded=loaded,
        frame=frame,
        is_compared=check_marks(frame, data.exec, str(path)),
        outside=_outside(data.exec, frame.ts[0], frame.close_time(-1)),
    )


def _add_marks(data: MarketData, marks: _Marks, notes: list[str]) -> None:
    path, loaded = marks.path, marks.loaded
    data.mark = marks.frame
    if not marks.is_compared:
        notes.append("no mark price closes with a bar: whether they belong together is not known")
    elif is_last(data.mark, data.exec):
        notes.append(
            f"the mark prices of {path.name} are the traded prices themselves: liquidation and "
            "funding are as without a mark series"
        )
    say_holes(loaded, "mark prices", notes, "there, traded prices stand in for them")
    _say_cover("mark prices", data.exec, data.mark.ts[0], data.mark.close_time(-1), notes)
    _take_side(data, "mark prices", path, marks.identity, notes)


def _add_funding(data: MarketData, path: Path, notes: list[str]) -> None:
    identity = identity_of(path)
    _refuse_other(data, "funding", path, identity)
    identity = _hold_beside(data, path, identity, notes)
    data.funding = read_funding(path)
    check_funding(data.funding, str(path))
    _say_funding_cover(data, notes)
    odd = odd_settlements(data.funding)
    if odd is not None:
        notes.append(f"{path.name}: {odd}")
    if data.identity is not None and data.identity.market is Market.SPOT:
        notes.append(
            f"a spot market pays no funding: the rates of {path.name} are another market's"
        )
    _take_side(data, "funding", path, identity, notes)


def _add_fine(data: MarketData, path: Path, notes: list[str]) -> None:
    identity = identity_of(path)
    _refuse_other(data, "finer bars", path, identity)
    refuse_no_trades(path, identity)
    loaded = load_bars(path, data.exec.symbol)
    if not is_multiple(data.exec.timeframe, loaded.frame.timeframe):
        raise DataError(
            f"{path}: {loaded.frame.timeframe} bars do not divide {data.exec.timeframe}"
        )
    if loaded.frame.timeframe == data.exec.timeframe:
        raise DataError(
            f"{path}: {loaded.frame.timeframe} bars are no finer than the bars of the card: there is "
            "nothing in them of the way inside a bar"
        )
    data.fine = _inside(loaded.frame, data.exec, path)
    notes += check_fine(data.fine, data.exec, str(path))
    say_holes(loaded, f"the finer {loaded.frame.timeframe} feed", notes)
    _take_side(data, "finer bars", path, identity, notes)


def _hold_beside(data: MarketData, path: Path, identity: Identity, notes: list[str]) -> Identity:
    """Return what is known of a file of rates once the bars in its folder are heard.

    They lend it no name: anything may lie in one folder. They only take from it: rates beside made-up bars are
    made up, and a folder whose bars say they are another series is no place that tells.
    """
    beside = _bars_beside(path) if path.stem == "funding" else []
    if any(other.is_made_up for _, other in beside):
        identity = replace(identity, origin=DataOrigin.MADE_UP)
    if identity.stated is not Stated.PLACE:
        return identity
    for name, other in beside:
        said = f"{path.name} lies where {identity.name} belongs, {name} beside it says it is {other.name}"
        if other.symbol != identity.symbol:
            raise DataError(
                f"{path}: {said}: whose rates these are is not known. Give the funding of "
                f"{data.exec.symbol} from a folder of its own"
            )
        if other.venue != UNKNOWN_VENUE and other.name != identity.name:
            notes.append(f"{said}: of which market the rates are is not known")
            return replace(identity, venue=UNKNOWN_VENUE, market=Market.OTHER, stated=Stated.NAME)
    return identity


def _bars_beside(path: Path) -> list[tuple[str, Identity]]:
    """Return (name, identity) of every other file in a folder that says itself which series it is."""
    files = [other for other in sorted(path.parent.glob("*.parquet")) if other != path]
    found = [(other.name, identity_of(other)) for other in files]
    return [(name, known) for name, known in found if known.stated is Stated.METADATA]


def _refuse_other(data: MarketData, what: str, path: Path, identity: Identity) -> None:
    """Raise DataError where a side series says that it is of another symbol."""
    symbol = data.exec.symbol
    held: str | None = identity.symbol
    if identity.stated in (Stated.NAME, Stated.NOBODY):
        held = hints_of(path.name).other_than(symbol)  # what merely may be a symbol refuses nothing
    if held and not is_called(held, symbol):
        raise DataError(
            f"{path}: holds {held} ({identity.stated} says so), the bars are {symbol}: give the {what} of "
            f"{symbol}, or leave them out"
        )


def _take_side(
    data: MarketData, what: str, path: Path, identity: Identity, notes: list[str]
) -> None:
    """Note where a side series came from. One that is made up makes the whole run made up."""
    bars = data.identity
    data.sides[what] = SideSeries(path.name, identity)
    is_sure = identity.is_sure
    if bars is None:
        return
    if identity.is_made_up and not data.synthetic:
        data.synthetic = True
        notes.append(f"the {what} of {path.name} are made up, so the run is")
    elif identity.stated is Stated.NOBODY:
        notes.append(
            f"nothing in {path.name} says whose {what} it holds; taken for {data.exec.symbol}"
        )
    elif is_sure and identity.venue != bars.venue:
        notes.append(f"the {what} are of {identity.venue}, the bars of {bars.venue}")
    elif is_sure and identity.market is not bars.market:
        notes.append(f"the {what} are of {identity.market}, the bars of {bars.market}")


def say_holes(
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


def _say_cover(what: str, bars: Frame, start: int, end: int, notes: list[str]) -> None:
    """Note the part of a run for which a side series says nothing; times in ms, [start, end)."""
    outside = _outside(bars, start, end)
    if outside:
        notes.append(
            f"{what} cover {utc(start)} to {utc(end)} only: {outside:,} of {len(bars):,} bars have none"
        )


def _outside(bars: Frame, start: int, end: int) -> int:
    return sum(1 for ts in bars.ts if ts < start or ts + bars.interval_ms > end)


def _say_funding_cover(data: MarketData, notes: list[str]) -> None:
    """Note the part of a run outside the funding series: there, nothing is charged."""
    assert data.funding is not None
    times = data.funding.ts
    if not times:
        notes.append("the funding series is empty: funding is not part of this result")
        return
    step = guess_interval(times) or 8 * 3_600_000
    _say_cover("funding rates", data.exec, times[0] - step, times[-1] + step, notes)


def _inside(frame: Frame, around: Frame, path: Path) -> Frame:
    """Return the part of a side feed that overlaps the run; DataError when nothing does."""
    # One coarse bar more at the front: it may cover the first exec bars.
    start = around.ts[0] - frame.interval_ms + 1
    try:
        return slice_frame(frame, start, around.close_time(len(around) - 1))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
