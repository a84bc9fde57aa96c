"""From a resolved intent to the immutable part of an order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from runtime.decide.refusals import Refused
from runtime.orders.order_spec import (
    Effect,
    Level,
    OnFlat,
    OnPartial,
    OrderSpec,
    OrderType,
    Protect,
    RemovalMethod,
    Role,
    Side,
    TakeProfitType,
    TimeInForce,
)

if TYPE_CHECKING:
    from runtime.decide.intents import Intent
    from runtime.decide.taken import Standing


def order_type(intent: Intent) -> OrderType:
    """Return the type of the order an entry or exit asks for."""
    asked = intent.spec.order_type
    assert asked is not None
    if asked is OrderType.STOP_MARKET and intent.price("limit_price") is not None:
        return OrderType.STOP_LIMIT
    return asked


def build_spec(
    intent: Intent, standing: Standing, order_id: str, *, side: Side, effect: Effect,
    kind: OrderType, lots: int,
) -> OrderSpec:  # fmt: skip
    """Return the order of an intent, without its prices."""
    reduces = effect is Effect.REDUCE
    ttl = _ttl(intent)
    written = intent.text("ttl_type") or ("gtc" if ttl is None else "gtd")
    return OrderSpec(
        order_id=order_id,
        symbol=standing.ledger.instrument.symbol,
        side=side,
        effect=effect,
        order_type=kind,
        quantity=lots,
        role=Role.EXIT if reduces else Role.ENTRY,
        order_ref=intent.order_ref,
        order_group=intent.text("order_group"),
        time_in_force=TimeInForce(written),
        post_only=intent.flag("post_only"),
        reduce_only=reduces,
        protect=Protect(intent.text("protect") or Protect.POSITION),
        take_profit_type=TakeProfitType(intent.text("take_profit_type") or TakeProfitType.MARKET),
        ttl_bars=ttl,
        on_partial=OnPartial(intent.text("on_partial") or OnPartial.CONTINUE),
        on_flat=OnFlat(intent.text("on_flat") or OnFlat.KEEP),
        oco=intent.flag("oco"),
        method=RemovalMethod(intent.text("method") or RemovalMethod.FIFO),
        created_bar=standing.bar,
        created_at=standing.ts,
        decision_price=standing.close,
        reason=intent.text("reason") or intent.kind,
        origin=intent.origin,
    )


def with_prices(
    spec: OrderSpec, limit: float | None, trigger: float | None = None,
    stop: Level | None = None, target: Level | None = None,
) -> OrderSpec:  # fmt: skip
    """Return the order with its prices."""
    return replace(
        spec, limit_price=limit, trigger_price=trigger, stop_loss=stop, take_profit=target
    )


def closing_for_flip(spec: OrderSpec) -> OrderSpec:
    """Return the order that closes the old side: without name, group and lifetime of the entry."""
    return replace(
        spec, order_ref=None, order_group=None, oco=False, ttl_bars=None, reason="flip",
        time_in_force=TimeInForce.GTC,
    )  # fmt: skip


def _ttl(intent: Intent) -> int | None:
    bars = intent.number("ttl_bars")
    if bars is None:
        return None
    if math.isnan(bars) or bars < 1:
        raise Refused("unknown_value", f"`ttl_bars` is {'unknown' if math.isnan(bars) else bars}")
    return int(bars)
