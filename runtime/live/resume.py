"""A session that goes on: from the newest snapshot of its journal and what came after it.

The law: where no snapshot is of this code, or whole, all records are lived through: slower, and the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from runtime.backends.bybit.backend import BybitBackend
from runtime.live.code_digest import code_digest
from runtime.live.decider import Decider
from runtime.live.desk import Desk
from runtime.live.journal import Journal
from runtime.live.paper import PaperDesk
from runtime.live.replay import replay
from runtime.live.session import OtherSide, Session
from runtime.live.snapshot import BadSnapshot, known_of, opened, picture, restore
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
        desk.market.held_from = None  # where nobody keeps bars, nobody waits for that
        if isinstance(desk, PaperDesk):
            self._keep_snapshots(session, desk, tuple)
        if isinstance(side, BybitBackend) and isinstance(desk, Desk):
            for execution_id in self.remembered:
                side.sync.remember(execution_id)
            self._keep_snapshots(session, desk, lambda: side.sync.remembered)
            if desk.uncompared_since is not None:  # said to the process before
                side.close_all(desk.uncompared_since)
        session.start(side, self.known)

    @staticmethod
    def _keep_snapshots(
        session: Session, desk: Desk | PaperDesk, remembered: Callable[[], Iterable[str]]
    ) -> None:
        desk.market.held_from = session.journal.kept_bars
        session.keep = partial(_keep, session.journal, desk, remembered)


def _keep(
    journal: Journal, desk: Desk | PaperDesk, remembered: Callable[[], Iterable[str]]
) -> None:
    """Keep a desk's state and bars; those the journal has may be let go of."""
    journal.keep(code_digest(), desk.bars, picture(desk, remembered()))
    desk.market.held_from = len(desk.bars)


def take_up(journal: Journal, fresh: Callable[[], Decider]) -> TakenUp:
    """Return the desk of a journal; `fresh` makes one that has lived through nothing.

    Differs where the records bring something else than they hold.
    """
    for kept in journal.snapshots():
        if kept.code != code_digest():
            continue
        desk = _holding(fresh, journal)
        if not isinstance(desk, Desk | PaperDesk):
            break
        try:
            state = opened(kept.body)
            desk.take_bars(journal.bars(kept.bars), state["first"])
            remembered = restore(desk, state)
        except BadSnapshot:
            continue
        known = known_of(desk.ledger)
        tail = replay(journal.records(kept.seq + 1), desk)
        return TakenUp(desk, known + tail.events, remembered, tail.items)
    desk = _holding(fresh, journal)
    told = replay(journal.records(), desk)
    return TakenUp(desk, told.events, (), told.items)


def _holding(fresh: Callable[[], Decider], journal: Journal) -> Decider:
    """Return a fresh desk that lets go of no bar that its journal lacks among those of snapshots."""
    desk = fresh()
    desk.market.held_from = journal.kept_bars
    return desk
