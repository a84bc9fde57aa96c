"""What the engine asks of a backend. A backend answers only with events."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.orders.order_spec import Level, OrderSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    spec: OrderSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """New absolute values; None leaves a value as it is. `quantity` is the new total in lots."""

    order_id: str
    quantity: int | None = None
    limit_price: float | None = None
    trigger_price: float | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProtection:
    """Set the stop and/or target of the position (layer None) or of one layer; None leaves it."""

    stop_loss: Level | None = None
    take_profit: Level | None = None
    layer: str | None = None


Command = SubmitOrder | CancelOrder | AmendOrder | SetProtection
