"""A session in real time: unmodified pybit, threads that wait, one loop that decides.

The law: the session's thread is the only one that reads or changes it. What ends a run leaves stops and
targets where they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from compiler.graph.program import Program
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.intake import Intake
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.reconcile import OnMismatch
from runtime.backends.bybit.streams import Link
from runtime.backends.bybit.worker import Workers
from runtime.live.bars import BarGate
from runtime.live.decider import Decider
from runtime.live.guard import SessionLimits
from runtime.live.journal import Journal
from runtime.live.lock import Lock, PanicMark
from runtime.live.loop import Loop, Worker, be_quick
from runtime.live.paper import PaperBars
from runtime.live.pulse import Pulse
from runtime.live.resume import take_up
from runtime.live.session import OtherSide, Session
from runtime.market.timeframe import TIMEFRAMES
from tools.live.cockpit import Cockpit
from tools.live.door import Door, wall_ms
from tools.live.facts import SessionFacts, fresh_desk
from tools.live.folders import HEARTBEAT
from tools.live.post_mortem import PostMortem
from tools.live.seen import around
from tools.live.warm_up import interval_word, warm_up
from tools.live.watch import Watch

_HEARING_S = 5.0
_WARM_MS = 15_000  # the connection for requests is used at least so often


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a run is made of, before it starts: everything that pre-flight has found good."""

    program: Program
    facts: SessionFacts
    door: Door
    journal: Journal
    folder: Path
    limits: SessionLimits = SessionLimits()  # that this start was given
    lock: Lock | None = None  # of the account's symbol
    on_mismatch: OnMismatch = OnMismatch.HALT


class WireRun:
    """One session over sockets. Make it, `run` it, `close` it."""

    def __init__(self, made: Made) -> None:
        self.facts, self.door, self.journal = made.facts, made.door, made.journal
        self._lock = made.lock
        self._on_mismatch = made.on_mismatch
        self._post_mortem = PostMortem(made.journal.path)
        self.loop = Loop()
        # A journal that is taken up is lived through first: what it holds is known, not asked again.
        taken = take_up(self.journal, lambda: fresh_desk(self.facts, made.program))
        desk = taken.desk
        now = self.door.now
        word = interval_word(made.program.graph.timeframe)
        pace = Pace(interval=word, warm_ms=_WARM_MS).at(self.facts.speed)
        length = TIMEFRAMES[made.program.graph.timeframe]
        is_fresh = desk.ledger.bar < 0
        self.session = Session(
            desk,
            self.journal,
            BarGate(length, desk.ledger.ts - length, pace),
            now=now,
            correct=self.door.correct,
            line_of=lambda at: self.facts.source.location(at).line,
        )
        self.watch = Watch(desk, made.program, self.facts.source)
        self.cockpit = Cockpit(
            self.watch,
            self.session.said,
            lambda: around(self.facts, self.session, now()),
            self.loop.put,
            self.facts.speed,
        )
        self._workers = {name: Worker(self.loop.put, name) for name in self._lines()}
        side, intake = self._side(desk, pace)
        if is_fresh:
            for bar in warm_up(self.door.rest(), intake, self.session.gate, made.program, now()):
                self.session.put(bar)
        self.watch.begin()
        taken.go_on(self.session, side)
        _give_limits(self.session, made.limits)
        self._links = [
            Link(line, self.door.keys if line.channel == "private" else None, self.loop.put)
            for line in self.door.lines(f"kline.{word}.{self.facts.symbol}")
        ]
        for link in self._links:
            link.start()
        self._pulse = _pulse(self.session, made)

    def _lines(self) -> tuple[str, ...]:
        if self.door.keys is None:
            return ("asking",)
        return ("placing", "protecting", "asking", "market")

    def _side(self, desk: Decider, pace: Pace) -> tuple[OtherSide, Intake]:
        """Return who answers: the venue, or the simulator on its bars."""
        hooks, now, instrument = self.session.hooks, self.door.now, self.facts.instrument
        if self.door.keys is None:
            bars = PaperBars(
                instrument,
                self.door.rest(),
                hooks,
                now=now,
                interval=pace.interval,
                interval_ms=self.session.gate.interval_ms,
                funding=self.session.funding,
                asking=self._workers["asking"],
            )
            return bars, bars.intake
        backend = BybitBackend(
            desk.ledger,
            self.door.rest(),
            names_of(self.facts.run, self.facts.card_hash),
            hooks,
            now=now,
            workers=Workers(**self._workers),
            pace=pace,
            since=self.facts.since,
            correct=self.session.measured if self.door.lives_by_itself else None,
            on_mismatch=self._on_mismatch,
        )
        return backend, backend.intake

    # ------------------------------------------------------------ running

    def run(
        self, stops: Callable[[], bool], draw: Callable[[bool], None] = lambda _now: None
    ) -> None:
        """Go on until told to stop, by a word or by `stops`; `draw` shows the session meanwhile."""

        def beat() -> None:
            self._pulse.beat()
            self.watch.look()
            self._post_mortem.look(self.session.desk.guard.halted)
            if stops() and not self.cockpit.wish.stops:
                self.cockpit.stop("a signal", closes=False)
            if self.cockpit.may_end:
                self.loop.stop()
            draw(False)

        be_quick()
        self.loop.run(self.session, beat)
        self._pulse.end(self.cockpit.wish.by)
        draw(True)

    def hear(self) -> None:
        """Hear what was filled while nobody was there, and send the stops for it, before anything else is looked at."""
        seen = self.session.backend.seen
        self.loop.hear(self.session, lambda: seen.reconciled_at is not None, _HEARING_S)

    def stand_down(self, by: str) -> str:
        """End a session that may not go on, as by `stop`: what is held has its stop first; return what is left."""
        self.cockpit.stop(by, closes=False)
        try:
            self.run(lambda: False)
            return self.cockpit.left_behind
        finally:
            self.close()

    def close(self) -> None:
        """End links, workers and journal; nothing is asked of the venue any more."""
        for link in self._links:
            link.stop()
        for worker in self._workers.values():
            worker.stop()
        self._post_mortem.close()
        self.session.flush()
        self.session.side.stop()
        self.journal.close()
        if self._lock is not None:
            self._lock.release()


def _give_limits(session: Session, limits: SessionLimits) -> None:
    """Let the limits that a start is given hold; one that the start before was given stays as a person has tightened it."""
    guard = session.desk.guard
    for limit, value in asdict(limits).items():
        held = getattr(guard.limits, limit)
        if value is None:
            continue
        if value != getattr(guard.given, limit):
            session.said("limit_set", "start", limit, value)
        elif value != held:
            text = f"{limit} stays {held:g}, as it was tightened while the session ran: another value than {value:g} changes it"
            session.warn(Notice(kind="limit_kept", loudness=Loudness.NOTE, text=text, ts=0))


def _pulse(session: Session, made: Made) -> Pulse:
    mark = None
    if made.door.keys is not None:
        mark = PanicMark(made.facts.venue, made.door.keys.key, made.facts.symbol)
    return Pulse(
        session,
        made.folder / HEARTBEAT,
        made.facts.venue,
        seconds=time.monotonic,
        wall_ms=wall_ms,
        mark=mark,
    )
