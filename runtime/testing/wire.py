"""A script of order events in the venue's own words: the rows it would have sent.

Use it to play one script to two backends: as events (`runtime.backends.scripted`), and as messages through
the parser and the synchronizer of the venue's. Rows are plain dicts as documented in
bybit-exchange/docs, docs/v5/websocket/private/order and …/execution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runtime.backends.bybit.vocabulary import CANCEL_REASONS, REFUSALS, SIDE_WORDS
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import (
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
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.order_spec import OrderSpec, OrderType, Side, TimeInForce

_LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_CANCEL_WORDS = {meaning: word for word, meaning in reversed(CANCEL_REASONS.items())}
_CODES = {meaning: code for code, meaning in reversed(REFUSALS.items())}
_REJECT_WORDS = {
    "post_only_would_cross": "EC_PostOnlyWillTakeLiquidity",
    "ioc_remainder": "EC_NoImmediateQtyToFill",
    "fok_unfillable": "EC_CancelForNoFullFill",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the venue says. `stream` is order | execution | answer | timeout."""

    stream: str
    order_id: str
    row: dict[str, Any]
    request: str = ""  # of answers and timeouts
    asked: str = ""  # why we asked for the cancellation this row confirms
    amends: bool = False


@dataclass(slots=True)
class _Booked:
    """What the venue knows of one order."""

    spec: OrderSpec
    quantity: int
    limit: float | None
    trigger: float | None
    filled: int = 0
    value: float = 0.0
    status: str = "New"


class Venue:
    """Keeps the venue's side of the books and words events as its rows."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._orders: dict[str, _Booked] = {}
        self._clock = 0

    def rows(self, event: Event) -> Iterator[Said]:
        """Yield what the venue says when an event happens; nothing for events that are not its."""
        match event:
            case OrderSubmitted(spec=spec):
                self._orders[spec.order_id] = _Booked(
                    spec, spec.quantity, spec.limit_price, spec.trigger_price
                )
            case FundingPaid():
                yield Said("execution", "", self._funding(event))
            case RequestRefused():
                answer = {"retCode": _code(event.code), "retMsg": "refused"}
                yield Said("answer", event.order_id, answer, request=event.request)
            case OrderRejected() if event.code in _CODES:
                # Most refusals come with the answer; the stream says the rest.
                answer = {"retCode": _code(event.code), "retMsg": event.text}
                yield Said("answer", event.order_id, answer, request="submit")
            case RequestUncertain():
                yield Said("timeout", event.order_id, {}, request=event.request)
            case (
                OrderAccepted()
                | OrderTriggered()
                | OrderFilled()
                | OrderAmended()
                | OrderCancelled()
                | OrderExpired()
                | OrderRejected()
            ):
                yield from self._order(event)

    def _order(
        self,
        event: OrderAccepted
        | OrderTriggered
        | OrderFilled
        | OrderAmended
        | OrderCancelled
        | OrderExpired
        | OrderRejected,
    ) -> Iterator[Said]:
        order = self._orders[event.order_id]
        more: dict[str, str] = {}
        asked = ""
        match event:
            case OrderAccepted():
                order.status = "Untriggered" if order.trigger is not None else "New"
            case OrderTriggered():
                order.status = (
                    "New" if order.spec.order_type is OrderType.STOP_LIMIT else "Triggered"
                )
            case OrderAmended():
                order.quantity = event.quantity or order.quantity
                order.limit = event.limit_price or order.limit
                order.trigger = event.trigger_price or order.trigger
            case OrderFilled():
                order.filled += event.quantity
                order.value += event.quantity * event.price
                if order.status not in ("Cancelled", "Rejected"):
                    done = order.filled >= order.quantity
                    order.status = "Filled" if done else "PartiallyFilled"
                yield Said("execution", event.order_id, self._execution(order, event))
            case OrderRejected():
                order.status = "Rejected"
                more = {"rejectReason": event.code}
            case OrderCancelled() | OrderExpired():
                order.status = "Cancelled"
                more, asked = _why(event.reason)
        row = self._row(order, event.ts) | more
        amends = isinstance(event, OrderAmended)
        yield Said("order", event.order_id, row, asked=asked, amends=amends)

    # ------------------------------------------------------------ rows

    def _row(self, order: _Booked, ts: int) -> dict[str, Any]:
        self._clock = max(self._clock + 1, ts)  # every row of the venue is newer than the last
        spec, lot = order.spec, self.instrument.lot
        is_limit = spec.order_type in _LIMITS
        force = {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}.get(spec.time_in_force, "GTC")
        return {
            "category": "linear",
            "symbol": spec.symbol,
            "orderId": f"venue-{spec.order_id}",
            "orderLinkId": spec.order_id,
            "side": SIDE_WORDS[spec.side],
            "orderType": "Limit" if is_limit else "Market",
            "timeInForce": "PostOnly" if spec.post_only else force if is_limit else "IOC",
            "orderStatus": order.status,
            "price": repr(order.limit) if is_limit else "",
            "triggerPrice": "" if order.trigger is None else repr(order.trigger),
            "stopOrderType": "" if order.trigger is None else "Stop",
            "qty": repr(order.quantity * lot),
            "cumExecQty": repr(order.filled * lot),
            "avgPrice": repr(order.value / order.filled) if order.filled else "",
            "reduceOnly": spec.reduce_only,
            "createType": "CreateByUser",
            "cancelType": "UNKNOWN",
            "rejectReason": "EC_NoError",
            "createdTime": str(ts),
            "updatedTime": str(self._clock),
        }

    def _execution(self, order: _Booked, event: OrderFilled) -> dict[str, Any]:
        return {
            "category": "linear",
            "symbol": order.spec.symbol,
            "execType": "Trade",
            "execId": event.execution_id,
            "orderId": f"venue-{event.order_id}",
            "orderLinkId": event.order_id,
            "side": SIDE_WORDS[order.spec.side],
            "execQty": repr(event.quantity * self.instrument.lot),
            "execPrice": repr(event.price),
            "execFee": repr(event.fee),
            "isMaker": event.is_maker,
            "execTime": str(event.ts),
            "stopOrderType": "" if order.trigger is None else "Stop",
        }

    def _funding(self, event: FundingPaid) -> dict[str, Any]:
        """VENUE: a funding row carries the position's size; only fee and price are read of it."""
        lots = (
            1
            if not event.rate
            else max(1, round(abs(event.amount / (event.rate * event.mark * self.instrument.lot))))
        )
        return {
            "symbol": event.symbol,
            "execType": "Funding",
            "execId": f"funding-{event.ts}",
            "orderId": f"funding-{event.ts}",
            "orderLinkId": "",
            "side": SIDE_WORDS[Side.BUY],
            "execQty": repr(lots * self.instrument.lot),
            "execPrice": repr(event.mark),
            "execFee": repr(event.amount),
            "isMaker": False,
            "execTime": str(event.ts),
            "stopOrderType": "UNKNOWN",
        }


def _why(reason: str) -> tuple[dict[str, str], str]:
    """Return the fields that say why an order ended, and the reason where only we know it."""
    if reason in _REJECT_WORDS:
        return {"rejectReason": _REJECT_WORDS[reason]}, ""
    known = _CANCEL_WORDS.get(reason)
    if known is not None and reason != "user":
        return {"cancelType": known}, ""
    return {"cancelType": "CancelByUser"}, reason


def _code(word: str) -> int:
    return _CODES[word] if word in _CODES else int(word)
