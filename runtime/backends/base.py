"""What the engine knows of a backend: commands go in, events come out through a callback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from runtime.orders.commands import Command
from runtime.orders.events import Event


class Loudness(StrEnum):
    """How loud: `alarm` wants a person, `entries` also stops new entries, `halt` stops all but protection."""

    NOTE = "note"
    ALARM = "alarm"
    ENTRIES = "entries"
    HALT = "halt"


STALE_MS = 10_000  # an entry that could not leave for so long was decided on another market
HELD_MS = 600_000  # how long one that rests where it is placed, and that nothing asks for again, may wait to leave
CLOSE_IN_DOUBT = "close_in_doubt"  # kind of a notice: a close that was given up may be late
HELD_BACK = "held_back"  # why a request does not leave: entries wait
CAME_BACK = "came_back"  # kind of a notice: an order that was given up works or has filled
NOT_COMPARED = "not_compared"  # kind of a notice: ledger and venue have not agreed for long
NO_BARS = "no_bars"  # kind of a notice: a bar is overdue and cannot be had
LOST_ORDER = "lost_order"  # kind of a notice: the journal lacks an order with a name of its run
FLATTEN = "flatten"  # kind of a notice: what is held is to be closed, it could not be explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a backend has to say that is no event: a stable word, and a sentence with what was found.

    It changes no ledger: what must change one is an event.
    """

    kind: str
    loudness: Loudness
    text: str
    ts: int = 0


Emit = Callable[[Event], object]
Tell = Callable[[Notice], object]


class Backend(Protocol):
    """Translates commands into whatever the venue needs and answers with events only."""

    def submit(self, commands: Sequence[Command]) -> None:
        """Take the commands decided at a close, in order; they take effect from then on."""
        ...
