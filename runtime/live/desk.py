"""The deciding part of a session: items in, commands out, nothing else.

The law: pure. The same items give the same events, commands and state, so a journal of them can be replayed;
no clock, no file and no venue is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.account.standing import followed
from runtime.backends.base import CAME_BACK, FLATTEN, NOT_COMPARED, Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.engine import Engine, Outcome
from runtime.live.asked_later import AskedLater
from runtime.live.by_hand import attributed, exiting, too_many
from runtime.live.changes import Changes
from runtime.live.close_out import CloseOut
from runtime.live.coverage import Coverage, closing
from runtime.live.decider import (
    CLOSING,
    ENDING,
    HoldsBars,
    cancels,
    holding_recent,
    moves_since,
    obey,
    permitted,
    recent_bars,
    rejected,
    state_hash,
    take_facts,
)
from runtime.live.exits import Exits
from runtime.live.guard import Guard, SessionLimits
from runtime.live.held import Held, Seen
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
from runtime.live.missed import Missed
from runtime.live.promised import Promised
from runtime.live.unfinished import Unfinished
from runtime.live.unturned import given_up
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import AmendOrder, Command, Decided, SubmitOrder
from runtime.orders.events import BalanceAdjusted, BarClosed, Event, OrderFilled
from runtime.rules.market_stage import MarketStage

_TIDY_MS, _KEPT = 60_000, 1_000  # kept: refusals and cuts, for people


class Desk(HoldsBars, Unfinished):
    """One program on one account. `brought`: the events that the last item led to, in order.

    `archived`: orders the last item took out of the ledger; they ended `keep_ms` ago. `lost`: what is told after it.
    """

    def __init__(
        self,
        program: Program,
        data: MarketData,
        instrument: Instrument,
        *,
        limits: SessionLimits | None = None,
        coverage: Coverage | None = None,
        exits: Exits | None = None,
        keep_ms: int = 3_600_000,
    ) -> None:
        self.ledger = Ledger(instrument, program.graph.settings)
        self.ledger.in_pieces = True
        data = holding_recent(data)
        self.market = MarketStage(program, data, recent=recent_bars(program))
        self.engine = Engine(program, self.ledger, self.market, instrument)
        self.engine.listeners.append(self._heard)
        self.promised = Promised(program, self.engine)
        self.guard = Guard(limits or SessionLimits())
        self.guard.block("start", "ledger and venue were not compared yet")
        self.coverage = coverage or Coverage()
        self.held, self.changes = Held(), Changes()
        self.exits = exits or Exits()
        self.engine.is_patient, self.engine.held_back = True, self._held_back
        self.engine.older_exits = lambda: self.exits.older(self.ledger, self.engine.is_asked_once)
        self.engine.reached = lambda: self.coverage.targets.reached(self.ledger, self._ts)
        self.later, self.missed = AskedLater(), Missed()
        self.brought: list[Event] = []
        self.archived: list[str] = []
        self.lost: list[Notice] = []
        self.agreed_at: int | None = None  # when ledger and venue last agreed, ms UTC
        self._keep_ms, self._tidied_at = keep_ms, 0
        self._data = data
        self._warm_bars = program.warmup_bars
        self._was_halted = False
        self._has_begun = False  # a bar has come that may be decided on
        self._private_since: int | None = None  # when the private stream came up
        self._price = 0.0  # the newest there is: a close, or what the venue values the position at
        self._seen = Seen()
        self.close_out = CloseOut()
        self._ts = 0

    def _heard(self, event: Event) -> None:
        self.brought.append(event)
        self.exits.heard(event, self.ledger, self._ts, self.changes.wanted)
        self.coverage.targets.heard(event, self.ledger)
        self.changes.heard(event, self.ledger, is_passing=self.guard.is_passing(self._ts))
        self.missed.heard(event, self.engine, is_passing=self.guard.is_passing(self._ts))
        if isinstance(event, OrderFilled):
            self.guard.count_fill(event)
            self.lost += self.exits.turned(event, self.ledger, self._ts)
        elif isinstance(event, BalanceAdjusted):
            self.guard.count_transfer(event.amount)

    @property
    def is_warm(self) -> bool:
        """Return whether every feature has the bars it needs."""
        return len(self._data.exec) >= self._warm_bars

    def state_hash(self) -> str:
        """Return a digest of everything the account has become."""
        return state_hash(self.ledger, self.guard)

    # ------------------------------------------------------------ items

    def take(self, item: Item) -> list[Command]:
        """Take one item and return what is to be asked of the venue, in order."""
        self.brought, self.archived, self.promised.began, self.lost = [], [], [], []
        commands = self._permitted(self._kept([*self._take(item), *self.held.resized(self.ledger)]))
        is_passing = self.guard.is_passing(self._ts)
        for command, code, text in self.held.due(
            self.ledger, self._ts, self.exits.goes_on, is_held=is_passing, seen=self._seen
        ):
            commands += (
                self._turned_down(command, code, text) if code else self._permitted([command])
            )
        self.coverage.look(self.ledger, self._ts)
        is_open = self.coverage.is_passed(self.ledger, self._price, self._ts)
        if (is_open or self.coverage.has_failed(self.ledger)) and not self.close_out.why:
            self.guard.halt("a position could not be protected")
            self.close_out.why = "uncovered"
            commands += self._close_everything()
        if self.exits.has_failed:
            self.guard.halt("an exit could not be carried out")
        if self.coverage.is_stuck(self.ledger, self._ts):
            self.guard.halt("a stop could not be moved")
        if self.coverage.closes_others(self.ledger, self._ts):
            self.guard.halt("a stop could not be made smaller")
        self.lost += self.coverage.news(self.ledger, self._ts)
        if self.guard.halted and not self._was_halted:
            commands += self._kept(self._give(cancels(self.ledger, "halted")))
        self._was_halted = bool(self.guard.halted)
        return commands

    def _take(self, item: Item) -> list[Command]:
        match item:
            case Told(event=event):
                return self._told(event)
            case BarArrived():
                return self._bar(item)
            case Notice():
                self._at(item.ts)
                return self._notice(item)
            case LinkSaid():
                return self._link(item)
            case Ordered():
                self._at(item.ts)
                return self._ordered(item)
            case TimerFired(ts=ts):
                self._at(ts)
                self.guard.look(self.ledger, self._ts)
                self.coverage.look(self.ledger, self._ts)
                commands = self._give(self.coverage.due(self.ledger, self._ts))
                commands += self._give(self.exits.due(self.ledger, self._ts))
                commands += self._asked_later() + self._changed_again() + self._give(self.timed_out)
                self._look_at_closing()
                return commands + self._close_everything()  # what a thin book left, too
            case Marked(price=price, ts=ts):
                self._at(ts)
                self._seen = Seen(price, self._ts)
                if item.is_traded:
                    self.coverage.targets.traded(self.ledger, price, self._ts)
                else:
                    self._price = price
                    self.guard.look(self.ledger, self._ts, price)
                return []
            case FundingKnown():
                return []  # of a session that has an account the venue says what was paid
            case FactsChanged():
                self._at(item.ts)
                take_facts(item, self.engine, self.guard)
                return []
            case Reconciled(ts=ts):
                self.agreed_at = ts
                self.close_out.agreed(ts)
                self.guard.lift("start")
                self.guard.warned.pop(NOT_COMPARED, None)
                # What was asked before the stream was up may have missed what came in between.
                if self._private_since is None or ts < self._private_since:
                    return []
                was_down = "private" in self.guard.blocked
                self.guard.lift("private")
                return self._give(self.coverage.again(self.ledger, self._ts)) if was_down else []
            case _:
                assert_never(item)

    def _at(self, ts: int) -> None:
        self._ts = max(self._ts, ts)

    def _notice(self, notice: Notice) -> list[Command]:
        self.guard.notice(notice)
        if notice.kind == CAME_BACK:  # the card may have asked for another in its place
            self.guard.look_at_stake(self.ledger)
        if notice.kind != FLATTEN or self.ledger.position is None:
            return []
        self.close_out.why = "position_differs"
        return self._close_everything()

    def _told(self, event: Event) -> list[Command]:
        self._at(event.ts)
        self.close_out.hear(event, self.ledger)
        event = attributed(event, self.exits, self.coverage.targets, self.ledger, self._ts)
        commands = self.engine.react(event)
        if isinstance(event, OrderFilled):
            for moved in moves_since(self._data.exec, self.ledger, event.ts):
                commands += self.engine.react(moved)
            commands += self._give(too_many(self.exits, self.coverage.targets, self.ledger))
            if self.close_out.why:
                commands += self._close_everything()
            elif self.lost:  # a turn's surplus leaves at once
                commands += self._give(self.exits.due(self.ledger, self._ts))
        return commands

    def _bar(self, item: BarArrived) -> list[Command]:
        frame = self._data.exec
        if len(frame) and item.start <= frame.ts[-1]:
            return []
        bar = len(frame)
        frame.append(item.start, item.open, item.high, item.low, item.close, item.volume)
        self._begin(item, bar)
        self.market.advance(bar + 1)
        ts = frame.close_time(bar)
        self._at(ts)
        self._price, self._seen = item.close, Seen(item.close, ts)
        self.coverage.targets.closed(self.ledger, item, ts)
        commands: list[Command] = []
        extremes = {"high": item.high, "low": item.low, "close": item.close}
        for moved in followed(self.ledger, bar, item.start, ts, **extremes):
            commands += self.engine.react(moved)
        closed = BarClosed(
            bar=bar, ts=ts, close=item.close, mark=item.mark, high=item.high, low=item.low
        )
        commands += self.engine.react(closed)
        self.guard.look(self.ledger, self._ts)
        if self._has_begun:  # the account's past begins with the session, as a back-test's
            self.engine.observe(bar, decides=item.decides and self.is_warm)
            self.promised.at_close(bar, self.guard)
        if item.decides and self.is_warm:
            self.ledger.kept = frozenset(self.held.waits)
            commands += self.engine.close_bar(bar, ticked=True)
            self._decided(self.engine.outcomes, ts)
            self.changes.closed(self.engine)
            self.lost += self.later.decided(self.engine, ts, self.exits.refs, self.changes.repeated)
            self.lost += self.missed.decided(self.engine, ts, self.later.intents, self.exits)
        self._tidy()
        return commands

    def _decided(self, outcomes: Sequence[tuple[Intent, Outcome]], ts: int) -> None:
        """Take what intents came to, their orders asked for already."""
        engine = self.engine
        now = (one for one in engine.cuts if one.bar == self.ledger.bar)
        cut = {id(one.intent) for one in now if not one.cut.is_rounding}
        self.changes.decided(outcomes, engine, ts)
        self.exits.decided(outcomes, cut, self.ledger, engine.is_asked_once, engine.owed())

    def _tidy(self) -> None:
        """Let go of what nothing can ask for any more: a session may run for months."""
        if self._ts - self._tidied_at >= _TIDY_MS:
            self._tidied_at = self._ts
            self.archived = self.ledger.archive(self._ts - self._keep_ms)
        del self.engine.refusals[:-_KEPT]
        del self.engine.cuts[:-_KEPT]

    def _link(self, item: LinkSaid) -> list[Command]:
        self._at(item.ts)
        if item.why == "start":
            self.ledger.naming.begin(item.mark)
            self.coverage.restarted(item.ts)
            self.guard.lift(ENDING)
        if item.link == "private":
            self._private_since = item.ts if item.is_up else None
        if not item.is_up:
            self.guard.block(item.link, f"the {item.link} stream is down: {item.why}")
        elif item.link != "private":  # that one is lifted when ledger and venue have been compared
            self.guard.lift(item.link)
        return []

    def _ordered(self, item: Ordered) -> list[Command]:
        if item.word == "flatten":
            self.close_out.flatten(item.ts)
        elif item.word == "resume":
            self.close_out.is_flat_wanted = False
            self._look_at_closing()
            if self.close_out.why:  # the word takes back the pause, not the close
                self.guard.block(CLOSING, f"not closed yet: {self.close_out.why}")
        elif item.word == "cancel" and item.name:
            self.dismiss(item.name)
        elif item.word == "stop":
            self.lost += self.missed.ending(self.ledger, self.exits, self._ts)
        lots = exiting(self.exits, self.coverage.targets, self.ledger, self._ts)
        return obey(item, self.engine, self.guard, self._ts, self._give, lots)

    def _close_everything(self) -> list[Command]:
        why = self.close_out.why
        return self._give(closing(self.ledger, self._ts, why)) if why else []

    def _look_at_closing(self) -> None:
        if self.close_out.look(self.ledger, self._ts, self.exits.patience_ms):
            self.guard.lift(CLOSING)

    def _changed_again(self) -> list[Command]:
        """Return the card's changes that never left, and that leave now."""
        commands: list[Command] = []
        is_held = self._is_closed or self.ledger.book.is_unsure
        for change, code in list(self.changes.due(self.ledger, self._ts, is_held=is_held)):
            given = self._give([change])
            if code and isinstance(change, AmendOrder):
                given = self._turned_down(change, code, "")
            commands += given
        self.lost += self.changes.lost(self.ledger, self._ts)
        return commands

    def _asked_later(self) -> list[Command]:
        """Return what follows a fill, was refused for want of an answer, and leaves now."""
        commands: list[Command] = []
        for intent, outcome, told in self.later.due(self.engine, self._ts, self.exits.refs):
            if isinstance(outcome, Refused):  # for good: it says nothing of what else is asked
                if told is not None:
                    self.lost.append(given_up(told, intent, outcome, self.ledger, self.exits))
                continue
            commands += self._give(outcome)
            self._decided([(intent, outcome)], self._ts)
        return commands

    # ------------------------------------------------------------ what may leave

    @property
    def _is_closed(self) -> bool:
        return bool(self.guard.why_no_entries(self._ts))

    def _give(self, decided: Sequence[Decided]) -> list[Command]:
        return self.engine.give(decided, self.ledger.bar + 1, self._ts)

    def _kept(self, commands: Sequence[Command]) -> list[Command]:
        """Return what may leave now: an entry that nothing asks for again waits for what passes by itself.

        A change of one that waits is done at once; any other that nothing asks for again waits, too.
        """
        left: list[Command] = []
        waits = self._is_closed or self.ledger.book.is_unsure
        for command in commands:
            over = self.held.changed(command, self.ledger, self._ts) or (
                waits and self.changes.postponed(command, self.ledger, self._ts)
            )
            left += self.engine.react(over) if over else [command]
        is_passing = self.guard.is_passing(self._ts) or (waits and not self._is_closed)

        def is_held(command: SubmitOrder) -> bool:
            spec = command.spec  # what turns a position is as large as that is now, and no later
            is_asked_once = self.engine.is_asked_once(self.ledger.orders[spec.order_id])
            return is_passing and is_asked_once and not spec.carries

        return self.held.keep(left, self.ledger, self._ts, is_held, is_closed=waits)

    def _permitted(self, commands: list[Command]) -> list[Command]:
        asked = [(command, self.exits.detour(command, self.ledger)) for command in commands]
        kept = [command for command, detour in asked if detour is None]
        kept = permitted(kept, self.ledger, self.guard, self._ts, self._turned_down)
        for command, detour in asked:
            if detour is not None and isinstance(command, SubmitOrder):
                kept += self._turned_down(command, *detour)
        return kept

    def _turned_down(
        self, command: SubmitOrder | AmendOrder, code: str, text: str
    ) -> list[Command]:
        demanded = self.engine.react(rejected(command, code, text, self.ledger, self._ts))
        return demanded + self._give(self.exits.due(self.ledger, self._ts))  # what it owes leaves
