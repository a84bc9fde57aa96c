"""A ledger that is told executions directly, as any backend would tell them."""

from __future__ import annotations

from typing import Any

from runtime.account.ledger import Ledger
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.runtime.backends.sim.bench import TEST, Bench
from tests.strategies.words import worded

SETTINGS = Bench([(100, 100, 100, 100)], account={"max_leverage": 10.0}).ledger.settings


class Told:
    """Orders are submitted and accepted at once; `fill` executes a part of one. Bars count closes."""

    def __init__(self) -> None:
        self.ledger = Ledger(TEST, SETTINGS)
        self.events: list[Event] = []
        self.fills = 0
        self.bar = 0

    def tell(self, event: Event) -> bool:
        self.events.append(event)
        return self.ledger.apply(event)

    def place(self, order_id: str, side: str, lots: int, **more: Any) -> Order:
        spec: dict[str, Any] = {
            "order_id": order_id, "symbol": "TEST", "side": Side(side), "effect": Effect.OPEN,
            "order_type": OrderType.LIMIT, "quantity": lots, "limit_price": 100.0,
        }  # fmt: skip
        if more.get("effect") is Effect.REDUCE:
            spec |= {"role": Role.EXIT, "reduce_only": True}
        made = OrderSpec(**worded(spec | more))
        self.tell(OrderSubmitted(spec=made, bar=self.bar, ts=self.bar))
        self.tell(
            OrderAccepted(order_id=order_id, exchange_order_id="e", bar=self.bar, ts=self.bar)
        )
        return self.ledger.orders[order_id]

    def fill(self, order_id: str, lots: int, price: float, fee: float = 0.0) -> OrderFilled:
        self.fills += 1
        event = OrderFilled(
            order_id=order_id, execution_id=f"x{self.fills}", quantity=lots, price=price, fee=fee,
            is_maker=True, bar=self.bar, ts=self.bar,
        )  # fmt: skip
        self.tell(event)
        return event

    def cancel(self, order_id: str) -> None:
        self.tell(OrderCancelled(order_id=order_id, reason="t", bar=self.bar, ts=self.bar))

    def close(self, price: float) -> None:
        self.tell(BarClosed(bar=self.bar, ts=self.bar, close=price, mark=price))
        self.bar += 1

    @property
    def layers(self) -> list[tuple[str, int, float]]:
        position = self.ledger.position
        return [] if position is None else [
            (x.layer_id, x.quantity, x.entry_price) for x in position.layers
        ]  # fmt: skip
