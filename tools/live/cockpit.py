"""Where people and a session meet: words come from any thread, and are answered in the session's.

The law: nothing is read or changed outside the session's thread; who asks waits, the session never does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from runtime.account.margin import own_entries
from runtime.backends.bybit.pace import waited
from runtime.live.coverage import oversized
from runtime.orders.order_spec import Role
from tools.live.view import Around, View, view_of
from tools.live.watch import Watch
from tools.live.words import Asked, Reply, answer

_PATIENCE_S = 10.0
_SETTLING_MS = 30_000  # a stop waits so long on the wall for answers
_CLOSING_MS = 120_000  # and so long where the position is to be closed
_WORDS = {Role.STOP_LOSS: "stop", Role.TAKE_PROFIT: "target"}
T = TypeVar("T")
Say = Callable[[str, str, str, float], None]


@dataclass(slots=True)
class Wish:
    """What a person wants of the run as a whole."""

    stops: bool = False
    closes: bool = False
    by: str = ""
    since: int = 0  # ms UTC of the session


class Cockpit:
    """Answers words and shows the session. `put` has a job done in the session's thread.

    `speed`: ms of the session's time in one of the wall, by which the venue's answers take theirs.
    """

    def __init__(
        self,
        watch: Watch,
        say: Say,
        around: Callable[[], Around],
        put: Callable[[Callable[[], None]], None],
        speed: float,
    ) -> None:
        self.watch = watch
        self.wish = Wish()
        self._say = say
        self._around = around
        self._put = put
        self._speed = speed

    # ------------------------------------------------------------ in the session's thread

    def said(self, word: str, by: str, name: str = "", value: float = 0.0) -> None:
        """Hand a word to the session."""
        self._say(word, by, name, value)

    def picture(self) -> View:
        """Return the session as it is now."""
        self.watch.look()
        return view_of(self.watch, self._around())

    def stop(self, by: str, *, closes: bool) -> None:
        """Have the run end: entries go, the position too where that is asked for; its stops stay."""
        if not self.wish.stops:
            self.said("stop", by)
        was, is_more = self.wish, closes and not self.wish.closes
        if is_more:
            self.said("flatten", by)
        since = was.since if was.stops and not is_more else self._around().now
        self.wish = Wish(stops=True, closes=closes or was.closes, by=by, since=since)

    @property
    def may_end(self) -> bool:
        """Return whether a run that is to stop has nothing left to wait for.

        The first look at the venue is waited for, and what became of orders that it does not list; what is on its way, exits that are owed and their changes too, what follows a fill at its close, and
        that no entry stands any more or may come back, so that a position is left with its stop and target, no larger than
        they are to be; not for ever: `left_behind` says what is there.
        """
        if not self.wish.stops:
            return False
        ledger, desk, around = self.watch.ledger, self.watch.desk, self._around()
        is_closed = not self.wish.closes or ledger.position is None
        # A close means what the venue holds, too: that was looked at since, and what differed is in the ledger.
        is_closed = is_closed and desk.uncompared_since is None
        is_settled = not own_entries(ledger) and not any(order.in_flight for order in ledger.book)
        is_settled = is_settled and not desk.to_close and not desk.in_doubt  # asked in 1 to 30 s
        is_settled = is_settled and not desk.to_ask and not desk.engine.to_follow
        is_settled = is_settled and not around.sought and not _is_uncompared(around)
        is_covered = not desk.coverage.open_lots(ledger) and not desk.coverage.targets.missing
        is_covered = is_covered and not desk.coverage.misplaced and not oversized(ledger)
        if is_closed and is_settled and is_covered:
            return True
        return self._has_waited(_CLOSING_MS if self.wish.closes else _SETTLING_MS)

    @property
    def left_behind(self) -> str:
        """Return what a run that ends leaves at the venue without anybody to look after it, "" for nothing."""
        ledger, desk, found = self.watch.ledger, self.watch.desk, list[str]()
        around = self._around()
        waiting = len(own_entries(ledger))
        if waiting:
            found.append(f"entries that still work: {waiting}; one that fills has no stop")
        if desk.in_doubt:
            names = ", ".join(desk.in_doubt)
            found.append(f"entries that were not found and may fill yet: {names}")
        if around.came_back:
            names = ", ".join(around.came_back)
            found.append(
                f"what was given up and works, its cancel not done: {names}; an entry that fills has no stop"
            )
        if desk.coverage.open_lots(ledger):
            found.append("a position without its whole stop")
        if desk.coverage.misplaced:
            found.append("a stop that does not stand where it should")
        if desk.coverage.targets.missing:
            found.append("a position without its whole target")
        for (role, _), (lots, its) in oversized(ledger).items():
            found.append(f"a {_WORDS[role]} for {lots} lots where {its} are its")
        if desk.to_ask:
            found.append(f"exits that are not as they were to be: {', '.join(desk.to_ask)}")
        if desk.engine.to_follow and ledger.position is not None:
            names, held = ", ".join(desk.engine.to_follow), ledger.position.quantity
            found.append(
                f"`on_fill` of {names}, which waits for its close: {held} lots are held without it"
            )
        if self.wish.closes and ledger.position is not None:
            found.append("the position that was to be closed")
        elif desk.to_close:
            found.append(f"{desk.to_close} lots that were to be closed")
        found += self._beyond_the_ledger(around)
        return "; ".join(found)

    def _beyond_the_ledger(self, around: Around) -> list[str]:
        """Return what is to be said of what the venue holds and the ledger does not know."""
        if around.differs:
            return [
                f"what nothing explains: the venue holds {around.differs:+d} lots more than the ledger"
            ]
        if _is_uncompared(around):
            return ["whatever the venue holds: it was not compared since the start"]
        if self.watch.desk.uncompared_since is not None:
            return [
                "whatever the venue holds besides: it was not compared since that was to be closed"
            ]
        return []

    def _has_waited(self, ms: int) -> bool:
        return self._around().now - self.wish.since >= waited(ms, self._speed)

    # ------------------------------------------------------------ from any thread

    def ask(self, asked: Asked) -> Reply:
        """Have a word done or answered, and wait for it."""
        reply = self._within(lambda: answer(asked, self, self.watch))
        return reply or Reply(False, "the session does not answer", {})

    def show(self) -> View | None:
        """Return the picture, None where the session does not answer."""
        return self._within(self.picture)

    def _within(self, job: Callable[[], T]) -> T | None:
        done, held, faults = threading.Event(), list[T](), list[Exception]()

        def work() -> None:
            try:
                held.append(job())
            except Exception as fault:  # a question must not end the session that is asked
                faults.append(fault)
            done.set()

        self._put(work)
        done.wait(_PATIENCE_S)
        if faults:
            raise faults[0]  # where it was asked, in the thread that asked
        return held[0] if held else None


def _is_uncompared(around: Around) -> bool:
    """Return whether ledger and venue were not compared since the start."""
    return around.has_account and around.reconciled_ago_ms is None
