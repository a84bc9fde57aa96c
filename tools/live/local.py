"""`--venue local`: a whole session against the fake venue, under its time, at any speed.

The law: nothing is left out but the sockets: warm-up, agreement, orders, journal and words of people are
those of a session on a real venue.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from compiler.graph.program import Program
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.rest import Rest
from runtime.errors import DataError
from runtime.live.bars import BarGate
from runtime.live.desk import Desk
from runtime.live.journal import Journal
from runtime.live.session import Session
from runtime.market.timeframe import TIMEFRAMES
from tools.fakebybit.faults import Switch
from tools.fakebybit.venue import Venue
from tools.live.cockpit import Cockpit
from tools.live.facts import SessionFacts, empty_market
from tools.live.folders import JOURNAL
from tools.live.in_process import InProcess, Road
from tools.live.local_venue import Feed, make_venue
from tools.live.post_mortem import PostMortem
from tools.live.seen import around
from tools.live.venue_facts import prepare, refused
from tools.live.warm_up import interval_word, warm_up
from tools.live.watch import Watch

_GRACE_MS = 1_000  # after the last close, for what it led to
_LOOK_S = 0.05  # between two looks at a slow clock
Progress = Callable[[int, int], None]


class LocalRun:
    """One session and its venue. `speed`: venue time per wall time, None as fast as it goes."""

    def __init__(
        self,
        program: Program,
        facts: SessionFacts,
        feed: Feed,
        folder: Path,
        *,
        speed: float | None = None,
        seed: int = 0,
        faults: Sequence[Switch] = (),
    ) -> None:
        self.feed = feed
        self.speed = speed
        self.facts = facts
        settings = program.graph.settings
        self.venue: Venue = make_venue(facts.instrument, settings, feed, seed, faults=faults)
        self.journal = Journal(folder / JOURNAL)
        facts.write(self.journal)
        self._post_mortem = PostMortem(self.journal.path)
        length = TIMEFRAMES[program.graph.timeframe]
        self.desk = Desk(
            program, empty_market(program, facts.symbol), facts.instrument, limits=facts.limits
        )
        gate = BarGate(length, 0)
        self.session = Session(
            self.desk,
            self.journal,
            gate,
            now=lambda: self.venue.now,
            line_of=lambda at: facts.source.location(at).line,
        )
        self.watch = Watch(self.desk, program, facts.source)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.cockpit = Cockpit(
            self.watch,
            self.session.said,
            lambda: around(facts, self.session, self.venue.now),
            self._jobs.put,
            1.0,  # its venue answers in its own time
        )
        word = interval_word(program.graph.timeframe)
        self._road = Road(self.venue)
        self._rest = Rest(self._road, self._road)
        self.steps = InProcess(self.venue, self.session, (f"kline.{word}.{facts.symbol}",))
        self._begin(program, word)

    def _begin(self, program: Program, word: str) -> None:
        """Prepare the account, take in the bars of the past, and start as on any venue."""
        session, desk, now = self.session, self.desk, self.venue.now
        failed = refused(prepare(self._rest, self.facts.symbol, program.graph.settings, now))
        if failed:
            raise DataError(f"the account cannot be prepared: {'; '.join(failed)}")
        backend = BybitBackend(
            desk.ledger,
            self._rest,
            names_of(self.facts.run, self.facts.card_hash),
            session.hooks,
            now=lambda: self.venue.now,
            pace=Pace(interval=word, reconcile_ms=60_000),
            since=self.facts.since,
        )
        for bar in warm_up(self._rest, backend.intake, session.gate, program, now):
            session.put(bar)
        self.watch.begin()
        session.start(backend, [])
        self.steps.connect()

    # ------------------------------------------------------------ running

    def run(self, tell: Progress = lambda _done, _total: None) -> None:
        """Live through the feed, or until somebody stops it."""
        began, base = time.monotonic(), self.venue.now
        total = self.feed.stop - self.feed.start
        while self.venue.now < self.feed.end + _GRACE_MS and not self.cockpit.may_end:
            most = max(1, int(_LOOK_S * 1_000 * self.speed)) if self.speed else 300_000
            self.steps.step(min(most, self.feed.end + _GRACE_MS - self.venue.now))
            self.watch.look()
            self._post_mortem.look(self.desk.guard.halted)
            tell(self.watch.figures.bars, total)
            self._serve(began + (self.venue.now - base) / 1_000 / self.speed if self.speed else 0)

    def _serve(self, until: float) -> None:
        """Do what people ask for, until a moment of the wall clock."""
        while True:
            with suppress(queue.Empty):
                wait = until - time.monotonic()
                self._jobs.get(block=wait > 0, timeout=max(wait, 0.0))()
                continue
            return

    def hold(self, stops: Callable[[], bool]) -> None:
        """Answer people after the last bar, with the market standing still, until told to stop.

        What they ask of the venue is done: its time goes on, as fast as the wall's, while that is on its way.
        """
        while not self.cockpit.may_end:
            if stops() and not self.cockpit.wish.stops:
                self.cockpit.stop("Ctrl-C", closes=False)
            if self.cockpit.wish.stops or not self.steps.is_quiet:
                self.steps.step(max(1, int(_LOOK_S * 1_000)))
                self.watch.look()
                self._post_mortem.look(self.desk.guard.halted)
            self._serve(time.monotonic() + (0.0 if self.cockpit.may_end else _LOOK_S))

    def close(self) -> None:
        """End the session: stops and targets stay as they are."""
        self._post_mortem.look(self.desk.guard.halted)
        self.session.flush()
        self._post_mortem.close()
        self.session.backend.stop()
        self.journal.close()
