"""A session that goes on: from the newest snapshot of its journal and what came after it.

The law: where no snapshot is of this code, or whole, all records are lived through: slower, and the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from runtime.backends.bybit.backend import BybitBackend
from runtime.live.decider import Decider
from runtime.live.desk import Desk
from runtime.live.journal import Journal
from runtime.live.paper import PaperDesk
from runtime.live.replay import replay
from runtime.live.session import OtherSide, Session
from runtime.live.snapshot import BadSnapshot, code_digest, known_of, picture, restore
from runtime.orders.events import Event


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A desk as a journal leaves it. `known`, `remembered`: what its backend has to know of before.

    `lived`: items that were lived through again, after the snapshot where one was taken up.
    """

    desk: Decider
    known: list[Event]
    remembered: tuple[str, ...]
    lived: int

    def go_on(self, session: Session, side: OtherSide) -> None:
        """Start a session where the journal leaves it; it takes snapshots from now on."""
        desk = self.desk
        if isinstance(desk, PaperDesk):
            session.keep = lambda: session.journal.keep(code_digest(), desk.bars, picture(desk))
        if isinstance(side, BybitBackend) and isinstance(desk, Desk):
            for execution_id in self.remembered:
                side.sync.remember(execution_id)
            session.keep = lambda: session.journal.keep(
                code_digest(), desk.bars, picture(desk, side.sync.remembered)
            )
        session.start(side, self.known)


def take_up(journal: Journal, fresh: Callable[[], Decider]) -> TakenUp:
    """Return the desk of a journal; `fresh` makes one that has lived through nothing.

    Differs where the records bring something else than they hold.
    """
    for kept in journal.snapshots():
        if kept.code != code_digest():
            continue
        desk = fresh()
        if not isinstance(desk, Desk | PaperDesk):
            break
        try:
            desk.take_bars(partial(journal.bars, kept.bars))
            remembered = restore(desk, kept.body)
        except BadSnapshot:
            continue
        known = known_of(desk.ledger)
        tail = replay(journal.records(kept.seq + 1), desk)
        return TakenUp(desk, known + tail.events, remembered, tail.items)
    desk = fresh()
    told = replay(journal.records(), desk)
    return TakenUp(desk, told.events, (), told.items)
