"""Bars that are kept for the end: cut off behind a seal, opened by hand, every opening counted.

The law: the first seal of a series stays where it was put, whatever later calls ask for and whatever they call the bars;
a seal binds only `ideacard robust`, so runs that have read beyond it are counted as well.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.findings.errors import IdeaCardError
from runtime.features.sessions import DAY_MS
from runtime.market.bar_files import content_hash
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.whole_files import write_whole

SEALS = "seals.json"


@dataclass(frozen=True, slots=True)
class Seal:
    """Bars from `start` on (ms UTC) are sealed; `opened` are the graph hashes of the cards that have seen them.

    `bars` are digests of those it was put on: of all of them, and of each day, whatever the timeframe. Bars that share
    one are the same series, whatever they are called.
    """

    start: int
    opened: tuple[str, ...] = ()
    bars: frozenset[str] = frozenset()


def seal_of(folder: Path, data: MarketData) -> Seal | None:
    """Return the seal of a series, None where there is none."""
    seals = _read(folder)
    name = _found(seals, _marks_of(data)) if seals else None
    return None if name is None else seals[name]


def put_seal(folder: Path, data: MarketData, share: float) -> Seal:
    """Return the seal of a series; where there is none, its last `share` (a fraction) is sealed from here on."""
    seals = _read(folder)
    marks = _marks_of(data)
    name = _found(seals, marks)
    if name is None:
        name, rows = marks.name, len(data.exec) - data.first
        cut = data.first + int(rows * (1.0 - share))
        start = data.exec.ts[min(cut, len(data.exec) - 1)]
        seals[name] = Seal(start, bars=marks.bars)
        _write(folder, seals)
    return seals[name]


def open_seal(folder: Path, data: MarketData, card: str) -> Seal:
    """Return the seal of a series with one more opening by a card, of which each counts once."""
    seals = _read(folder)
    name = _found(seals, _marks_of(data)) if seals else None
    if name is None:
        raise IdeaCardError(
            f"{folder}: nothing is sealed of these bars; seal their end first: --seal 20%"
        )
    seal = seals[name]
    if card not in seal.opened:
        seals[name] = seal = replace(seal, opened=(*seal.opened, card))
        _write(folder, seals)
    return seal


def before(data: MarketData, seal: Seal) -> MarketData:
    """Return the bars that are not sealed, and no other feed beyond them."""
    cut = bisect_left(data.exec.ts, seal.start)
    if cut - data.first < 2:
        raise IdeaCardError("every one of these bars is sealed")
    frames = {
        key: frame.rows(0, bisect_left(frame.ts, seal.start)) for key, frame in data.frames.items()
    }
    mark, fine = (
        None if frame is None else frame.rows(0, bisect_left(frame.ts, seal.start))
        for frame in (data.mark, data.fine)
    )  # fmt: skip
    return replace(
        data, exec=data.exec.rows(0, cut), frames=frames, mark=mark, fine=fine, content_hash=""
    )


def after(data: MarketData, start: int) -> MarketData | None:
    """Return the same feeds, traded only from a time on (ms UTC); the rest warms up. None for fewer than 2 bars."""
    row = max(bisect_left(data.exec.ts, start), data.first)
    return replace(data, first=row, content_hash="") if len(data.exec) - row >= 2 else None


@dataclass(frozen=True, slots=True)
class _Marks:
    """By what a series is known. COST: its bars are read through, once for each time that it is asked for."""

    name: str
    bars: frozenset[str]


def _marks_of(data: MarketData) -> _Marks:
    frame, identity = data.exec, data.identity
    if identity is None or data.synthetic:
        # Bars that do not say which series they are: known by themselves alone.
        name = f"{frame.symbol} {content_hash(data.traded().exec)[:16]}"
    else:
        name = f"{identity.venue}:{identity.market.value}:{frame.symbol}"
    return _Marks(name, _digests(frame))


def _found(seals: dict[str, Seal], marks: _Marks) -> str | None:
    """Return under which name the seal of some bars stands: their own, or that of bars that are the same.

    Of several the one that seals most: a seal is undone neither by naming a venue nor by another file of the bars.
    """
    fitting = [name for name, seal in seals.items() if name == marks.name or seal.bars & marks.bars]
    return min(fitting, key=lambda name: (seals[name].start, name), default=None)


def _digests(frame: Frame) -> frozenset[str]:
    """Return digests of some bars: of all, and of each whole UTC day with its open, high, low and close.

    Bars of every timeframe that divides a day give the same. A day without any movement tells no series from another.
    """
    found, first, rows = {content_hash(frame)[:16]}, 0, len(frame)
    while first < rows:
        day = frame.ts[first] // DAY_MS
        stop = bisect_left(frame.ts, (day + 1) * DAY_MS, first)
        high, low = max(frame.high[first:stop]), min(frame.low[first:stop])
        ends = frame.ts[stop - 1] + frame.interval_ms == (day + 1) * DAY_MS
        if frame.ts[first] == day * DAY_MS and ends and high > low:
            told = f"{day} {frame.open[first]!r} {high!r} {low!r} {frame.close[stop - 1]!r}"
            found.add(hashlib.sha256(told.encode()).hexdigest()[:16])
        first = stop
    return frozenset(found)


def _read(folder: Path) -> dict[str, Seal]:
    path = folder / SEALS
    if not path.exists():
        return {}
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): Seal(
                int(one["start"]),
                tuple(map(str, one["opened"])),
                frozenset(map(str, one.get("bars", ()))),
            )
            for name, one in made.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IdeaCardError(f"{path}: cannot be read as seals: {error}") from None


def _write(folder: Path, seals: dict[str, Seal]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        name: {"start": seal.start, "opened": seal.opened, "bars": sorted(seal.bars)}
        for name, seal in sorted(seals.items())
    }
    write_whole(folder / SEALS, json.dumps(told, indent=1) + "\n")
