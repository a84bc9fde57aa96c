"""Orders that must be asked about: which, how often, and what the answers mean.

The law: a question is asked again with growing patience until it is answered; *no answer* is not *nothing
there*, and nothing is absent before two looks a settle time apart. A fill whose executions stay out for a
settle time is booked as its order's row counts it: until then it is neither protected nor a position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runtime.account.turning import lots_to_close, turns
from runtime.backends.bybit import bodies
from runtime.backends.bybit.given_up import closes_alone, is_target_of_part
from runtime.backends.bybit.intake import Intake
from runtime.backends.bybit.messages import OrderUpdate
from runtime.backends.bybit.outcomes import Request
from runtime.backends.bybit.outside import is_ours
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.reconcile import Looks
from runtime.backends.bybit.rest import Rest, Rows
from runtime.backends.bybit.router import LiveOrderRouter
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.backends.bybit.worker import Worker
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderType

_BACKOFF_MS = (0, 200, 500, 1_000, 2_000, 5_000)
OVERLAP_MS = 1_000
_OVER = frozenset({"cancelled", "rejected", "filled"})


@dataclass(slots=True)
class _Question:
    """An order that is being asked about."""

    tries: int = 0
    next_at: int = 0
    is_out: bool = False


class Questions:
    """Asks about single orders of one symbol. `now`: ms UTC."""

    def __init__(
        self,
        sync: OrderStateSynchronizer,
        intake: Intake,
        rest: Rest,
        router: LiveOrderRouter,
        *,
        now: Callable[[], int],
        asking: Worker,
        pace: Pace,
    ) -> None:
        self._sync = sync
        self._intake = intake
        self._rest = rest
        self._router = router
        self._now = now
        self._asking = asking
        self._pace = pace
        self._ledger = sync.ledger
        self._open: dict[str, _Question] = {}
        self._looks = Looks(pace.settle_ms, 5 * pace.settle_ms)
        self._repeated: dict[
            tuple[str, str], int
        ] = {}  # requests that were sent once more, when last
        self._sought: dict[
            str, int
        ] = {}  # exits sent again because they were not found, since when
        self._flying: dict[tuple[str, str], int] = {}  # requests without their effect, since when

    @property
    def _bar(self) -> int:
        return self._ledger.bar + 1

    def tries(self) -> dict[str, int]:
        """Return how often each open question was asked."""
        return {order_id: one.tries for order_id, one in self._open.items()}

    def flying(self) -> dict[tuple[str, str], int]:
        """Return since when (ms) which request (order id, kind) has had no effect."""
        return self._flying

    def forget(self, order_id: str) -> None:
        """Ask no more about an order that has left the ledger."""
        self._open.pop(order_id, None)
        self._looks.found(order_id)
        self._sought.pop(order_id, None)
        for request in Request:
            self._repeated.pop((order_id, request.value), None)

    def look(self, now: int) -> None:
        """Ask what is due: orders that must be asked about, and those whose request shows no effect."""
        self._note_flying(now)
        stand_ins = self._sync.stand_ins
        for order_id in stand_ins.due(self._sync.behind, now, self._pace.settle_ms):
            self._sync.stand_in(order_id, self._bar, now)
        waiting = self._router.waiting()  # what has not left is at no venue: that says nothing
        for order_id in [*self._sync.wanted, *self._sync.behind]:
            if order_id not in waiting:
                self._ask(order_id, now)

    def _note_flying(self, now: int) -> None:
        waiting = self._router.waiting()
        flying = {
            (order.order_id, request)
            for order in self._ledger.book
            for request in order.in_flight
            if is_ours(order.spec) and order.order_id not in waiting
        }
        self._flying = {key: self._flying.get(key, now) for key in sorted(flying)}
        for (order_id, _), since in self._flying.items():
            if now - since >= self._pace.request_ms:
                self._sync.wanted.setdefault(order_id, "silence")

    def _ask(self, order_id: str, now: int) -> None:
        question = self._open.setdefault(order_id, _Question())
        if question.is_out or now < question.next_at:
            return
        question.is_out = True
        order = self._ledger.orders[order_id]
        wait = _BACKOFF_MS[min(question.tries + 1, len(_BACKOFF_MS) - 1)]
        question.tries += 1
        question.next_at = now + wait
        symbol, is_own = self._ledger.instrument.symbol, is_ours(order.spec)
        link = self._router.names.link(order_id) if is_own else ""
        start = max(0, order.spec.created_at - OVERLAP_MS)
        needs_rows = is_own and order_id in self._sync.wanted

        def job() -> tuple[Rows | None, Rows | None]:
            rows = self._rest.order(symbol, link) if needs_rows else None
            fills = self._rest.executions(symbol, start, now, link=link)
            return rows, fills

        def then(got: tuple[Rows | None, Rows | None]) -> None:
            self._told_of(order, got[0], got[1])

        self._asking.do(job, then)

    def _told_of(self, order: Order, rows: Rows | None, fills: Rows | None) -> None:
        order_id, now = order.order_id, self._now()
        if order_id not in self._ledger.orders:
            return  # archived meanwhile
        question = self._open.pop(order_id, _Question())
        came_back = self._sync.wanted.get(order_id) == "came_back"
        parsed = None if rows is None else self._intake.orders(rows)
        if rows and not parsed:
            parsed = None  # what cannot be read is no answer
        for row in parsed or ():
            self._sync.order(row, self._bar)
        for fill in sorted(
            self._intake.executions(fills), key=lambda one: (one.ts, one.sequence or 0)
        ):
            self._sync.execution(fill, self._bar)
        if came_back:
            self._cancel_again(order, parsed, now)
        elif parsed:
            self._looks.found(order_id)
            self._still_there(order, now)
        elif parsed is not None and rows is not None and not rows:
            self._not_there(order, now)
        elif parsed is None:
            self._unanswered(order, now)
        if order_id in self._sync.wanted or order_id in self._sync.behind:
            question.is_out = False
            self._open[order_id] = question

    def _unanswered(self, order: Order, now: int) -> None:
        """Do what a restart would do where nobody answers questions: a stop does not wait for the answer."""
        for (order_id, request), since in self._flying.items():
            if order_id != order.order_id or order.is_terminal or request not in order.in_flight:
                continue
            last = max(since, self._repeated.get((order_id, request), 0))
            if now - last >= self._pace.request_ms:
                self._repeated[order_id, request] = now
                self._router.once_more(order_id, Request(request), now)
                return

    def _not_there(self, order: Order, now: int) -> None:
        newest = self._sync.newest(order.order_id)
        if order.is_terminal:
            self._sync.wanted.pop(order.order_id, None)
        elif self._looks.absent(order, newest, now):
            self._looks.found(order.order_id)
            if not self._sends_again(order, now):
                self._sync.absent(order.order_id, self._bar, now)
        else:
            self._sync.wanted.setdefault(order.order_id, "absent")

    def _sends_again(self, order: Order, now: int) -> bool:
        """Seek an exit that is not found for as long as it may act, and send it again; False: given up.

        So is an entry that nothing asks for again, and one at market that turns what is held. One that was cancelled meanwhile is not sent again: that its
        cancel finds no order proves nothing of it.

        VENUE: under a link id an order is taken once, so one whose effect is late is answered with *exists*. Under
        another id in its place both would fill.
        """
        since = self._sought.setdefault(order.order_id, now)
        if now - since >= self._pace.unheard_ms:
            return False
        if not (self._closes_once(order) or self._router.enters_once(order, now)):
            is_lost = "submit" in order.in_flight and turns(order.spec)
            if not (is_lost and lots_to_close(order, self._ledger)):
                return False
        self._sync.wanted.setdefault(order.order_id, "absent")
        if order.leaving is None:
            self._router.once_more(order.order_id, Request.SUBMIT, now)
        return True

    def _closes_once(self, order: Order) -> bool:
        """Return whether an order is to close what was held when it was asked for, and must not do so twice.

        What closes all of it at market is asked for anew at once where nothing can open: done twice it closes no
        more. Beside an entry that works it would close what that fills. One at a limit would rest twice. So would the
        target of a part, and both would fill, the one out of another part.
        """
        spec, position = order.spec, self._ledger.position
        if position is None or order.side is position.side:
            return False
        at_market = spec.order_type is OrderType.MARKET
        if at_market and closes_alone(order, self._ledger):
            return False
        is_of_part = is_target_of_part(order, self._ledger)
        if spec.effect is not Effect.REDUCE or not is_ours(spec):
            return False
        if spec.role in PROTECTIVE and not is_of_part:
            return False
        is_untouched = "submit" in order.in_flight and not order.filled
        is_untouched = is_untouched and (order.leaving is None or at_market)
        opened = min(layer.entry_time for layer in position.layers)
        may_be = at_market or spec.order_type is OrderType.LIMIT or is_of_part
        return is_untouched and may_be and opened <= spec.created_at

    def _still_there(self, order: Order, now: int) -> None:
        """A change that nobody has seen by now, although its order was found twice, did not happen."""
        for request in (Request.AMEND, Request.CANCEL):
            since = self._flying.get((order.order_id, request.value))
            if since is None or request.value not in order.in_flight:
                continue
            if now - since >= self._pace.request_ms + self._pace.settle_ms:
                self._sync.unmoved(order.order_id, request, self._bar, now)
            else:
                self._sync.wanted.setdefault(order.order_id, "unmoved")

    def _cancel_again(self, order: Order, rows: list[OrderUpdate] | None, now: int) -> None:
        """An order that was given up works after all: nobody wants it any more."""
        if rows is not None and all(row.status.value in _OVER for row in rows):
            self._sync.wanted.pop(order.order_id, None)
            return
        self._sync.wanted[order.order_id] = "came_back"
        body = bodies.cancel(order.order_id, self._ledger.instrument.symbol, self._router.names)
        if not self._router.limits.take("order/cancel", now, is_urgent=True):
            self._router.alone(Request.CANCEL, "order/cancel", body, now)
