"""Liquidation: when mark reaches the venue's price, the position and its margin are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.account import bankruptcy_price, liquidation_price, maintenance_rate
from runtime.backends.sim.protection import PROTECTIVE
from runtime.orders.events import OrderAccepted, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side

if TYPE_CHECKING:
    from runtime.backends.sim.walk import Walk

_REASON = "liquidation"


def liquidation_level(walk: Walk, end: float) -> float | None:
    """Return the last price at which mark reaches the liquidation price on the way to `end`.

    Mark and last differ by the shift of the bar's extremes.
    """
    position = walk.ledger.position
    if position is None:
        return None
    rate = maintenance_rate(
        walk.rules.instrument,
        position.total_size_usdt,
        walk.rules.settings.account.maintenance_margin_rate,
    )
    leverage = walk.ledger.leverage
    level = liquidation_price(position.side, position.avg_entry_price, leverage, rate)
    if position.side is Side.BUY:
        level -= walk.low_shift
        if level <= 0:
            return None
        return walk.price if walk.price <= level else level if end <= level else None
    level -= walk.high_shift
    return walk.price if walk.price >= level else level if end >= level else None


def take_over(walk: Walk) -> None:
    """The venue takes the position over at its bankruptcy price: the margin is lost, no more."""
    position = walk.ledger.position
    assert position is not None
    for order in list(walk.ledger.book):
        if order.spec.role not in PROTECTIVE:
            walk.cancel(order, _REASON)
    price = bankruptcy_price(position.side, position.avg_entry_price, walk.ledger.leverage)
    spec = OrderSpec(
        order_id=walk.numbering.order(),
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=position.quantity,
        role=Role.LIQUIDATION,
        reduce_only=True,
        created_bar=walk.bar_index,
        created_at=walk.now,
        reason=_REASON,
    )
    order_id, bar, ts = spec.order_id, walk.bar_index, walk.now
    walk.emit(OrderSubmitted(spec=spec, bar=bar, ts=ts))
    walk.emit(OrderAccepted(order_id=order_id, exchange_order_id=order_id, bar=bar, ts=ts))
    walk.emit(
        OrderFilled(
            order_id=order_id,
            execution_id=walk.numbering.execution(),
            quantity=spec.quantity,
            price=price,
            fee=0.0,
            is_maker=False,
            bar=bar,
            ts=ts,
            path=walk.at,
            reason=_REASON,
        )
    )
    walk.closed()
    walk.refresh()
