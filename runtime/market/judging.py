"""What stored data look like to somebody who is about to trust them: faults, and what is odd.

The law: a fault is what a run would refuse; everything else is said with its numbers and left to the
reader. Nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from runtime.errors import DataError
from runtime.formulas.sums import whole
from runtime.market.alike import check_marks
from runtime.market.bar_files import Loaded, identity_of, load_bars, read_funding
from runtime.market.checks import guess_interval, utc
from runtime.market.data import FundingSeries
from runtime.market.frame import Frame
from runtime.market.identity import Identity, PriceKind, from_place, misplaced
from runtime.market.imports.seams import against_bars
from runtime.market.instrument_facts import Instrument
from runtime.market.plausible import check_funding, check_grid, is_last, odd_settlements
from runtime.market.rates import FUNDING_FILE
from runtime.market.timeframe import TIMEFRAMES

_SHOWN = 10
# Odd enough to look at: a bar that opens or closes so far from the close before it.
_JUMP = 0.2
_FEW_QUIET = 0.01  # of the bars: a thin market, not a fault of the data
_STUCK = 20  # bars in a row that all say one price


@dataclass(frozen=True, slots=True)
class Judged:
    """One file: what it holds, and what was found. `errors` are what a run would refuse."""

    path: Path
    symbol: str
    what: str  # "15m bars", "1h mark prices", "funding rates"
    rows: int
    first_ts: int
    end_ts: int
    errors: tuple[str, ...]
    notes: tuple[str, ...]
    timeframe: str = ""
    gaps: tuple[str, ...] = ()


def stored_files(store: Path) -> list[Path]:
    """Return every file of a store that a run may read: bars, mark prices, funding."""
    bars = [p for p in store.glob("*/*/*.parquet") if p.stem.removeprefix("mark_") in TIMEFRAMES]
    return sorted(
        [*bars, *store.glob(f"*/*/{FUNDING_FILE}")],
        key=lambda p: (p.parent, p.name == FUNDING_FILE, _length(p)),
    )


def _length(path: Path) -> tuple[bool, int]:
    return path.stem.startswith("mark_"), TIMEFRAMES.get(path.stem.removeprefix("mark_"), 0)


def judge(path: Path, instrument: Instrument | None, now_ms: int) -> Judged:
    """Judge a file; DataError where it cannot be read or holds what no run can use.

    `instrument` None: nobody knows the grid. Mark prices are held against the finest bars beside them.
    """
    if "funding" in path.stem.lower():
        return _funding(path, instrument)
    identity = identity_of(path)
    is_mark = identity.price is PriceKind.MARK
    loaded = load_bars(path, identity.symbol or path.stem, has_volume=not is_mark)
    frame = loaded.frame
    errors, notes = list(_place(path, identity, frame)), [*_holes(loaded), *_odd(frame)]
    if frame.close_time(len(frame) - 1) > now_ms:
        notes.append(f"the last bar ends in the future, {utc(frame.close_time(len(frame) - 1))}")
    try:
        if is_mark:
            notes += _mark(path, frame)
        elif instrument is not None:
            check_grid(frame, instrument)
    except DataError as error:
        errors.append(str(error))
    if not is_mark:
        for finer in _finer(path, frame):
            try:
                notes += against_bars(frame, path, finer)
            except DataError as error:
                errors.append(str(error))
    if not is_mark:
        notes += _volumes(frame)
        if instrument is None:
            notes.append("nobody knows tick and lot of the instrument: prices were not held to it")
    return Judged(
        path=path,
        symbol=identity.symbol or frame.symbol,
        what=f"{frame.timeframe} {'mark prices' if is_mark else 'bars'}",
        rows=len(frame),
        first_ts=frame.ts[0],
        end_ts=frame.close_time(len(frame) - 1),
        errors=tuple(errors),
        notes=tuple(notes),
        timeframe=frame.timeframe,
        gaps=tuple(str(gap) for gap in loaded.gaps),
    )


def _place(path: Path, identity: Identity, frame: Frame) -> Iterator[str]:
    """What a file says of itself against where it lies and how its rows are spaced."""
    if identity.timeframe and identity.timeframe != frame.timeframe:
        yield f"{path}: says it holds {identity.timeframe} bars, the rows are {frame.timeframe} apart"
    yield from _misplaced(path, identity)


def _misplaced(path: Path, identity: Identity) -> Iterator[str]:
    """What a file says of itself against the folder of the store it lies in."""
    for what, here, said in misplaced(path, identity):
        yield f"{path}: lies where {what} {here} belongs, its metadata say {said}"


def _finer(path: Path, frame: Frame) -> list[Path]:
    """Return the files of finer bars beside a stored one: these are to make its bars."""
    if from_place(path) is None:
        return []
    beside = [p for p in path.parent.glob("*.parquet") if p.stem in TIMEFRAMES]
    return sorted(p for p in beside if TIMEFRAMES[p.stem] < frame.interval_ms)


def _holes(loaded: Loaded) -> Iterator[str]:
    missing = whole(gap.missing for gap in loaded.gaps)
    if missing:
        rows = missing + len(loaded.frame)
        holes = "1 hole" if len(loaded.gaps) == 1 else f"{len(loaded.gaps):,} holes"
        yield f"{missing:,} of {rows:,} bars are missing ({missing / rows:.2%}), in {holes}"


def _volumes(frame: Frame) -> Iterator[str]:
    quiet = frame.volume.count(0.0)
    if quiet == len(frame):
        yield "no bar has a volume: nothing can fill; `data import --no-volume` says that none is known"
    elif quiet > _FEW_QUIET * len(frame):
        yield f"{quiet:,} of {len(frame):,} bars have no volume ({quiet / len(frame):.1%})"


def _odd(frame: Frame) -> Iterator[str]:
    """Jumps from close to open or close, and prices that stand still."""
    jumps: list[tuple[float, int, str, float, float]] = []
    stuck = longest = longest_at = 0
    before = frame.close[0]
    for row, (open_, high, low, close) in enumerate(
        zip(frame.open, frame.high, frame.low, frame.close, strict=True)
    ):
        # How far it went, up or down alike: a fall to half is as far as a rise to the double.
        for name, price in (("open", open_), ("close", close)):
            far = max(price / before, before / price) - 1.0
            if far > _JUMP:
                jumps.append((far, row, name, before, price))
                break
        stuck = stuck + 1 if low == high == before else 0
        if stuck > longest:
            longest, longest_at = stuck, row
        before = close
    jumps.sort(key=lambda jump: -jump[0])
    for _, row, name, from_, to in jumps[:_SHOWN]:
        yield (
            f"row {row} ({utc(frame.ts[row])}): the {name} {to:g} is {to / from_ - 1.0:+.0%} from the "
            f"close before it ({from_:g})"
        )
    if len(jumps) > _SHOWN:
        yield f"… and {len(jumps) - _SHOWN:,} more bars that jump by more than {_JUMP:.0%}"
    if longest >= _STUCK:
        yield f"{longest:,} bars in a row stand at one price, up to {utc(frame.ts[longest_at])}"


def _mark(path: Path, mark: Frame) -> Iterator[str]:
    """Hold mark prices against the finest bars in their folder."""
    beside = [p for p in path.parent.glob("*.parquet") if p.stem in TIMEFRAMES]
    if not beside:
        yield "no bars lie beside them: whether they belong to any is not known"
        return
    finest = min(beside, key=lambda p: TIMEFRAMES[p.stem])
    bars = load_bars(finest, mark.symbol).frame
    if not check_marks(mark, bars, str(path)):
        yield f"none closes with a bar of {finest.name}: whether they belong together is not known"
    elif is_last(mark, bars):
        yield f"they are the traded prices of {finest.name} themselves"


def _funding(path: Path, instrument: Instrument | None) -> Judged:
    series = read_funding(path)
    errors: list[str] = []
    try:
        check_funding(series, str(path))
    except DataError as error:
        errors.append(str(error))
    place = _symbol_of(path)
    errors += _misplaced(path, identity_of(path))
    return Judged(
        path=path,
        symbol=place,
        what="funding rates",
        rows=len(series.ts),
        first_ts=series.ts[0] if series.ts else 0,
        end_ts=series.ts[-1] if series.ts else 0,
        errors=tuple(errors),
        notes=tuple(_funding_notes(series, instrument)),
    )


def _symbol_of(path: Path) -> str:
    return path.parent.name if path.parent.name.isupper() else ""


def _funding_notes(series: FundingSeries, instrument: Instrument | None) -> Iterator[str]:
    times: Sequence[int] = series.ts
    if not times:
        yield "no rate: funding will not be part of a result"
        return
    step = guess_interval(times)
    missing = whole(round((b - a) / step) - 1 for a, b in pairwise(times) if step)
    if missing > 0:
        yield f"{missing:,} settlements are missing, by the usual distance of {step / 3_600_000:g} h"
    odd = odd_settlements(series)
    if odd is not None:
        yield odd
    known = 0 if instrument is None else instrument.funding_interval_minutes * 60_000
    if known and step and step != known:
        yield (
            f"the rates are {step / 3_600_000:g} h apart, the instrument settles every "
            f"{known / 3_600_000:g} h"
        )
    if len(set(series.rate)) == 1 and len(times) > 1:
        yield f"all {len(times):,} rates are {series.rate[0]:g}: made up, or a default"
