"""Bars that are kept for the end: cut off behind a seal, opened by hand, every opening counted.

The law: the first seal of a series stays where it was put, whatever later calls ask for; a seal binds only
`ideacard robust`, so runs that have read beyond it are counted as well.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from compiler.findings.errors import IdeaCardError
from runtime.market.bar_files import content_hash
from runtime.market.data import MarketData

SEALS = "seals.json"


@dataclass(frozen=True, slots=True)
class Seal:
    """Bars from `start` on (ms UTC) are sealed; `opened` are the graph hashes of the cards that have seen them."""

    start: int
    opened: tuple[str, ...] = ()


def seal_of(folder: Path, data: MarketData) -> Seal | None:
    """Return the seal of a series, None where there is none."""
    return _read(folder).get(_name(data))


def put_seal(folder: Path, data: MarketData, share: float) -> Seal:
    """Return the seal of a series; where there is none, its last `share` (a fraction) is sealed from here on."""
    seals = _read(folder)
    if _name(data) not in seals:
        rows = len(data.exec) - data.first
        cut = data.first + int(rows * (1.0 - share))
        seals[_name(data)] = Seal(data.exec.ts[min(cut, len(data.exec) - 1)])
        _write(folder, seals)
    return seals[_name(data)]


def open_seal(folder: Path, data: MarketData, card: str) -> Seal:
    """Return the seal of a series with one more opening by a card, of which each counts once."""
    seals = _read(folder)
    seal = seals.get(_name(data))
    if seal is None:
        raise IdeaCardError(
            f"{folder}: nothing is sealed of these bars; seal their end first: --seal 20%"
        )
    if card not in seal.opened:
        seal = replace(seal, opened=(*seal.opened, card))
        seals[_name(data)] = seal
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


def _name(data: MarketData) -> str:
    frame, identity = data.exec, data.identity
    if identity is None or data.synthetic:
        # Bars that do not say which series they are: known by themselves alone.
        return f"{frame.symbol} {content_hash(data.traded().exec)[:16]}"
    return f"{identity.venue}:{identity.market.value}:{frame.symbol}"


def _read(folder: Path) -> dict[str, Seal]:
    path = folder / SEALS
    if not path.exists():
        return {}
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): Seal(int(one["start"]), tuple(map(str, one["opened"])))
            for name, one in made.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IdeaCardError(f"{path}: cannot be read as seals: {error}") from None


def _write(folder: Path, seals: dict[str, Seal]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: asdict(seal) for name, seal in sorted(seals.items())}, indent=1) + "\n"
    partial = folder / f".{SEALS}.part"
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(folder / SEALS)
