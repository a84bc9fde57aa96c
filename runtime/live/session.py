"""One loop: items to the desk, what they brought to the journal, what they ask for to the venue.

The law: an item and everything it brought are on the disk in one transaction before any request that rests on
them leaves. Streams, timers and people only put items in; nothing acts in a callback.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from runtime.account.room import stands_whole
from runtime.account.standing import granted
from runtime.backends.base import LOST_ORDER, NO_BARS, Backend, Loudness, Notice
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.hooks import Hooks
from runtime.backends.bybit.intake import Klines
from runtime.backends.bybit.messages import KlineUpdate
from runtime.backends.bybit.names import fresh_mark
from runtime.live.bars import BarGate
from runtime.live.codec import encode
from runtime.live.decider import Decider, is_back, protects, unfollowed
from runtime.live.items import (
    BarArrived,
    FactsChanged,
    FundingKnown,
    Item,
    LinkSaid,
    Marked,
    Ordered,
    Reconciled,
    TimerFired,
    Told,
)
from runtime.live.journal import Journal, JournalError, RecordKind
from runtime.live.losses import given_up, refused_again
from runtime.live.owed import DETOURS, came_to_nothing
from runtime.live.promised import BROKEN
from runtime.live.targets import TargetNews
from runtime.market.checks import utc
from runtime.market.instrument_facts import Instrument
from runtime.orders.changes import is_wish
from runtime.orders.commands import Command
from runtime.orders.events import BarClosed, Event

_TIMER_MS = 1_000
_NO_BARS_MS = 30_000  # between two words about bars that do not come; a warning holds for longer
_BARS_AGAIN_MS = (1_000, 2_000, 5_000, 10_000)  # the first also where an answer lacks the bar
_HASH_EVERY = 1_000
# What is as if it had not come, where it brought nothing: a power cut may take it from the journal.
_TOLD_AGAIN = (TimerFired, BarArrived, LinkSaid, Reconciled)
_MOST_ROUNDS = 1_000  # an item that leads to more answers than this leads to them for ever


class OtherSide(Backend, Protocol):
    """What a session needs of the other side, be it a venue or the simulator on live bars."""

    def start(self, known: Sequence[Event] = (), agreed_at: int | None = None) -> None: ...

    def sees(self, *, is_up: bool) -> None: ...

    def forget(self, order_ids: Iterable[str]) -> None: ...

    def close_all(self, since: int) -> None: ...

    def take(self, message: dict[str, object]) -> None: ...

    def tick(self) -> None: ...

    def bars(self, start: int, then: Callable[[Klines | None], None]) -> None: ...

    def decided_before(self) -> bool | None: ...

    def stop(self) -> None: ...


class Session:
    """A desk, a backend and a journal. `now`: ms UTC. Make it, give it its backend, `start` it.

    `correct` has that clock go right; it takes how far it is ahead, ms. `line_of`: a place of the card -> its line.
    """

    def __init__(
        self,
        desk: Decider,
        journal: Journal,
        gate: BarGate,
        *,
        now: Callable[[], int],
        correct: Callable[[int], None] = lambda _ahead: None,
        snapshot_every: int = 5_000,
        fresh_mark: Callable[[], str] = fresh_mark,
        line_of: Callable[[int], int] = lambda _at: 0,
    ) -> None:
        self.desk = desk
        self.journal = journal
        self.gate = gate
        self.items = 0
        self.keep: Callable[[], None] = lambda: None  # takes a snapshot into the journal
        self._snapshot_every = self._snapshot_at = snapshot_every  # items
        self.notices: list[Notice] = []  # the newest thousand
        self._now = now
        self._correct = correct
        self._fresh_mark = fresh_mark
        self._line_of = line_of
        self._ahead = self._began = 0  # of the venue's clock, ms; by ours as it was then
        self._has_lost = False  # an order of the process before that the journal lacks was told
        self._side: OtherSide | None = None
        self._rows: list[tuple[int, RecordKind, str]] = []
        self._must_last = False  # the rows hold what a power cut may not take
        self._outbox: list[Command] = []
        self._timer_at, self._no_bars_at, self._marked_at = 0, 0, {False: 0, True: 0}
        self._is_asking_bars = self._is_deaf = False  # deaf: the journal does not take anything
        self._bars_at = self._bars_missed = 0  # when to ask again; answers that stayed out in a row
        self._targets = TargetNews()
        # A contract that did not trade as the process before ended may trade by now: that is news.
        self._told_facts = (desk.ledger.instrument, desk.guard.blocked.get("market", ""))

    @property
    def side(self) -> OtherSide:
        """Return the other side; it is given once, after it was made with `hooks`."""
        assert self._side is not None
        return self._side

    @property
    def backend(self) -> BybitBackend:
        """Return the other side where it is the venue."""
        assert isinstance(self._side, BybitBackend)
        return self._side

    @property
    def hooks(self) -> Hooks:
        """Return where the backend's word goes."""
        return Hooks(
            emit=lambda event: self.put(Told(event=event)),
            tell=self.warn,
            bar=self._kline,
            agreed=lambda asked_at: self.put(Reconciled(ts=asked_at)),
            facts=self._facts,
            mark=self._marked,
            holds=lambda: self.desk.guard.why_no_entries(self._now(), besides="clock"),
            kept=lambda: self.desk.kept,
            is_once=lambda order: self.desk.engine.is_asked_once(order),
        )

    def start(self, backend: OtherSide, known: list[Event]) -> None:
        """Take up the events of the journal and look at the venue; protection is asked for first."""
        self._side = backend
        self._began = self.gate.began = self._now()
        # What was taken up, so that a replay says whether it was the same.
        self._rows.append((self._now(), RecordKind.HASH, self.desk.state_hash()))
        # Names are never given again: the journal may lack what the process before has sent, or be a copy.
        mark = self._fresh_mark() if self.desk.ledger.naming.marks else ""
        self.put(LinkSaid(link="private", is_up=False, why="start", ts=self._now(), mark=mark))
        self._must_last = True  # the mark: by it what leaves is ours
        backend.start(known, self.desk.agreed_at)
        self.put(TimerFired(ts=self._now()))
        self.flush()

    # ------------------------------------------------------------ items

    def put(self, item: Item) -> None:
        """Let the desk take an item; what it brought waits for `flush`."""
        halted = self.desk.guard.halted
        commands = self.desk.take(item)
        self.items += 1
        self._must_last = (
            self._must_last
            or bool(commands)
            or not isinstance(item, _TOLD_AGAIN)
            or self.desk.guard.halted != halted
            or any(not isinstance(event, BarClosed) for event in self.desk.brought)
        )
        ts = self._now()
        self._rows.append((ts, RecordKind.ITEM, encode(item)))
        told = item.event if isinstance(item, Told) else None
        self._rows += [
            (ts, RecordKind.EVENT, encode(event))
            for event in self.desk.brought
            if event is not told
        ]
        self._rows += [(ts, RecordKind.COMMAND, encode(command)) for command in commands]
        if self.items % _HASH_EVERY == 0:
            self._rows.append((ts, RecordKind.HASH, self.desk.state_hash()))
        self._outbox += [one for one in commands if not is_wish(one)]
        if self.desk.archived:
            self.side.forget(self.desk.archived)
        broken, brought = self.desk.promised.told(self._line_of), list(self.desk.brought)
        # Once where a breach begins: its halt holds as long as nobody resumes. Each is an item of its own.
        breaches = [Notice(kind=BROKEN, loudness=Loudness.ALARM, text=x, ts=ts) for x in broken]
        for notice in (*self.desk.lost, *breaches):
            self.warn(notice)
        for notice in self._targets.news(self.desk.coverage.targets, self.desk.ledger, ts):
            self.warn(notice)
        for text in unfollowed(item, self.desk.engine):
            self.warn(Notice(kind="fill_unfollowed", loudness=Loudness.ALARM, text=text, ts=ts))
        for event in brought:
            lost = came_to_nothing(event, self.desk.ledger)
            if lost is not None and lost.reason not in DETOURS:
                text = f"{lost.order_id}, an exit of {lost.remaining} lots, came to nothing: {lost.reason}"
                self.warn(Notice(kind="exit_lost", loudness=Loudness.ALARM, text=text, ts=ts))
            for kind, text in given_up(event, self.desk.engine):
                self.warn(Notice(kind=kind, loudness=Loudness.ALARM, text=text, ts=ts))
            if text := refused_again(event, self.desk.ledger):  # it would close an entry
                self.warn(
                    Notice(kind="cancel_refused", loudness=Loudness.ENTRIES, text=text, ts=ts)
                )
        for command in commands:
            if is_wish(command):
                self._answer_wish(command)

    def warn(self, notice: Notice) -> None:
        """Take a notice; it is journaled like everything that may stop an entry."""
        told = notice if notice.ts else replace(notice, ts=self._now())
        self.notices.append(told)
        self._has_lost = self._has_lost or told.kind == LOST_ORDER
        del self.notices[:-1_000]
        self.put(told)

    def said(self, word: str, by: str, name: str = "", value: float = 0.0) -> None:
        """Take a person's word; `flatten` means what the venue holds, too, where that differs."""
        self.put(Ordered(word=word, by=by, ts=self._now(), name=name, value=value))
        if word == "flatten":  # after it: a look may be answered at once
            self.side.close_all(self._now())
        if word == "resume" and self._told_facts[0] != self.desk.ledger.instrument:
            self._facts(*self._told_facts, is_again=True)  # another grid halts again
        self.flush()

    def link(self, link: str, *, is_up: bool, why: str = "") -> None:
        """Take word of a stream; after a private one has come up the venue is looked at first."""
        self.put(LinkSaid(link=link, is_up=is_up, why=why, ts=self._now()))
        if link == "private":
            self.side.sees(is_up=is_up)
        self.flush()

    def frame(self, message: dict[str, object]) -> None:
        """Take one message of a stream."""
        self.side.take(message)
        self.flush()

    def tick(self) -> None:
        """Let time pass: what waits leaves, what is due is asked, bars that are overdue are fetched."""
        now = self._now()
        self.side.tick()
        if now >= self._timer_at:
            self._timer_at = now + _TIMER_MS
            self.put(TimerFired(ts=now))
        self._fetch_bars(now)
        self.flush()
        self._rest_a_moment()

    def _facts(self, instrument: Instrument, closed: str, *, is_again: bool = False) -> None:
        """Take what the venue says of the contract, where it is news."""
        if is_again or (instrument, closed) != self._told_facts or is_back(instrument, self.desk):
            self._told_facts = (instrument, closed)
            self.put(FactsChanged(instrument=instrument, closed=closed, ts=self._now()))
            if whole := stands_whole(self.desk.ledger):
                self.warn(Notice(kind="stop_in_one_piece", loudness=Loudness.ALARM, text=whole))

    def _marked(self, price: float, *, is_traded: bool = False) -> None:
        """Take what the venue values the position at, once a second at most: a loss must not wait for a close.

        `is_traded`: what was traded last, taken while an entry waits, or a target is missing, that it may have passed.
        """
        now, desk, targets = self._now(), self.desk, self.desk.coverage.targets
        is_asked = desk.kept or targets.is_watched if is_traded else desk.ledger.position
        if now >= self._marked_at[is_traded] + _TIMER_MS and is_asked:
            self._marked_at[is_traded] = now
            self.put(Marked(price=price, ts=now, is_traded=is_traded))

    def funding(self, due: int, rate: float) -> None:
        """Take the rate of a funding time (ms UTC) of a session that has no account."""
        self.put(FundingKnown(due=due, rate=rate, ts=self._now()))

    def _rest_a_moment(self) -> None:
        """Do what can wait, where nothing waits: the journal's housekeeping, a snapshot now and then."""
        self.journal.tidy()
        if self._rows or self._outbox or self.items < self._snapshot_at:
            return
        self._snapshot_at = self.items + self._snapshot_every
        with suppress(JournalError):  # without one a start takes longer
            self.keep()

    # ------------------------------------------------------------ bars

    def measured(self, ahead: int) -> None:
        """Take how far our clock is ahead of the venue's (ms; negative: behind): bars go by the venue's."""
        self._ahead = ahead
        self.gate.began = max(self.gate.began, self._began - ahead)
        self._correct(ahead)

    def _venue_time(self) -> int:
        return self._now() - self._ahead

    def _is_decided(self, start: int) -> bool | None:
        """Return whether the process before may have decided on a bar without its journal; None: not known yet."""
        if not self.gate.is_past(start):
            return False
        told = self.desk.guard.halted.startswith(LOST_ORDER) or self._has_lost
        return told or self.side.decided_before()

    def _kline(self, row: KlineUpdate) -> None:
        self._marked(row.close, is_traded=True)
        if self._is_decided(row.start) is not False:
            return  # it is fetched once that is known
        bar = self.gate.streamed(row, self._venue_time())
        if bar is not None:
            self.put(bar)

    def _fetch_bars(self, now: int) -> None:
        start = self.gate.missing(self._venue_time())
        if start is None or self._is_asking_bars or now < self._bars_at:
            return
        if self._is_decided(self.gate.newest(self._venue_time())) is None:
            return  # nothing decides meanwhile, and the next close does in any case
        self._is_asking_bars = True

        def then(told: Klines | None) -> None:
            self._is_asking_bars = False
            wait = _BARS_AGAIN_MS[min(self._bars_missed, len(_BARS_AGAIN_MS) - 1)]
            self._bars_at = self._now() + wait  # else a storm, as fast as refusals come
            self._bars_missed = 0 if told is not None else self._bars_missed + 1
            self._note_time(now, told)
            if self.gate.missing(self._venue_time()) is None:
                return  # our clock was ahead, or the stream has brought it meanwhile
            if self._is_decided(self.gate.newest(self._venue_time())) is None:
                return  # the answer has set our clock right
            before = self.gate.lacking
            found = [] if told is None else self.gate.fetched(told.rows, told.at)
            if self.gate.lacking > before:
                text = f"bars before {utc(found[-1].start)} are not at the venue: {self.gate.lacking - before}"
                self.warn(Notice(kind="bar_missing", loudness=Loudness.ALARM, text=text))
            if not found:
                self._warn_of_no_bars(start)
            else:
                text = f"bars from {utc(found[0].start)} on were fetched: {len(found)}"
                self.warn(Notice(kind="bar_gap", loudness=Loudness.NOTE, text=text))
            for bar in found:
                self.put(replace(bar, decides=False) if self._is_decided(bar.start) else bar)

        self.side.bars(start, then)

    def _note_time(self, asked_at: int, told: Klines | None) -> None:
        """Hold our clock against the time of an answer: it was told after we asked and before now."""
        if told is None:
            return
        low, high = asked_at - told.at, self._now() - told.at
        if not low <= self._ahead <= high:
            self.measured(low if low > 0 else min(0, high))

    def _warn_of_no_bars(self, start: int) -> None:
        """Hold entries while bars are overdue and cannot be had: nobody sees the market."""
        now = self._now()
        if now - self._no_bars_at >= _NO_BARS_MS:
            self._no_bars_at = now
            text = f"the bar of {utc(start)} is overdue and cannot be had"
            self.warn(Notice(kind=NO_BARS, loudness=Loudness.ENTRIES, text=text, ts=now))

    # ------------------------------------------------------------ durable, then sent

    def flush(self) -> None:
        """Write what was brought, then send what it asks for, until nothing is left."""
        for _ in range(_MOST_ROUNDS):
            if not self._rows and not self._outbox:
                return
            if not self._write():
                self._send_what_protects()
                return
            commands, self._outbox = self._outbox, []
            if commands:
                self.side.submit(commands)
        raise JournalError("an item leads to answers for ever")

    def _write(self) -> bool:
        try:
            self.journal.write(self._rows, may_be_lost=not self._must_last)
        except JournalError as error:
            if not self._is_deaf:
                self._is_deaf = True
                self.warn(Notice(kind="journal", loudness=Loudness.HALT, text=str(error)))
            return False
        self._rows = []
        self._must_last = self._is_deaf = False
        return True

    def _send_what_protects(self) -> None:
        """Without a journal nothing opens; what protects, reduces or cancels still leaves."""
        commands, self._outbox = self._outbox, []
        kept = [command for command in commands if protects(command, self.desk.ledger)]
        if kept:
            self.side.submit(kept)

    def _answer_wish(self, command: Command) -> None:
        """Answer a wish of the card: it is state at once, before anything is written; its orders are requests."""
        ledger = self.desk.ledger
        event = granted(ledger, command, ledger.close, ledger.bar + 1, self._now())
        if event is not None:
            self.put(Told(event=event))
