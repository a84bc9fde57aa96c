"""Order rows, executions and answers of the venue as order events the life cycle allows, in order, once.

The venue says the same thing several times, late and out of order. The rules:

* an order row says status only; quantity comes from executions, each once, and from the row where they
  do not come (`stand_ins`);
* a row older than the newest one seen of its order is dropped;
* an end waits for the executions that its row counts; while some are missing, they are `behind`;
* a rejection after an execution is a cancellation;
* what was asked for tells why: the venue only says that it cancelled on request;
* what shows an order as a change was to make it proves the change, an execution too (`proofs`);
* an order is found by our link id, then by the venue's own id; one that is found by neither came from
  outside and is taken in before its executions are booked.

INVARIANT: what is remembered here follows from events told and rows to come: `note` and one look restore it.
"""

from __future__ import annotations

from collections.abc import Iterable

from runtime.account.ledger import Ledger
from runtime.backends.base import Emit, Loudness, Notice, Tell
from runtime.backends.bybit import given_up, proofs
from runtime.backends.bybit.bookings import fee_of, funding_of
from runtime.backends.bybit.lost import Lost
from runtime.backends.bybit.messages import Execution, OrderUpdate
from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.outcomes import Outcome, Remedy, Request, Verdict
from runtime.backends.bybit.outside import (
    changed,
    introduction,
    is_ours,
    news,
    of_execution,
    of_row,
)
from runtime.backends.bybit.stand_ins import StandIns, stand_in
from runtime.backends.bybit.vocabulary import ExecutionKind, Status
from runtime.orders.events import (
    EXPIRIES,
    BalanceAdjusted,
    Event,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    OrderTriggered,
    RequestEnded,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.order import Order

_ENDS = (Status.CANCELLED, Status.REJECTED, Status.FILLED)
_REMEMBERED = 10_000  # funding and foreign executions: far more than are told again


class OrderStateSynchronizer:
    """Turns rows of one account and one symbol into events; reads the ledger, changes nothing itself.

    `behind`: orders whose executions must be asked for, with the lots they have to reach. `wanted`:
    orders whose row must be asked for, with why. `since`: what happened before (ms) is not ours to book.
    """

    def __init__(
        self, ledger: Ledger, emit: Emit, names: LinkNames | None = None,
        tell: Tell = lambda _: None, since: int = 0,
    ) -> None:  # fmt: skip
        self.ledger = ledger
        self.names = names or LinkNames()
        self.behind: dict[str, int] = {}
        self.wanted: dict[str, str] = {}
        self.stand_ins = StandIns()
        self.lost = Lost()
        self.since = since
        self._emit = emit
        self._tell = tell
        self._newest: dict[str, int] = {}  # working order -> updated_at of its newest row
        self._ends: dict[str, OrderUpdate] = {}  # ends that wait for executions
        self._by_exchange_id: dict[str, str] = {}
        self._presumed: dict[str, Verdict] = {}  # what an unknown submission is once it is absent
        self.remembered: dict[str, None] = {}  # executions that are in no order, oldest first
        self._fills: dict[str, list[str]] = {}  # executions of the orders in the ledger

    # ------------------------------------------------------------ what is remembered

    def note(self, event: Event) -> None:
        """Remember what an applied event means for rows to come; a replay calls it for each."""
        match event:
            case OrderAccepted() if event.exchange_order_id:
                self._by_exchange_id[event.exchange_order_id] = event.order_id
            case FundingPaid() if event.execution_id:
                self.remember(event.execution_id)
            case BalanceAdjusted():
                self.remember(event.transfer_id)
            case OrderFilled():
                self._fills.setdefault(event.order_id, []).append(event.execution_id)
                self.stand_ins.note(event)
            case _:
                pass

    def forget(self, order_id: str) -> None:
        """Drop what is remembered of an order that has left the ledger, but for its executions."""
        for execution_id in self._fills.pop(order_id, ()):
            self.remember(execution_id)
        for table in (self._newest, self._ends, self._presumed, self.behind, self.wanted):
            table.pop(order_id, None)
        for exchange_id in [x for x, known in self._by_exchange_id.items() if known == order_id]:
            del self._by_exchange_id[exchange_id]

    def has_booked(self, execution_id: str) -> bool:
        """Return whether an execution was told, of an order that has left the ledger too."""
        return execution_id in self.remembered or any(
            execution_id in known for known in self._fills.values()
        )

    def newest(self, order_id: str) -> int:
        """Return when the newest row seen of an order was written, 0 before the first."""
        return self._newest.get(order_id, 0)

    def remember(self, execution_id: str) -> None:
        """Note an execution that is in no order of the ledger."""
        self.remembered[execution_id] = None
        if len(self.remembered) > _REMEMBERED:
            del self.remembered[next(iter(self.remembered))]

    def _say(self, event: Event) -> None:
        late = given_up.late_fill(event, self.ledger)
        self._emit(event)
        if late is not None:
            self._tell(late)
        self.note(event)

    # ------------------------------------------------------------ order rows

    def order(self, row: OrderUpdate, bar: int) -> None:
        """Tell what an order row means."""
        order = self._find(row.order_id, row.exchange_order_id)
        if order is None:
            order = self._take_in(row, bar)
        if order is None or row.updated_at < self._newest.get(order.order_id, 0):
            return
        self._newest[order_id := order.order_id] = row.updated_at
        self.wanted.pop(order_id, None)
        if row.filled > order.filled:
            self.behind[order_id] = max(row.filled, self.behind.get(order_id, 0))
            self.stand_ins.count(order_id, row)
        if order.is_terminal:
            self._after_the_end(order, row)
            return
        if row.status in _ENDS:
            self.tell(proofs.by_end(order, row, bar))
            self._ends[order_id] = row
        if row.status is not Status.REJECTED and row.status is not Status.CANCELLED:
            self._lives(order, row, bar)
        self._settle(order, bar)

    def _lives(self, order: Order, row: OrderUpdate, bar: int) -> None:
        ts = row.updated_at
        self._accept(order, row.exchange_order_id, bar, ts)
        if order.is_armed_stop and row.status is not Status.UNTRIGGERED:
            price = row.trigger_price or order.trigger_price or 0.0
            self._say(OrderTriggered(order_id=order.order_id, price=price, bar=bar, ts=ts))
        if row.status is not Status.FILLED:
            self._amended(order, row, bar)

    def _accept(self, order: Order, exchange_id: str, bar: int, ts: int) -> None:
        if not order.is_accepted and not order.is_terminal:
            self._say(
                OrderAccepted(
                    order_id=order.order_id, exchange_order_id=exchange_id, bar=bar, ts=ts
                )
            )

    def _amended(self, order: Order, row: OrderUpdate, bar: int) -> None:
        amended = news(order, row, bar)
        if amended is None:
            return
        if order.amending is None and is_ours(order.spec):
            self._alarm("changed_by_venue", changed(order, row))
            self.tell(self.lost.tightened(order, row, self.ledger, bar))
        self._say(amended)

    def _after_the_end(self, order: Order, row: OrderUpdate) -> None:
        """A row that works of an order that is over here: it was given up too early."""
        if given_up.was_given_up(order) and row.status not in _ENDS:
            self._tell(given_up.came_back(order, "works at the venue", row.updated_at))
            self.wanted[order.order_id] = "came_back"

    def _settle(self, order: Order, bar: int) -> None:
        """End an order once the executions that its last row counts are there."""
        if order.filled >= self.behind.get(order.order_id, 0):
            self.behind.pop(order.order_id, None)
        row = self._ends.get(order.order_id)
        if row is None or order.filled < row.filled:
            return
        del self._ends[order.order_id]
        if order.is_terminal:
            return
        if row.status is Status.FILLED:
            # The last executions raced a reduction of the total: nothing is left to fill.
            self._say(
                OrderAmended(
                    order_id=order.order_id, bar=bar, ts=row.updated_at, quantity=row.quantity
                )
            )
            return
        order_id, ts, code = order.order_id, row.updated_at, row.reject_reason
        if row.status is Status.REJECTED and not order.filled:
            self._say(OrderRejected(order_id=order_id, code=code, text=code, bar=bar, ts=ts))
            return
        reason = row.cancel_reason or row.reject_reason or "venue"
        if reason == "user" and order.leaving is not None:
            reason = order.leaving.reason
        end = OrderExpired if reason in EXPIRIES else OrderCancelled
        self._say(end(order_id=order_id, reason=reason, bar=bar, ts=ts))

    # ------------------------------------------------------------ executions

    def execution(self, row: Execution, bar: int) -> None:
        """Tell one execution; a known one says nothing new."""
        match row.kind:
            case ExecutionKind.FUNDING:
                if row.execution_id not in self.remembered:
                    self._say(funding_of(row, self.ledger, self._tell, bar))
                return
            case ExecutionKind.SETTLEMENT | ExecutionKind.TRANSFER:
                told = f"settled {row.execution_id}"
                if told not in self.remembered:
                    self.remember(told)
                    text = f"{row.kind.value} of {row.quantity} lots at {row.price}"
                    self._tell(Notice(kind="settled", loudness=Loudness.HALT, text=text, ts=row.ts))
                if not row.closed:
                    return  # what it does to the position, the position says
            case _:
                pass
        order = self._find(row.order_id, row.exchange_order_id)
        known = self.names.order_id(row.order_id) if order is None else order.order_id
        if order is not None and row.execution_id in order.executions:
            return
        lots = self.stand_ins.news(known, row)
        if not lots:
            return  # its order's row has stood in for it
        order = order or self._take_in_by(row, bar)
        if order is None:
            return
        self._accept(order, row.exchange_order_id, bar, row.ts)
        if order.is_armed_stop and not order.is_terminal:
            self._say(OrderTriggered(order_id=order.order_id, price=row.price, bar=bar, ts=row.ts))
        self.tell(proofs.by_execution(order, row, self.newest(order.order_id), bar))
        fee = fee_of(row, self.ledger, self._alarm)
        if lots != row.quantity:  # whole: to the bit
            fee = fee.share(lots / row.quantity)
        self._say(
            OrderFilled(
                order_id=order.order_id, execution_id=row.execution_id, quantity=lots,
                price=row.price, fee=fee.usdt or 0.0, is_maker=row.is_maker, bar=bar, ts=row.ts,
                reason=order.spec.reason if not order.is_own else "", fee_coin=fee.coin, coin_fee=fee.amount,
            )
        )  # fmt: skip
        self._settle(order, bar)

    def stand_in(self, order_id: str, bar: int, ts: int) -> None:
        """Book what an order's row counts and no execution tells, at the row's word."""
        order, row = self.ledger.orders[order_id], self.stand_ins.ahead.pop(order_id)
        for said in stand_in(order, row, self.ledger, bar, ts):
            self._tell(said) if isinstance(said, Notice) else self._say(said)
        self._settle(order, bar)

    def moved(self, event: BalanceAdjusted) -> bool:
        """Tell money that came or went besides trading, once; returns whether it was news."""
        is_news = event.transfer_id not in self.remembered and event.ts >= self.since
        if is_news:
            self._say(event)
        return is_news

    # ------------------------------------------------------------ answers to requests

    def answer(self, order_id: str, request: Request, verdict: Verdict, bar: int, ts: int) -> None:
        """Tell what the verdict on a request means; what came of a received one, the streams tell."""
        order = self.ledger.orders[order_id]
        if verdict.outcome is Outcome.REFUSED and request is not Request.SUBMIT:
            self._say(
                RequestRefused(
                    order_id=order_id, request=request.value, code=verdict.code, bar=bar, ts=ts
                )
            )
        if order.is_terminal:
            return  # the stream was quicker
        if verdict.remedy is Remedy.ASK:
            self.wanted[order_id] = verdict.code
        match verdict.outcome:
            case Outcome.RECEIVED:
                if verdict.code == "unchanged":
                    self._ended(order, request, "done", bar, ts)
            case Outcome.UNKNOWN:
                self._doubt(order, request, verdict, bar, ts)
            case Outcome.NOT_SENT | Outcome.REFUSED if request is Request.SUBMIT:
                self._turned_down(order, verdict, bar, ts)
            case Outcome.NOT_SENT:
                self._ended(order, request, "not_sent", bar, ts)
            case Outcome.REFUSED:
                pass  # told above

    def _doubt(self, order: Order, request: Request, verdict: Verdict, bar: int, ts: int) -> None:
        if request.value not in order.in_flight:
            return  # a row or an execution has proved what became of it
        if request is Request.SUBMIT:
            self._presumed[order.order_id] = verdict
        self._say(RequestUncertain(order_id=order.order_id, request=request.value, bar=bar, ts=ts))

    def _turned_down(self, order: Order, verdict: Verdict, bar: int, ts: int) -> None:
        if "submit" in order.in_flight:  # else it is there, whatever the answer says
            self._say(
                OrderRejected(
                    order_id=order.order_id, code=verdict.code, text=verdict.text, bar=bar, ts=ts
                )
            )

    def _ended(self, order: Order, request: Request, outcome: str, bar: int, ts: int) -> None:
        if request.value in order.in_flight:
            self._say(
                RequestEnded(
                    order_id=order.order_id, request=request.value, outcome=outcome, bar=bar, ts=ts
                )
            )

    # ------------------------------------------------------------ what questions answered

    def absent(self, order_id: str, bar: int, ts: int) -> None:
        """Tell that an order was proven not to be at the venue: it never arrived."""
        order = self.ledger.orders[order_id]
        self.wanted.pop(order_id, None)
        if order.is_terminal:
            return
        if order.is_accepted or order.filled:
            self._alarm("vanished", f"{order_id} was at the venue and is nowhere to be found")
        if given_up.closes_at_large(order, self.ledger):
            self._tell(given_up.may_close_the_next(order, ts))
        self._say(given_up.end_of_absent(order, self._presumed.pop(order_id, None), bar, ts))

    def unmoved(self, order_id: str, request: Request, bar: int, ts: int) -> None:
        """Tell that an amend or cancel of unknown fate was not carried out: a later row shows it."""
        self._ended(self.ledger.orders[order_id], request, "not_sent", bar, ts)

    # ------------------------------------------------------------ whose order it is

    def _find(self, link: str, exchange_id: str) -> Order | None:
        ours = self.names.order_id(link)
        order_id = ours if ours in self.ledger.orders else self._by_exchange_id.get(exchange_id)
        return self.ledger.orders.get(order_id) if order_id is not None else None

    def _take_in(self, row: OrderUpdate, bar: int) -> Order | None:
        """Take in an order from outside by its row; one that is over and did nothing is no news."""
        if self.lost.takes(row, self.names, self.ledger.naming):
            return None  # it is known better when the position is
        is_over = row.status in _ENDS
        if is_over and (not row.filled or row.updated_at < self.since):
            return None
        return self._introduce(OrderSubmitted(spec=of_row(row), bar=bar, ts=row.created_at), row)

    def adopt_lost(self, bar: int) -> None:
        """Take in orders of ours that the journal lacks; ledger and venue hold the same position now."""
        for row, spec in self.lost.judged(self.ledger, self.wanted):
            if self._find(row.order_id, row.exchange_order_id) is None:
                event = OrderSubmitted(spec=spec or of_row(row), bar=bar, ts=row.created_at)
                self._introduce(event, row)
            self.order(row, bar)

    def _take_in_by(self, row: Execution, bar: int) -> Order | None:
        if row.ts < self.since or row.execution_id in self.remembered:
            return None
        return self._introduce(OrderSubmitted(spec=of_execution(row), bar=bar, ts=row.ts), row)

    def _introduce(self, event: OrderSubmitted, row: OrderUpdate | Execution) -> Order:
        spec = event.spec
        self._tell(introduction(spec, row.order_id, self.names, self.ledger.naming, event.ts))
        self._say(event)
        order = self.ledger.orders[spec.order_id]
        self._by_exchange_id[row.exchange_order_id] = spec.order_id
        return order

    def tell(self, events: Iterable[Event]) -> None:
        """Tell what became clear elsewhere, in order."""
        for event in events:
            self._say(event)

    def _alarm(self, kind: str, text: str) -> None:
        self._tell(Notice(kind=kind, loudness=Loudness.ALARM, text=text, ts=self.ledger.ts))
