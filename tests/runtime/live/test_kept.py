"""Pieces of a long run of stories add up, and nothing counts that other code has lived through."""

from __future__ import annotations

from pathlib import Path

from tests.runtime.live.kept import Piece, add, lived, pieces, total


def piece(first: int, stop: int, *broken: int, code: str = "a", door: str = "in process") -> Piece:
    return Piece(
        code=code, door=door, first=first, stop=stop, requests=10, broken=broken, seconds=1.0
    )


def test_pieces_of_one_code_and_door_add_up(tmp_path: Path) -> None:
    file = tmp_path / "stories.jsonl"
    assert pieces(file, "a", "in process") == []
    for one in (piece(0, 100), piece(100, 200, 150), piece(50, 100), piece(300, 400)):
        add(file, one)
    add(file, piece(200, 300, code="b"))
    add(file, piece(200, 300, door="loopback"))
    found = pieces(file, "a", "in process")
    assert lived(found) == {*range(200), *range(300, 400)}
    assert total(found) == (
        "kept of this code: 300 stories, 200 in a row from 0 on, 40 requests, 1 broke a law: 150"
    )
