"""The heartbeat of a session: a small file that its loop writes, and the mark of a panic that it obeys.

The law: it is written by the thread that decides and by no other, so a session that hangs goes silent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from runtime.live.lock import PanicMark
from runtime.live.session import Session

_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a session last said of itself. `at`: ms UTC on the wall; lots signed; `open_lots` without a stop.

    `ended`: by whom it was ended in order, "" while it runs; a session that dies says nothing.
    """

    pid: int
    at: int
    symbol: str
    venue: str
    held_lots: int
    open_lots: int
    halted: str
    bar: int
    ended: str = ""


class Pulse:
    """Beats at most once a second. `seconds`: a clock that only goes forward; `wall_ms`: UTC."""

    def __init__(
        self,
        session: Session,
        path: Path,
        venue: str,
        *,
        seconds: Callable[[], float],
        wall_ms: Callable[[], int],
        mark: PanicMark | None = None,
    ) -> None:
        self.path = path
        self._session = session
        self._venue = venue
        self._seconds = seconds
        self._wall_ms = wall_ms
        self._mark = mark
        self._next = 0.0
        self._marked_at_item = -1

    def beat(self) -> None:
        """Write the file if a second has passed; halt the session where a panic has closed everything.

        The mark is looked at after every item, a word that resumes among them.
        """
        session = self._session
        # A halt that a person resumes comes back as long as the mark stands, before anything can open.
        if (
            self._mark is not None
            and not session.desk.guard.halted
            and (session.items != self._marked_at_item or self._seconds() >= self._next)
        ):
            self._marked_at_item = session.items
            if self._mark.is_set:
                session.said("halt", "panic")
        now = self._seconds()
        if now < self._next:
            return
        self._next = now + _EVERY_S
        self._write(self._told())

    def end(self, by: str) -> None:
        """Write the last beat of a run that ends in order: who looks from outside knows it from one that died."""
        self._write(self._told(ended=by or "itself"))

    def _told(self, ended: str = "") -> Heartbeat:
        desk = self._session.desk
        ledger = desk.ledger
        position = ledger.position
        return Heartbeat(
            pid=os.getpid(),
            at=self._wall_ms(),
            symbol=ledger.instrument.symbol,
            venue=self._venue,
            halted=desk.guard.halted,
            bar=ledger.bar,
            ended=ended,
            held_lots=0 if position is None else position.side.sign * position.quantity,
            open_lots=desk.coverage.open_lots(ledger),
        )

    def _write(self, told: Heartbeat) -> None:
        """Replace the file whole. A disk that takes nothing makes it old, which is an alarm of its own."""
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(file, json.dumps(asdict(told)).encode())
            finally:
                os.close(file)
            fresh.replace(self.path)
        except OSError:
            return


def read_heartbeat(path: Path) -> Heartbeat | None:
    """Return the last beat, None for a file that is not there or is none."""
    try:
        return Heartbeat(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
