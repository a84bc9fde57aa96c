"""What stories came to, kept in a file, so that pieces of a long run add up.

The law: only what was lived through by the same code counts, and a seed counts once. A line of the file is one
piece: the digest of the code, the door, the seeds, what they came to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_ROOMS = ("compiler", "runtime", "tools/fakebybit", "tests/runtime/live")
_FILES = ("tests/strategies/runs.py",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Seeds [first, stop) through one door. `broken`: seeds that broke a law; `seconds` of the wall clock."""

    code: str
    door: str
    first: int
    stop: int
    requests: int
    broken: tuple[int, ...]
    seconds: float


@cache
def code_state() -> str:
    """Return a digest of all code that decides what a story comes to."""
    digest = hashlib.sha256()
    paths = [ROOT / name for name in _FILES]
    for room in _ROOMS:
        paths += sorted((ROOT / room).rglob("*.py"))
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def add(file: Path, piece: Piece) -> None:
    """Append a piece to the file."""
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(asdict(piece)) + "\n")


def pieces(file: Path, code: str, door: str) -> list[Piece]:
    """Return the pieces of one state of the code through one door, none where the file is not there."""
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    read = [Piece(**row | {"broken": tuple(row["broken"])}) for row in rows]
    return [piece for piece in read if (piece.code, piece.door) == (code, door)]


def lived(found: Iterable[Piece]) -> set[int]:
    """Return the seeds that pieces have lived through."""
    return {seed for piece in found for seed in range(piece.first, piece.stop)}


def total(found: Iterable[Piece]) -> str:
    """Return what pieces add up to, in a line."""
    held = list(found)
    seeds = lived(held)
    row = 0
    while min(seeds, default=0) + row in seeds:
        row += 1
    broken = sorted({seed for piece in held for seed in piece.broken})
    named = f": {', '.join(map(str, broken[:20]))}" if broken else ""
    return (
        f"kept of this code: {len(seeds)} stories, {row} in a row from {min(seeds, default=0)} on, "
        f"{sum(piece.requests for piece in held)} requests, {len(broken)} broke a law{named}"
    )
