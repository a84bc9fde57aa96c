"""Stops and targets as working orders whose quantity follows the position.

INVARIANT: after `sync` the protective orders are exactly what the position and its protection ask
for: never more than the position, gone when it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.backends.base import Emit
from runtime.backends.sim.rules import Numbering
from runtime.ledger import Ledger
from runtime.orders.events import OrderAccepted, OrderAmended, OrderCancelled, OrderSubmitted
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, TimeInForce

PROTECTIVE = frozenset({Role.STOP_LOSS, Role.TAKE_PROFIT})
_Key = tuple[Role, str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    lots: int
    price: float
    is_limit: bool


def wanted(ledger: Ledger) -> dict[_Key, Wanted]:
    """Return the protective orders the position should have."""
    position = ledger.position
    if position is None:
        return {}
    found: dict[_Key, Wanted] = {}
    covered = {Role.STOP_LOSS: 0, Role.TAKE_PROFIT: 0}
    scopes = sorted(ledger.protection, key=lambda scope: (scope is None, scope or ""))
    for scope in scopes:  # layers first: the position's own pair covers the rest
        held = ledger.protection[scope]
        layer = None if scope is None else position.layer(scope)
        for role, price in (
            (Role.STOP_LOSS, ledger.stop_price(scope)),
            (Role.TAKE_PROFIT, ledger.target_price(scope)),
        ):
            if price is None or (scope is not None and layer is None):
                continue
            lots = position.quantity - covered[role] if layer is None else layer.quantity
            if lots > 0:
                covered[role] += lots
                is_limit = role is Role.TAKE_PROFIT and held.take_profit_type == "limit"
                found[role, scope] = Wanted(lots, price, is_limit)
    return found


def sync(
    ledger: Ledger, emit: Emit, numbering: Numbering, bar: int, ts: int
) -> tuple[list[str], list[str]]:
    """Bring the protective orders in line with the position; returns the ids of new and moved ones.

    Orders of the other side protected a position that is gone, also when a new one took its place.
    """
    goal = wanted(ledger)
    position = ledger.position
    existing = {(o.spec.role, o.spec.layer): o for o in ledger.book if o.spec.role in PROTECTIVE}
    moved = []
    for key, order in existing.items():
        target = goal.get(key)
        is_stale = position is None or order.side is position.side
        if is_stale:
            emit(OrderCancelled(order_id=order.order_id, reason="position_closed", bar=bar, ts=ts))
        elif target is None or (order.spec.order_type is OrderType.LIMIT) != target.is_limit:
            emit(OrderCancelled(order_id=order.order_id, reason="replaced", bar=bar, ts=ts))
        elif _amend(order, target, emit, bar, ts):
            moved.append(order.order_id)
    created = []
    for key, target in goal.items():
        known = existing.get(key)
        if known is None or known.order_id not in ledger.book:
            created.append(_create(ledger, key, target, emit, numbering, bar, ts))
    return created, moved


def _amend(order: Order, target: Wanted, emit: Emit, bar: int, ts: int) -> bool:
    """Give an order its lots and price; returns whether the price moved."""
    price = order.limit_price if target.is_limit else order.trigger_price
    quantity = order.filled + target.lots
    if quantity == order.quantity and price == target.price:
        return False
    emit(
        OrderAmended(
            order_id=order.order_id, bar=bar, ts=ts,
            quantity=None if quantity == order.quantity else quantity,
            limit_price=target.price if target.is_limit and price != target.price else None,
            trigger_price=target.price if not target.is_limit and price != target.price else None,
        )
    )  # fmt: skip
    return price != target.price


def _create(
    ledger: Ledger, key: _Key, target: Wanted, emit: Emit, numbering: Numbering, bar: int, ts: int
) -> str:
    position = ledger.position
    assert position is not None
    role, layer = key
    spec = OrderSpec(
        order_id=numbering.order(),
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.LIMIT if target.is_limit else OrderType.STOP_MARKET,
        quantity=target.lots,
        role=role,
        limit_price=target.price if target.is_limit else None,
        trigger_price=None if target.is_limit else target.price,
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
        layer=layer,
        parent_id=layer or position.layers[-1].order_id,
        created_bar=bar,
        created_at=ts,
        reason=role.value,
    )
    emit(OrderSubmitted(spec=spec, bar=bar, ts=ts))
    emit(OrderAccepted(order_id=spec.order_id, exchange_order_id=spec.order_id, bar=bar, ts=ts))
    return spec.order_id
