"""Fills that an order's row counts and whose executions do not come: the row stands in for them.

The law: what an order has filled follows its row in the end, so that what it has opened is protected and what
it has closed is closed, whatever becomes of the executions. One that comes later says nothing new, up to the
lots its row stood in for: each lot counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from runtime.account.ledger import Ledger
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.messages import Execution, OrderUpdate
from runtime.formulas.sums import total, whole
from runtime.orders.events import Event, OrderAccepted, OrderFilled, OrderTriggered
from runtime.orders.order import Order

PREFIX = "row-"  # of the execution id of what a row stands in for


def stand_in(
    order: Order, row: OrderUpdate, ledger: Ledger, bar: int, now: int
) -> list[Event | Notice]:
    """Return what is missing of an order as one fill, last, with what it proves and what is told before it.

    With it average price and fees are those of the row. A row without a price: the order's own price, or the
    last close; without a fee: that of a taker.
    """
    lots, ts = row.filled - order.filled, row.updated_at
    if lots <= 0:
        return []
    average = row.average_price or order.reference_price(ledger.close)
    price = (average * row.filled - order.fill_value) / lots
    price = price if price > 0 else average
    fee = ledger.instrument.notional(lots, price) * ledger.taker_rate
    if row.fee.usdt is not None:
        fee = row.fee.usdt - total(fill.fee for fill in order.fills)
    coin = row.fee.coin
    booked = total(fill.coin_fee for fill in order.fills if fill.fee_coin == coin)
    found: list[Event | Notice] = []
    if not order.is_accepted and not order.is_terminal:
        there = row.exchange_order_id
        found.append(
            OrderAccepted(order_id=order.order_id, exchange_order_id=there, bar=bar, ts=ts)
        )
    if order.is_armed_stop and not order.is_terminal:
        found.append(OrderTriggered(order_id=order.order_id, price=price, bar=bar, ts=ts))
    fill = OrderFilled(
        order_id=order.order_id, execution_id=f"{PREFIX}{order.order_id}-{row.filled}", quantity=lots,
        price=price, fee=fee, is_maker=row.post_only, bar=bar, ts=ts,
        reason=order.spec.reason if not order.is_own else "",
        fee_coin=coin, coin_fee=row.fee.amount - booked if coin else 0.0,
    )  # fmt: skip
    text = (
        f"{order.order_id} has filled {lots} lots and the venue does not tell their executions: booked at "
        f"{price:g} by the order's own row"
    )
    told = Notice(kind="executions_missing", loudness=Loudness.ENTRIES, text=text, ts=now)
    return [told, *found, fill]


@dataclass(slots=True)
class StandIns:
    """Which row is ahead of the executions of its order, since when (ms UTC), and what it stood in for."""

    ahead: dict[str, OrderUpdate] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    stood: dict[str, int] = field(default_factory=dict)  # order -> lots that its rows stood in for
    until: dict[str, int] = field(
        default_factory=dict
    )  # order -> when the last such row was written
    came: dict[str, dict[str, int]] = field(default_factory=dict)  # order -> late execution -> lots

    def count(self, order_id: str, row: OrderUpdate) -> None:
        """Take a row that counts more than is booked of its order."""
        held = self.ahead.get(order_id)
        if held is None or row.filled >= held.filled:
            self.ahead[order_id] = row

    def note(self, event: OrderFilled) -> None:
        """Remember a fill that a row stood in for."""
        if event.execution_id.startswith(PREFIX):
            name = event.order_id
            self.stood[name] = self.stood.get(name, 0) + event.quantity
            self.until[name] = event.ts

    def due(self, behind: Iterable[str], now: int, patience_ms: int) -> list[str]:
        """Return the orders whose executions are missing for so long; it counts from the first call on."""
        self.since = {name: self.since.get(name, now) for name in behind}
        self.ahead = {name: self.ahead[name] for name in self.since if name in self.ahead}
        return [name for name in self.ahead if now - self.since[name] >= patience_ms]

    def news(self, order_id: str | None, row: Execution) -> int:
        """Return how many lots of an execution are news: those that no row has stood in for.

        What happened after the row was written is not of it. Of several in one moment the wrong one may be
        taken for it; the next row counts what is missing then, and the total is right.
        """
        name = order_id or ""
        stood = self.stood.get(name, 0)
        if not stood or row.ts > self.until[name]:
            return row.quantity
        came = self.came.setdefault(name, {})
        if row.execution_id not in came:
            came[row.execution_id] = min(row.quantity, stood - whole(came.values()))
        return row.quantity - came[row.execution_id]
