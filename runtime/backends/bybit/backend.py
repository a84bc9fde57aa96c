"""The venue as a backend: commands leave as requests; rows, executions and answers come back as events.

The law: everything happens in the session's loop, in `submit`, `take` and `tick`; nothing is decided here,
and the engine is never called. What is unknown stays unknown, with its age, until a question is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from runtime.account.ledger import Ledger
from runtime.backends.base import FLATTEN, Loudness, Notice
from runtime.backends.bybit.clocks import Clocks
from runtime.backends.bybit.hooks import Hooks, Seen
from runtime.backends.bybit.intake import Intake, Klines
from runtime.backends.bybit.messages import Execution, OrderUpdate, PositionUpdate
from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.outcomes import Outcome, Request, Verdict
from runtime.backends.bybit.outside import adopted, adoption, is_ours
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.questions import Questions
from runtime.backends.bybit.reconcile import (
    OnMismatch,
    Snapshot,
    dangers_of,
    difference,
    reconcile,
    unexplained,
)
from runtime.backends.bybit.rest import Dated, Rest, Rows
from runtime.backends.bybit.router import LiveOrderRouter
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.backends.bybit.transfers import Transfers
from runtime.backends.bybit.warmth import Warmth
from runtime.backends.bybit.worker import Workers
from runtime.orders.commands import Command
from runtime.orders.events import Event, OrderCancelled, OrderFilled

_STALE_FACTS = frozenset({"invalid_request", "below_min_notional", "nothing_to_reduce"})


class BybitBackend:
    """One symbol of one account. `now` tells the time in ms UTC.

    `correct` takes how far that is ahead of the venue's (ms); None where it is the venue's own.
    """

    def __init__(
        self,
        ledger: Ledger,
        rest: Rest,
        names: LinkNames,
        hooks: Hooks,
        *,
        now: Callable[[], int],
        workers: Workers | None = None,
        pace: Pace | None = None,
        since: int = 0,
        on_mismatch: OnMismatch = OnMismatch.HALT,
        correct: Callable[[int], None] | None = None,
    ) -> None:
        self.ledger = ledger
        self.pace = pace or Pace()
        self.seen = Seen()
        self.intake = Intake(ledger.instrument, hooks.tell, now)
        self.sync = OrderStateSynchronizer(ledger, self._told, names, hooks.tell, since)
        self._known_until = since  # every execution up to here is booked or asked for
        self._on_mismatch = on_mismatch
        self._closes_since: int | None = None  # a person wants flat what the venue holds
        self._is_blind = False  # without the private stream
        self._facts_at = 0
        self._is_asking_facts = False
        self.clocks = Clocks(rest, now, correct, hooks.tell)
        self._rest = rest
        self._names = names
        self._hooks = hooks
        self._now = now
        workers = workers or Workers()
        self._asking = workers.asking
        self._market = workers.market or workers.asking
        self._next_look = 0
        self._is_looking = False
        self._filled = 0  # executions that were booked
        self._warmth = Warmth(rest, workers, self.pace)
        protect = workers.protecting.do if workers.protecting is not None else None
        self.router = LiveOrderRouter(
            ledger, rest, names, workers.placing.do, self._answered,
            protect=protect, tell=hooks.tell, holds=hooks.holds, kept=hooks.kept, is_once=hooks.is_once,
        )  # fmt: skip
        rest.is_stopped = lambda: now() < self.router.limits.stopped_until
        self.questions = Questions(
            self.sync, self.intake, rest, self.router, now=now, asking=self._asking, pace=self.pace
        )
        self.transfers = Transfers(self.sync, rest, self._asking, hooks.tell, now, since)

    # ------------------------------------------------------------ the backend

    @property
    def _bar(self) -> int:
        return self.ledger.bar + 1

    def start(self, known: Sequence[Event] = (), agreed_at: int | None = None) -> None:
        """Take up the events that are in the journal already, then look at the venue.

        `agreed_at`: when ledger and venue last agreed, ms UTC; what came later is asked for.
        """
        for event in known:
            self.sync.note(event)
        self.sync.lost.since = self._now()
        if agreed_at is not None:
            self._known_until = self.transfers.since = agreed_at
        for order in self.ledger.book:
            if order.in_flight and is_ours(order.spec):
                self.sync.wanted[order.order_id] = "restart"
        self.router.protect_again(self._now())
        self._ask_fills()
        self.look()

    def _ask_fills(self) -> None:
        """Ask for fills of our own orders before anything else: one that was not heard needs its stop now."""
        ledger, now, rest = self.ledger, self._now(), self._rest
        start = self._asked_from()

        def then(rows: Rows | None) -> None:
            found = sorted(
                self.intake.executions(rows), key=lambda row: (row.ts, row.sequence or 0)
            )
            for row in found:
                if self._names.order_id(row.order_id) in ledger.orders:
                    self.sync.execution(row, self._bar)

        if any(is_ours(order.spec) for order in ledger.book):
            self._asking.do(lambda: rest.executions(ledger.instrument.symbol, start, now), then)

    def _asked_from(self) -> int:
        # What a replica that lags had not seen at the last look is asked for again.
        return max(0, self._known_until - 10 * self.pace.settle_ms)

    def bars(self, start: int, then: Callable[[Klines | None], None]) -> None:
        """Ask for bars from `start` (ms UTC) on, oldest first, the open one included; None: no answer."""
        symbol, interval = self.ledger.instrument.symbol, self.pace.interval

        def told(rows: Dated | None) -> None:
            then(None if rows is None else self.intake.bars(rows, interval))

        self._market.do(lambda: self._rest.bars(symbol, interval, start), told)

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands; what may leave, leaves now."""
        self.router.take(commands, self._now())

    def tick(self) -> None:
        """Let out what waited, ask what is due."""
        now = self._now()
        if self._rest.is_banned:
            self._rest.is_banned = False
            self.router.banned(now)
        self.router.release(now)
        self.questions.look(now)
        if now >= self._next_look:
            self.look()
        overdue = self.seen.overdue(now, self.pace)
        if overdue is not None:
            self._hooks.tell(overdue)
        if now >= self._facts_at:
            self._ask_facts(now)
        self.clocks.look(now, self._market, self.pace)
        self._warmth.look(now, self.router.sent)

    def decided_before(self) -> bool | None:
        """Return whether the process before has acted without its journal; None: the venue has not said yet."""
        return self.sync.lost.has_acted(self.ledger.naming, self.pace.settle_ms)

    def sees(self, *, is_up: bool) -> None:
        """Take word of the private stream: without it the venue is asked often, with it at once."""
        self._is_blind = not is_up
        self.look()

    def close_all(self, since: int) -> None:
        """Take word (of `since`, ms UTC) that all the venue holds is to be closed.

        What differs is adopted and closed, until a look that was asked after that word finds both to agree.
        """
        self._closes_since = since
        self.look()

    def forget(self, order_ids: Iterable[str]) -> None:
        """Drop what is remembered of orders that have left the ledger."""
        for order_id in order_ids:
            self.sync.forget(order_id)
            self.questions.forget(order_id)

    def stop(self) -> None:
        """Nothing is held: what stands at the venue stays as it is."""

    def snapshot(self) -> dict[str, object]:
        """Return what is known and unknown, for people and for the journal."""
        now = self._now()
        return {
            "asked": self.questions.tries(),
            "behind": dict(self.sync.behind),
            "flying_ms": {f"{a} {b}": now - at for (a, b), at in self.questions.flying().items()},
            "waiting": len(self.router),
            "quarantine": len(self.intake.quarantine),
            "reconciled_ago_ms": None
            if self.seen.reconciled_at is None
            else now - self.seen.reconciled_at,
        }

    # ------------------------------------------------------------ streams

    def take(self, message: Mapping[str, Any]) -> None:
        """Take one message of a stream."""
        topic, data = str(message.get("topic", "")), message.get("data")
        match topic.partition(".")[0]:
            case "order":
                for order_row in self.intake.orders(data):
                    self.sync.order(order_row, self._bar)
            case "execution":
                for execution in self.intake.executions(data):
                    self.sync.execution(execution, self._bar)
            case "position":
                for position in self.intake.positions(data):
                    self._position(position)
            case "wallet":
                for wallet in self.intake.wallets(data):
                    self.seen.wallet = wallet
            case "kline":
                for kline in self.intake.klines(message):
                    self._hooks.bar(kline)
            case _:
                self.intake.put_aside(topic, message, "an unknown topic")
        if self.intake.quarantine and topic in ("execution", "order"):
            self._look_soon()

    def _position(self, row: PositionUpdate) -> None:
        if self.seen.position is not None and row.updated_at < self.seen.position.updated_at:
            return
        self.seen.position = row
        self._value((row,))
        for notice in dangers_of(row, row.updated_at):
            self._hooks.tell(notice)
        if difference(self.ledger, (row,)):
            self._look_soon()

    def _value(self, positions: tuple[PositionUpdate, ...]) -> None:
        for row in positions:
            changed = self.seen.lever(row, self._now())
            if changed is not None:
                self._hooks.tell(changed)
            if row.quantity and row.mark_price is not None:
                self._hooks.mark(row.mark_price)

    # ------------------------------------------------------------ answers

    def _answered(self, order_id: str, request: Request, verdict: Verdict) -> None:
        now = self._now()
        self.sync.answer(order_id, request, verdict, self._bar, now)
        if verdict.outcome is Outcome.REFUSED and verdict.code in _STALE_FACTS:
            self._facts_at = min(self._facts_at, now)
        if verdict.code == "nothing_to_reduce":
            self._look_soon()

    def _told(self, event: Event) -> None:
        self._hooks.emit(event)
        self._filled += isinstance(event, OrderFilled)
        if isinstance(event, OrderCancelled) and event.reason == "self_match":
            self.router.met_itself(event.order_id, event.ts)

    # ------------------------------------------------------------ the contract

    def _ask_facts(self, now: int) -> None:
        if self._is_asking_facts:
            return
        self._is_asking_facts = True
        self._facts_at = now + self.pace.facts_ms
        symbol = self.ledger.instrument.symbol

        def then(rows: tuple[Rows, Rows] | None) -> None:
            self._is_asking_facts = False
            told = None if rows is None else self.intake.facts(rows, now)
            if told is None:
                self._facts_at = self._now() + self.pace.reconcile_ms
            else:
                self.router.is_regridded = told[0].lot != self.ledger.instrument.lot
                self._hooks.facts(*told)

        self._market.do(lambda: self._rest.facts(symbol), then)

    # ------------------------------------------------------------ looking at everything

    def _look_soon(self) -> None:
        self._next_look = min(self._next_look, self._now() + self.pace.settle_ms // 4)

    def look(self) -> None:
        """Ask for everything and compare; after a look that is out already, where there is one."""
        now = self._now()
        if self._is_looking:
            self._next_look = now
            return
        self._is_looking = True
        self._next_look = now + (self.pace.blind_ms if self._is_blind else self.pace.reconcile_ms)
        symbol = self.ledger.instrument.symbol
        start, filled = self._asked_from(), self._filled

        def job() -> tuple[tuple[Rows | None, ...], str | None]:
            rest = self._rest
            orders = rest.open_orders(symbol)
            positions = rest.position(symbol)
            fills, wallet = rest.executions(symbol, start, now), rest.wallet()
            return (orders, fills, positions, wallet), rest.margin_mode()

        self._asking.do(job, lambda got: self._looked(now, filled, *got))

    def _looked(
        self, asked_at: int, filled: int, got: tuple[Rows | None, ...], mode: str | None
    ) -> None:
        self._is_looking = False
        mixed = self.seen.margin(mode, self._now(), self.pace)
        if mixed is not None:
            self._hooks.tell(mixed)
        orders, executions, positions, wallet = got
        intake = self.intake
        wallets = intake.wallets(wallet)
        seen = Snapshot(
            asked_at=asked_at,
            orders=None if orders is None else tuple(intake.orders(orders)),
            executions=None if executions is None else tuple(intake.executions(executions)),
            positions=None if positions is None else intake.whole_position(positions),
            wallet=wallets[0] if wallets else None,
        )
        if positions is not None and seen.positions is None:
            text = "the venue's word about the position cannot be read"
            self._hooks.tell(
                Notice(kind="position_unread", loudness=Loudness.ENTRIES, text=text, ts=self._now())
            )
        plan = reconcile(self.ledger, self._names, seen)
        told: list[OrderUpdate | Execution] = [*plan.rows, *plan.executions]
        self.sync.lost.see(told, self.ledger, self._names, self.sync.has_booked)
        for row in plan.rows:
            self.sync.order(row, self._bar)
        for fill in plan.executions:
            self.sync.execution(fill, self._bar)
        for notice in plan.notices:
            self._hooks.tell(notice)
        for order_id in plan.ask:
            self.sync.wanted.setdefault(order_id, "not_listed")
        self.seen.wallet = seen.wallet or self.seen.wallet
        self._value(seen.positions or ())
        if plan.is_complete:
            self._compare(seen.positions or (), asked_at, has_moved=self._filled != filled)
        else:
            self._look_soon()

    def _compare(self, positions: tuple[PositionUpdate, ...], now: int, *, has_moved: bool) -> None:
        """A difference that nothing on its way explains, seen twice, is one.

        `has_moved`: something was booked while the look was out, so position and ledger are of two moments.
        """
        lots = difference(self.ledger, positions)
        if not lots:
            self.seen.differs = None
            if self._closes_since is not None and now >= self._closes_since:
                self._closes_since = None
            self.seen.reconciled_at = self._now()
            self._known_until = max(self._known_until, now)
            self.sync.adopt_lost(self._bar)
            self.sync.lost.agreed_at = now
            if self.sync.lost.rows or self.decided_before() is None:
                self._look_soon()
            self._hooks.agreed(now)
            if self.seen.wallet is not None:
                self.transfers.look(self.seen.wallet, positions)
            return
        self._look_soon()
        if has_moved or not unexplained(self.ledger, self.sync.behind, self._hooks.kept()):
            return
        if self.seen.differs is None or self.seen.differs[1] != lots:
            self.seen.differs = (now, lots)
        is_sure = now - self.seen.differs[0] >= self.pace.settle_ms
        how = self._on_mismatch if self._closes_since is None else OnMismatch.FLATTEN
        is_last = is_sure and how is OnMismatch.HALT
        level = Loudness.HALT if is_last else Loudness.ENTRIES
        text = f"the venue holds {lots:+d} lots more than the ledger"
        self._hooks.tell(Notice(kind="position_differs", loudness=level, text=text, ts=now))
        if is_sure and not is_last:
            self._adopt(lots, positions, now, how)

    def _adopt(
        self, lots: int, positions: tuple[PositionUpdate, ...], now: int, how: OnMismatch
    ) -> None:
        """Take over what the venue holds, as configured or said; `flatten` closes it then."""
        self.seen.differs = None
        spec, price = adopted(self.ledger, lots, positions, now)
        self.sync.tell(adoption(spec, price, self._bar, now))
        if how is OnMismatch.FLATTEN:
            text = "a position that could not be explained is closed"
            self._hooks.tell(Notice(kind=FLATTEN, loudness=Loudness.HALT, text=text, ts=now))
