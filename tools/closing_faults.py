"""Faults seeded in what a live session closes, turns and takes away."""

from __future__ import annotations

from tools.fault import Fault

_TURNS = "tests/runtime/live/test_turns.py"

CLOSING_FAULTS: tuple[Fault, ...] = (
    Fault(
        "stop-of-the-other-side", "what protected a position that is gone is no stop of the one that is held",
        "runtime/live/coverage.py", "        and protects(order, ledger.position)\n", "", (_TURNS,),
    ),
    Fault(
        "room-of-the-other-side", "stops that the venue does not let go take room of the next position",
        "runtime/live/room.py", " and o.side is side.opposite", "", (_TURNS,),
    ),
)  # fmt: skip
