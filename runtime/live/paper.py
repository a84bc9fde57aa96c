"""A session without a venue's account: live public bars, and the simulator answers.

The law: a bar that has closed is lived through by the simulator as in a back-test, then decided on; so a
paper session and a back-test over its bars are the same run. What a bar did is known when it has closed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.account.turning import left_to_close
from runtime.backends.base import Notice
from runtime.backends.bybit.hooks import Hooks
from runtime.backends.bybit.intake import Intake, Klines
from runtime.backends.bybit.messages import KlineUpdate
from runtime.backends.bybit.rest import Dated, Rest
from runtime.backends.bybit.worker import Inline, Worker
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.live.coverage import Coverage
from runtime.live.decider import (
    ENDING,
    HoldsBars,
    cancels,
    holding_recent,
    obey,
    permitted,
    recent_bars,
    rejected,
    state_hash,
)
from runtime.live.funding_first import FundingFirst
from runtime.live.guard import Guard, SessionLimits
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
from runtime.live.promised import Promised
from runtime.market.data import FundingSeries, MarketData
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import AmendOrder, Command, Decided, SetProtection, SubmitOrder
from runtime.orders.events import BarClosed, Event, OrderFilled
from runtime.rules.market_stage import MarketStage

_ARCHIVE_EVERY = 100  # bars
_KEEP_MS = 3_600_000  # what ended is kept so long
_KEPT = 1_000  # refusals and cuts, for people


class PaperDesk(HoldsBars):
    """One program on the simulator. `brought`: the events that the last item led to, in order."""

    def __init__(
        self,
        program: Program,
        data: MarketData,
        instrument: Instrument,
        *,
        limits: SessionLimits | None = None,
    ) -> None:
        settings = program.graph.settings
        data = holding_recent(data)
        data.funding = self.funding = FundingSeries()
        self.ledger = Ledger(instrument, settings)
        self.market = MarketStage(program, data, recent=recent_bars(program))
        self.engine = Engine(program, self.ledger, self.market, instrument)
        self.engine.listeners.append(self._heard)
        self.promised = Promised(program, self.engine)
        self.guard = Guard(limits or SessionLimits())
        self.guard.block("start", "no bar was taken in yet")
        self.engine.held_back = lambda _intent: self.guard.held_back(self._ts, waits=False)
        self.coverage = Coverage()
        self.brought: list[Event] = []
        self.archived: list[str] = []
        self.lost: list[Notice] = []  # nothing: the simulator answers at once
        self.agreed_at: int | None = None
        self.exchange = SimulatedExchange(
            self.ledger, data, instrument, settings, self.engine.apply
        )
        self._data = data
        self._warm_bars = program.warmup_bars
        self._has_begun = False
        self._was_halted = False
        self._ts = 0

    def _heard(self, event: Event) -> None:
        self.brought.append(event)
        if isinstance(event, OrderFilled):
            self.guard.count_fill(event)

    @property
    def to_close(self) -> int:
        """Return 0: what the simulator was asked to close is an order of its own until it is done."""
        return 0

    @property
    def uncompared_since(self) -> None:
        """Return None: the ledger is all that is held."""

    @property
    def to_ask(self) -> list[str]:
        """Return nothing: the simulator answers at once."""
        return []

    @property
    def to_come(self) -> list[str]:
        """Return nothing: what the simulator was asked for is an order that works."""
        return []

    def parts(self, name: str) -> list[str]:
        """Return nothing: an exit is one order, and is not asked again."""
        return []

    def comes(self, name: str) -> bool:
        """Return False, as nothing does."""
        return name in self.to_come

    @property
    def in_doubt(self) -> list[str]:
        """Return nothing: the simulator loses no order."""
        return []

    @property
    def kept(self) -> Collection[str]:
        """Return nothing: what is held back here is refused."""
        return ()

    def state_hash(self) -> str:
        """Return a digest of everything the account has become."""
        return state_hash(self.ledger, self.guard)

    def take_rate(self, due: int, rate: float) -> None:
        """Take the rate of a funding time (ms UTC) that is newer than those known."""
        if not self.funding.ts or due > self.funding.ts[-1]:
            self.funding.ts.append(due)
            self.funding.rate.append(rate)

    # ------------------------------------------------------------ items

    def take(self, item: Item) -> list[Command]:
        """Take one item; what it asks for is the simulator's at the next open."""
        self.brought, self.archived, self.promised.began = [], [], []
        commands = self._permitted(self._take(item))
        if self.guard.halted and not self._was_halted:
            commands += self._give(cancels(self.ledger, "halted"))
        self._was_halted = bool(self.guard.halted)
        self.exchange.submit(commands)
        # A wish is the simulator's to answer, not the session's.
        return [command for command in commands if not isinstance(command, SetProtection)]

    def _take(self, item: Item) -> list[Command]:
        match item:
            case BarArrived():
                return self._bar(item)
            case Notice():
                self.guard.notice(item)
            case LinkSaid(link=link, is_up=is_up, why=why) if link == "public":
                if is_up:
                    self.guard.lift(link)
                else:
                    self.guard.block(link, f"the {link} stream is down: {why}")
            case LinkSaid(why="start"):
                self.guard.lift(ENDING)
            case LinkSaid() | Told():
                pass  # nobody has an account here
            case Ordered():
                self._ts = max(self._ts, item.ts)
                return obey(item, self.engine, self.guard, self._ts, self._give)
            case TimerFired(ts=ts):
                self._ts = max(self._ts, ts)
                self.guard.look(self.ledger, self._ts)
            case Reconciled(ts=ts):
                self.agreed_at = ts
                self.guard.lift("start")
            case FundingKnown(due=due, rate=rate):
                self.take_rate(due, rate)
            case FactsChanged() | Marked():
                pass  # a paper session keeps the facts it began with
            case _:
                assert_never(item)
        return []

    def _bar(self, item: BarArrived) -> list[Command]:
        frame = self._data.exec
        if len(frame) and item.start <= frame.ts[-1]:
            return []
        bar = len(frame)
        frame.append(item.start, item.open, item.high, item.low, item.close, item.volume)
        self._begin(item, bar)
        self.market.advance(bar + 1)
        self._ts = frame.close_time(bar)
        if self._has_begun:
            self.exchange.step(bar)
        else:  # it only warms up, as the bars before the first traded one of a back-test
            close = BarClosed(bar=bar, ts=self._ts, close=item.close, mark=item.close)
            self.engine.apply(close)
        self.guard.look(self.ledger, self._ts)
        self._tidy(bar)
        decides = item.decides and bar + 1 >= self._warm_bars
        if self._has_begun:
            self.engine.observe(bar, decides=decides)
            self.promised.at_close(bar, self.guard)
        if decides:
            return self.engine.close_bar(bar, ticked=True)
        return []

    def _tidy(self, bar: int) -> None:
        """Let go of what nothing can ask for any more."""
        if bar % _ARCHIVE_EVERY == 0:
            self.archived = self.ledger.archive(self._ts - _KEEP_MS)
        del self.engine.refusals[:-_KEPT]
        del self.engine.cuts[:-_KEPT]

    # ------------------------------------------------------------ what may leave

    def _give(self, decided: Sequence[Decided]) -> list[Command]:
        return self.engine.give(decided, self.ledger.bar + 1, self._ts)

    def _permitted(self, commands: Sequence[Command]) -> list[Command]:
        return permitted(commands, self.ledger, self.guard, self._ts, self._refuse)

    def _refuse(self, command: SubmitOrder | AmendOrder, code: str, text: str) -> list[Command]:
        """End a request that does not leave; what an entry at market was to close on its way leaves as an exit."""
        event = rejected(command, code, text, self.ledger, self._ts)
        self.engine.apply(event)
        order = self.ledger.orders[event.order_id]
        spec = left_to_close(order, self.ledger)
        if spec is None:
            return []
        return self._give([SubmitOrder(spec=replace(spec, order_id=f"{spec.order_id}r0"))])


class PaperBars:
    """The other side of a paper session: bars come in, nothing goes out. `now`: ms UTC.

    A bar with a funding time in it comes after the rate, which `funding` takes with its time.
    """

    def __init__(
        self,
        instrument: Instrument,
        rest: Rest,
        hooks: Hooks,
        *,
        now: Callable[[], int],
        interval: str,
        interval_ms: int,
        funding: Callable[[int, float], None],
        asking: Worker | None = None,
    ) -> None:
        self.intake = Intake(instrument, hooks.tell, now)
        self._rest = rest
        self._hooks = hooks
        self._now = now
        self._interval = interval
        self._interval_ms = interval_ms
        self._asking = asking or Inline()
        self._funding = FundingFirst(
            self.intake, rest, self._asking, now=now, tell=hooks.tell, told=funding
        )

    def start(self, known: Sequence[Event] = (), agreed_at: int | None = None) -> None:
        """There is no account to compare with: bars may be decided on at once."""
        self._hooks.agreed(self._now())

    def sees(self, *, is_up: bool) -> None:
        """There is no private stream."""

    def forget(self, order_ids: Iterable[str]) -> None:
        """Nothing is remembered of orders here."""

    def decided_before(self) -> bool:
        """Return False: what a process did without its journal went with it."""
        return False

    def close_all(self, since: int) -> None:
        """The ledger is all that is held here."""

    def submit(self, commands: Sequence[Command]) -> None:
        """The desk's simulator has them already."""

    def take(self, message: Mapping[str, Any]) -> None:
        """Take one message of the public stream."""
        if str(message.get("topic", "")).startswith("kline."):
            for row in self.intake.klines(message):
                self._streamed(row)

    def _streamed(self, row: KlineUpdate) -> None:
        if row.is_closed:
            end = row.start + self._interval_ms
            self._funding.let(row.start, end, lambda: self._hooks.bar(row))

    def tick(self) -> None:
        """Ask again for the rates that bars wait for."""
        self._funding.look()

    def bars(self, start: int, then: Callable[[Klines | None], None]) -> None:
        """Ask for bars from `start` (ms UTC) on, oldest first, the open one included."""
        symbol, interval = self.intake.instrument.symbol, self._interval

        def told(rows: Dated | None) -> None:
            bars = None if rows is None else self.intake.bars(rows, interval)
            if bars is None or not bars.rows:
                then(bars)
                return
            end = min(bars.rows[-1].start + self._interval_ms, bars.at)
            self._funding.let(bars.rows[0].start, end, lambda: then(bars))

        self._asking.do(lambda: self._rest.bars(symbol, interval, start), told)

    def stop(self) -> None:
        """Nothing is held."""
