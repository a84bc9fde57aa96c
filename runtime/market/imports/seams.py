"""Do the bars of some files go on from one another, and do they agree with what is stored beside them?

The law: nothing is joined whose prices say that it is not of one instrument, market and scale; finer bars,
coarser bars and mark prices in one folder are of one series.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.errors import DataError
from runtime.market.alike import (
    Leap,
    check_fine,
    check_marks,
    find_leaps,
    seam_fault,
    seam_notes,
)
from runtime.market.bar_files import load_bars
from runtime.market.frame import Frame
from runtime.market.imports.join import Seam
from runtime.market.timeframe import TIMEFRAMES, is_multiple

_SHOWN = 3
_ANYWAY = "--as-one takes them for one series all the same"


def check_join(bars: Frame, seams: Sequence[Seam], name: str) -> tuple[str, ...]:
    """Return what is odd where pieces meet; DataError where prices do not go on as those of one series.

    `name` is what the bars are called as a whole.
    """
    _refuse_leaps(bars, seams, name)
    notes: list[str] = []
    for place, seam in enumerate(seams):
        start = seams[place - 1].row if place else 0
        end = seams[place + 1].row if place + 1 < len(seams) else len(bars)
        before, after = bars.rows(start, seam.row), bars.rows(seam.row, end)
        fault = seam_fault(before, after)
        if fault is not None:
            raise DataError(f"{seam.after} does not go on from {seam.before}: {fault} {_ANYWAY}")
        notes += (f"{seam.after}: {note}" for note in seam_notes(before, after))
    return tuple(notes)


def _refuse_leaps(bars: Frame, seams: Sequence[Seam], name: str) -> None:
    leaps = find_leaps(bars)
    if not leaps:
        return
    meets = {seam.row: seam for seam in seams}
    shown = "\n  ".join(_told(leap, meets.get(leap.row)) for leap in leaps[:_SHOWN])
    more = f"\n  … and {len(leaps) - _SHOWN:,} more" if len(leaps) > _SHOWN else ""
    raise DataError(f"{name}: not the bars of one instrument:\n  {shown}{more}\n  {_ANYWAY}")


def _told(leap: Leap, seam: Seam | None) -> str:
    return f"{leap}" if seam is None else f"{leap} There {seam.before} ends and {seam.after} begins"


def check_beside(bars: Callable[[], Frame], path: Path, *, is_mark: bool) -> tuple[str, ...]:
    """Hold bars (or marks) that are to lie at `path` against what lies beside them; return what is odd.

    The bars are asked for where there is something to hold them against.

    DataError where bars of two lengths are not made of one another, or marks are not of the bars.
    """
    beside = sorted(
        (p for p in path.parent.glob("*.parquet") if p != path and _timeframe(p) is not None),
        key=lambda p: TIMEFRAMES[str(_timeframe(p))],
    )
    traded = [p for p in beside if not p.stem.startswith("mark_")]
    if is_mark:
        return _against_marks(bars, path, traded[:1], is_mark=True)
    notes = [note for other in traded for note in against_bars(bars(), path, other)]
    marks = [p for p in beside if p not in traded]
    if not traded:  # else these are of the bars that are made of, or make, the new ones
        notes += _against_marks(bars, path, marks[:1], is_mark=False)
    return tuple(notes)


def _timeframe(path: Path) -> str | None:
    word = path.stem.removeprefix("mark_")
    return word if word in TIMEFRAMES else None


def against_bars(bars: Frame, path: Path, other: Path) -> tuple[str, ...]:
    """Hold bars of one length against a file of another length, whichever is made of the other."""
    theirs = load_bars(other, bars.symbol, other.stem).frame
    ours = bars
    fine, coarse = (ours, theirs) if ours.interval_ms < theirs.interval_ms else (theirs, ours)
    if fine.interval_ms == coarse.interval_ms or not is_multiple(coarse.timeframe, fine.timeframe):
        return ()
    if fine.ts[0] >= coarse.close_time(len(coarse) - 1) or coarse.ts[0] >= fine.close_time(-1):
        return ()  # of other years: nothing to compare
    notes = check_fine(fine, coarse, str(path if fine is bars else other))
    return tuple(f"beside {other.name}: {note}" for note in notes)


def _against_marks(
    bars: Callable[[], Frame], path: Path, others: Sequence[Path], *, is_mark: bool
) -> tuple[str, ...]:
    for other in others:
        ours = bars()
        theirs = load_bars(other, ours.symbol, _timeframe(other), has_volume=is_mark).frame
        mark, traded, name = (ours, theirs, path) if is_mark else (theirs, ours, other)
        check_marks(mark, traded, str(name))
    return ()
