"""The venue as a backend: commands leave as requests; rows, executions and answers come back as events.

The law: everything happens in the session's loop, in `submit`, `take` and `tick`; nothing is decided here,
and the engine is never called. What is unknown stays unknown, with its age, until a question is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from runtime.account.ledger import Ledger
from runtime.backends.base import Emit, Loudness, Notice, Tell
from runtime.backends.bybit import bodies
from runtime.backends.bybit.intake import Intake
from runtime.backends.bybit.messages import KlineUpdate, OrderUpdate, PositionUpdate, WalletUpdate
from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.outcomes import Request, Verdict
from runtime.backends.bybit.outside import is_ours
from runtime.backends.bybit.reconcile import (
    Looks,
    Snapshot,
    dangers_of,
    difference,
    reconcile,
    unexplained,
)
from runtime.backends.bybit.rest import Rest, Rows
from runtime.backends.bybit.router import LiveOrderRouter
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.orders.commands import Command
from runtime.orders.events import Event, FundingPaid, OrderFilled
from runtime.orders.order import Order

T = TypeVar("T")
_BACKOFF_MS = (0, 200, 500, 1_000, 2_000, 5_000)
_OVERLAP_MS = 1_000
_PATIENCE = 6  # questions


class Worker(Protocol):
    """Carries a job out, here or in another thread; `then` is called with the result in the loop."""

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None: ...


class Inline:
    """Carries jobs out at once, in the caller's thread."""

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Call a job, then what waits for it."""
        then(job())


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a backend's word goes, in the loop: order events, notices, klines, agreement with the venue."""

    emit: Emit
    tell: Tell
    bar: Callable[[KlineUpdate], None] = lambda _row: None
    agreed: Callable[[int], None] = lambda _asked_at: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often and how patiently the venue is asked, in ms."""

    reconcile_ms: int = 30_000
    settle_ms: int = 2_000
    request_ms: int = 5_000  # a request without its effect for so long is asked about
    interval: str = "1"


@dataclass(slots=True)
class _Question:
    """An order that is being asked about."""

    tries: int = 0
    next_at: int = 0
    is_out: bool = False


@dataclass(slots=True)
class Seen:
    """The newest word about position and wallet, and since when they do not fit."""

    position: PositionUpdate | None = None
    wallet: WalletUpdate | None = None
    differs_since: int | None = None
    reconciled_at: int | None = None
    executions_until: int = 0
    flying: dict[tuple[str, str], int] = field(default_factory=dict)


class BybitBackend:
    """One symbol of one account. `now` tells the time in ms UTC."""

    def __init__(
        self, ledger: Ledger, rest: Rest, names: LinkNames, hooks: Hooks, *,
        now: Callable[[], int], placing: Worker | None = None, asking: Worker | None = None,
        pace: Pace | None = None, since: int = 0,
    ) -> None:  # fmt: skip
        self.ledger = ledger
        self.pace = pace or Pace()
        self.seen = Seen(executions_until=since)
        self.intake = Intake(ledger.instrument, hooks.tell)
        self.sync = OrderStateSynchronizer(ledger, hooks.emit, names, hooks.tell, since)
        self._rest = rest
        self._names = names
        self._hooks = hooks
        self._now = now
        self._asking = asking or Inline()
        self._questions: dict[str, _Question] = {}
        self._looks = Looks(self.pace.settle_ms, 5 * self.pace.settle_ms)
        self._next_look = 0
        self._is_looking = False
        place = placing or Inline()
        self.router = LiveOrderRouter(
            ledger, rest, names, place.do, self._answered, tell=hooks.tell
        )

    # ------------------------------------------------------------ the backend

    @property
    def _bar(self) -> int:
        return self.ledger.bar + 1

    def start(self, known: Sequence[Event] = ()) -> None:
        """Take up the events that are in the journal already, then look at the venue."""
        for event in known:
            self.sync.note(event)
            if isinstance(event, OrderFilled | FundingPaid):
                self._executed_until(event.ts)
        for order in self.ledger.book:
            if order.in_flight and is_ours(order.spec):
                self.sync.wanted[order.order_id] = "restart"
        self.router.protect_again(self._now())
        self.look()

    def bars(self, start: int, then: Callable[[list[KlineUpdate] | None], None]) -> None:
        """Ask for bars from `start` (ms UTC) on, oldest first, the open one included; None: no answer."""
        symbol, interval = self.ledger.instrument.symbol, self.pace.interval

        def told(rows: list[Any] | None) -> None:
            then(None if rows is None else self.intake.bars(rows, interval))

        self._asking.do(lambda: self._rest.bars(symbol, interval, start), told)

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands; what may leave, leaves now."""
        self.router.take(commands, self._now())

    def tick(self) -> None:
        """Let out what waited, ask what is due."""
        now = self._now()
        self.router.release(now)
        self._note_flying(now)
        for order_id in [*self.sync.wanted, *self.sync.behind]:
            self._ask(order_id, now)
        if now >= self._next_look:
            self.look()

    def stop(self) -> None:
        """Nothing is held: what stands at the venue stays as it is."""

    def snapshot(self) -> dict[str, object]:
        """Return what is known and unknown, for people and for the journal."""
        now = self._now()
        return {
            "asked": {order_id: one.tries for order_id, one in self._questions.items()},
            "behind": dict(self.sync.behind),
            "flying_ms": {f"{a} {b}": now - at for (a, b), at in self.seen.flying.items()},
            "waiting": len(self.router),
            "quarantine": len(self.intake.quarantine),
            "reconciled_ago_ms": None if self.seen.reconciled_at is None
            else now - self.seen.reconciled_at,
        }  # fmt: skip

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
                    self._executed_until(execution.ts)
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
        for notice in dangers_of(row, row.updated_at):
            self._hooks.tell(notice)
        if difference(self.ledger, (row,)):
            self._look_soon()

    def _executed_until(self, ts: int) -> None:
        self.seen.executions_until = max(self.seen.executions_until, ts)

    # ------------------------------------------------------------ answers

    def _answered(self, order_id: str, request: Request, verdict: Verdict) -> None:
        self.sync.answer(order_id, request, verdict, self._bar, self._now())

    def _note_flying(self, now: int) -> None:
        """Ask about orders whose request has had no effect for too long."""
        flying = {
            (order.order_id, request)
            for order in self.ledger.book
            for request in order.in_flight
            if is_ours(order.spec)
        }
        old = self.seen.flying
        self.seen.flying = {key: old.get(key, now) for key in flying}
        for (order_id, _), since in self.seen.flying.items():
            if now - since >= self.pace.request_ms and not len(self.router):
                self.sync.wanted.setdefault(order_id, "silence")

    # ------------------------------------------------------------ asking about one order

    def _ask(self, order_id: str, now: int) -> None:
        question = self._questions.setdefault(order_id, _Question())
        if question.is_out or now < question.next_at:
            return
        question.is_out = True
        order = self.ledger.orders[order_id]
        wait = _BACKOFF_MS[min(question.tries + 1, len(_BACKOFF_MS) - 1)]
        question.tries += 1
        question.next_at = now + wait
        symbol, is_own = self.ledger.instrument.symbol, is_ours(order.spec)
        link = self._names.link(order_id) if is_own else ""
        start = max(0, order.spec.created_at - _OVERLAP_MS)
        needs_rows = is_own and order_id in self.sync.wanted

        def job() -> tuple[Rows | None, Rows | None]:
            rows = self._rest.order(symbol, link) if needs_rows else None
            fills = self._rest.executions(symbol, start, link=link)
            return rows, fills

        def then(got: tuple[Rows | None, Rows | None]) -> None:
            self._told_of(order, got[0], got[1])

        self._asking.do(job, then)

    def _told_of(self, order: Order, rows: Rows | None, fills: Rows | None) -> None:
        order_id, now = order.order_id, self._now()
        question = self._questions.pop(order_id, _Question())
        came_back = self.sync.wanted.get(order_id) == "came_back"
        parsed = None if rows is None else self.intake.orders(rows)
        for row in parsed or ():
            self.sync.order(row, self._bar)
        for fill in sorted(
            self.intake.executions(fills), key=lambda one: (one.ts, one.sequence or 0)
        ):
            self.sync.execution(fill, self._bar)
        if came_back:
            self._cancel_again(order, parsed, now)
        elif parsed:
            self._looks.found(order_id)
            self._still_there(order, parsed, now)
        elif parsed is not None and rows is not None and not rows:
            self._not_there(order, now)
        if order_id in self.sync.wanted or order_id in self.sync.behind:
            question.is_out = False
            self._questions[order_id] = question

    def _not_there(self, order: Order, now: int) -> None:
        newest = self.sync.newest(order.order_id)
        if order.is_terminal:
            self.sync.wanted.pop(order.order_id, None)
        elif self._looks.absent(order, newest, now):
            self._looks.found(order.order_id)
            self.sync.absent(order.order_id, self._bar, now)
        else:
            self.sync.wanted.setdefault(order.order_id, "absent")

    def _still_there(self, order: Order, rows: list[OrderUpdate], now: int) -> None:
        """A change that nobody has seen by now, although its order was found twice, did not happen."""
        for request in (Request.AMEND, Request.CANCEL):
            since = self.seen.flying.get((order.order_id, request.value))
            if since is None or request.value not in order.in_flight:
                continue
            if now - since >= self.pace.request_ms + self.pace.settle_ms:
                self.sync.unmoved(order.order_id, request, self._bar, now)
            else:
                self.sync.wanted.setdefault(order.order_id, "unmoved")

    def _cancel_again(self, order: Order, rows: list[OrderUpdate] | None, now: int) -> None:
        """An order that was given up works after all: nobody wants it any more."""
        if rows is not None and all(row.status.value in _OVER for row in rows):
            self.sync.wanted.pop(order.order_id, None)
            return
        self.sync.wanted[order.order_id] = "came_back"
        body = bodies.cancel(order.order_id, self.ledger.instrument.symbol, self._names)
        if not self.router.limits.take("order/cancel", now, is_urgent=True):
            self._asking.do(
                lambda: self._rest.post(Request.CANCEL, "order/cancel", body, now), lambda _: None
            )

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
        self._next_look = now + self.pace.reconcile_ms
        symbol = self.ledger.instrument.symbol
        start = max(0, self.seen.executions_until - _OVERLAP_MS)

        def job() -> tuple[Rows | None, ...]:
            rest = self._rest
            orders = rest.open_orders(symbol)
            positions = rest.position(symbol)
            return orders, rest.executions(symbol, start), positions, rest.wallet()

        self._asking.do(job, lambda got: self._looked(now, got))

    def _looked(self, asked_at: int, got: tuple[Rows | None, ...]) -> None:
        self._is_looking = False
        orders, executions, positions, wallet = got
        intake = self.intake
        wallets = intake.wallets(wallet)
        seen = Snapshot(
            asked_at=asked_at,
            orders=None if orders is None else tuple(intake.orders(orders)),
            executions=None if executions is None else tuple(intake.executions(executions)),
            positions=None if positions is None else tuple(intake.positions(positions)),
            wallet=wallets[0] if wallets else None,
        )
        plan = reconcile(self.ledger, self._names, seen)
        for row in plan.rows:
            self.sync.order(row, self._bar)
        for fill in plan.executions:
            self._executed_until(fill.ts)
            self.sync.execution(fill, self._bar)
        for notice in plan.notices:
            self._hooks.tell(notice)
        for order_id in plan.ask:
            self.sync.wanted.setdefault(order_id, "not_listed")
        self.seen.wallet = seen.wallet or self.seen.wallet
        if plan.is_complete:
            self._compare(seen.positions or (), asked_at)
        else:
            self._look_soon()

    def _compare(self, positions: tuple[PositionUpdate, ...], now: int) -> None:
        """A difference that nothing on its way explains, seen twice, is one."""
        lots = difference(self.ledger, positions)
        if not lots:
            self.seen.differs_since = None
            self.seen.reconciled_at = self._now()
            self._hooks.agreed(now)
            return
        self._look_soon()
        # Executions that were asked for so often and never came explain nothing any more.
        coming = {
            order_id: lots
            for order_id, lots in self.sync.behind.items()
            if self._questions.get(order_id, _Question()).tries < _PATIENCE
        }
        if not unexplained(self.ledger, coming):
            return
        since = self.seen.differs_since
        if since is None:
            self.seen.differs_since = now
        level = Loudness.HALT if since is not None and now - since >= self.pace.settle_ms else (
            Loudness.ENTRIES
        )  # fmt: skip
        text = f"the venue holds {lots:+d} lots more than the ledger"
        self._hooks.tell(Notice(kind="position_differs", loudness=level, text=text, ts=now))


_OVER = frozenset({"cancelled", "rejected", "filled"})
