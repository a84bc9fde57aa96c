"""What a backend has to say that is no event of an order: for people, the guard and the journal.

The law: a notice changes no ledger. What must change one is an order event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How loud: `alarm` wants a person, `entries` also stops new entries, `halt` stops all but protection."""

    NOTE = "note"
    ALARM = "alarm"
    ENTRIES = "entries"
    HALT = "halt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing said: a stable word, and a sentence with what was found."""

    kind: str
    level: Level
    text: str
    ts: int = 0


Tell = Callable[[Notice], object]
