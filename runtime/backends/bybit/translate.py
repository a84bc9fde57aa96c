"""Order rows, executions and answers of the venue as domain events the life cycle allows.

The venue says the same thing several times, late and out of order. The rules:

* an order row says status only; quantity comes from executions alone, each once;
* a row older than the newest one seen of its order is dropped;
* an end waits for the executions that its row counts, unless they never came before a query says so;
* a rejection after an execution is a cancellation;
* what was asked for tells why: the venue only says that it cancelled on request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.account.ledger import Ledger
from runtime.backends.base import Emit
from runtime.backends.bybit.messages import Execution, MalformedMessage, OrderUpdate
from runtime.backends.bybit.vocabulary import FATE_UNKNOWN, REFUSALS, ExecutionKind, Status
from runtime.orders.events import (
    EXPIRIES,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.order import Order

_ENDS = (Status.CANCELLED, Status.REJECTED)
_BY_REQUEST = "user"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A row about an order this account never placed: for the reconciliation to look at."""

    exchange_order_id: str
    order_id: str


class Translator:
    """Turns rows of one account into events; reads the ledger, changes nothing itself."""

    def __init__(self, ledger: Ledger, emit: Emit) -> None:
        self.ledger = ledger
        self.emit = emit
        self.unknown: list[Unknown] = []
        self._newest: dict[str, int] = {}  # order -> updated_at of its newest row
        self._ends: dict[str, OrderUpdate] = {}  # ends that wait for executions
        self._asked: dict[str, str] = {}  # order -> why its cancellation was asked for

    def asked(self, order_id: str, reason: str) -> None:
        """Remember why a cancellation is being asked for (an expiry is ours, too)."""
        self._asked[order_id] = reason

    # ------------------------------------------------------------ the order stream

    def order(self, row: OrderUpdate, bar: int) -> None:
        """Tell what an order row means."""
        order = self._known(row.order_id, row.exchange_order_id)
        if order is None or row.updated_at < self._newest.get(order.order_id, 0):
            return
        self._newest[order.order_id] = row.updated_at
        if order.is_terminal:
            return
        if row.status in _ENDS:
            self._ends[order.order_id] = row
            self._settle(order, bar)
            return
        ts = row.updated_at
        if not order.is_accepted:
            self.emit(
                OrderAccepted(
                    order_id=order.order_id, exchange_order_id=row.exchange_order_id, bar=bar, ts=ts
                )
            )
        if order.is_armed_stop and row.status is not Status.UNTRIGGERED:
            price = row.trigger_price or order.trigger_price or 0.0
            self.emit(OrderTriggered(order_id=order.order_id, price=price, bar=bar, ts=ts))
        if row.status is not Status.FILLED:
            self._amended(order, row, bar)

    def _amended(self, order: Order, row: OrderUpdate, bar: int) -> None:
        quantity = None if row.quantity == order.quantity else row.quantity
        limit = None if row.limit_price == order.limit_price else row.limit_price
        trigger = None if row.trigger_price == order.trigger_price else row.trigger_price
        if quantity is not None or limit is not None or trigger is not None:
            self.emit(
                OrderAmended(
                    order_id=order.order_id, bar=bar, ts=row.updated_at, quantity=quantity,
                    limit_price=limit, trigger_price=trigger,
                )
            )  # fmt: skip

    def _settle(self, order: Order, bar: int) -> None:
        """End an order once the executions that its last row counts are there."""
        row = self._ends.get(order.order_id)
        if row is None or order.is_terminal or order.filled < row.filled:
            return
        del self._ends[order.order_id]
        order_id, ts = order.order_id, row.updated_at
        if row.status is Status.REJECTED and not order.filled:
            self.emit(
                OrderRejected(
                    order_id=order_id,
                    code=row.reject_reason,
                    text=row.reject_reason,
                    bar=bar,
                    ts=ts,
                )
            )
            return
        reason = row.cancel_reason or row.reject_reason or "venue"
        if reason == _BY_REQUEST:
            reason = self._asked.get(order_id, _BY_REQUEST)
        end = OrderExpired if reason in EXPIRIES else OrderCancelled
        self.emit(end(order_id=order_id, reason=reason, bar=bar, ts=ts))

    # ------------------------------------------------------------ the execution stream

    def execution(self, row: Execution, bar: int) -> None:
        """Tell one execution; a known one says nothing new."""
        if row.kind is ExecutionKind.FUNDING:
            self._funding(row, bar)
            return
        order = self._known(row.order_id, row.exchange_order_id)
        if order is None or row.execution_id in order.executions:
            return
        if row.fee is None:
            raise MalformedMessage(f"execution {row.execution_id} carries no fee")
        if not order.is_accepted and not order.is_terminal:
            # The execution overtook the word that the order is there.
            self.emit(
                OrderAccepted(
                    order_id=order.order_id, exchange_order_id=row.exchange_order_id, bar=bar,
                    ts=row.ts,
                )
            )  # fmt: skip
        if order.is_armed_stop and not order.is_terminal:
            self.emit(OrderTriggered(order_id=order.order_id, price=row.price, bar=bar, ts=row.ts))
        self.emit(
            OrderFilled(
                order_id=order.order_id, execution_id=row.execution_id, quantity=row.quantity,
                price=row.price, fee=row.fee, is_maker=row.is_maker, bar=bar, ts=row.ts,
            )
        )  # fmt: skip
        self._settle(order, bar)

    def _funding(self, row: Execution, bar: int) -> None:
        position, amount = self.ledger.position, row.fee or 0.0
        notional = self.ledger.instrument.notional(row.quantity, row.price)
        sign = 1.0 if position is None else float(position.side.sign)
        self.emit(
            FundingPaid(
                symbol=row.symbol, rate=sign * amount / notional if notional else 0.0,
                mark=row.price, amount=amount, bar=bar, ts=row.ts,
            )
        )  # fmt: skip

    # ------------------------------------------------------------ answers to requests

    def answer(
        self, order_id: str, request: str, answer: Mapping[str, Any] | None, bar: int, ts: int
    ) -> None:
        """Tell what the answer to a request means; None for a request that timed out.

        A good answer says only that the request was received: what came of it, the streams tell.
        """
        is_over = self.ledger.orders[order_id].is_terminal
        code = None if answer is None else answer.get("retCode")
        if answer is None or code in FATE_UNKNOWN:
            if not is_over:
                self.emit(RequestUncertain(order_id=order_id, request=request, bar=bar, ts=ts))
            return
        if not isinstance(code, int):
            raise MalformedMessage(f"`retCode` should be a whole number, found {code!r}")
        if code == 0:
            return
        word = REFUSALS.get(code, str(code))
        if request == "submit":
            if is_over:
                return  # the stream was quicker
            text = str(answer.get("retMsg", ""))
            self.emit(OrderRejected(order_id=order_id, code=word, text=text, bar=bar, ts=ts))
        else:
            self.emit(RequestRefused(order_id=order_id, request=request, code=word, bar=bar, ts=ts))

    def _known(self, order_id: str, exchange_order_id: str) -> Order | None:
        order = self.ledger.orders.get(order_id)
        if order is None:
            self.unknown.append(Unknown(exchange_order_id, order_id))
        return order
