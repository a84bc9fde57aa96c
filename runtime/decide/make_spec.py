"""From an intent to the immutable part of an order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from compiler.catalog.orders import OPTION_DEFAULTS, OptionName, PriceSlot
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.rearm import rearm_of
from runtime.decide.refusals import RefusalCode, Refused
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
    Trail,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an entry or exit asks for, once its prices are known: prices on the tick grid.

    `price` values and sizes it; `stop` and `target` are what it brings.
    """

    side: Side
    order_type: OrderType
    price: float
    limit: float | None = None
    trigger: float | None = None
    stop: Level | None = None
    target: Level | None = None
    trail: Trail | None = None


def order_type(intent: Intent) -> OrderType:
    """Return the type of the order an entry or exit asks for."""
    asked = intent.spec.order_type
    assert asked is not None
    if asked is OrderType.STOP_MARKET and intent.price(PriceSlot.LIMIT_PRICE) is not None:
        return OrderType.STOP_LIMIT
    return asked


def build_spec(
    context: Context,
    intent: Intent,
    asked: Asked,
    effect: Effect,
    lots: int,
    *,
    carries: int = 0,
    reason: str = "",
) -> OrderSpec:
    """Return the order of an intent: `lots` of its own, and those of an opposite position it carries."""
    reduces = effect is Effect.REDUCE
    capacity = context.capacity
    ttl = ttl_bars(intent)
    unsaid = TimeInForce.GTD if ttl is not None else OPTION_DEFAULTS[OptionName.TTL_TYPE]
    return OrderSpec(
        order_id=context.next_id(),
        symbol=context.instrument.symbol,
        side=asked.side,
        effect=effect,
        order_type=asked.order_type,
        quantity=lots + carries,
        carries=carries,
        role=Role.EXIT if reduces else Role.ENTRY,
        order_ref=intent.order_ref,
        order_group=intent.text(OptionName.ORDER_GROUP),
        limit_price=asked.limit,
        trigger_price=asked.trigger,
        time_in_force=TimeInForce(intent.text(OptionName.TTL_TYPE) or unsaid),
        post_only=intent.flag(OptionName.POST_ONLY),
        reduce_only=reduces,
        stop_loss=asked.stop,
        take_profit=asked.target,
        trail=asked.trail,
        protect=Protect(intent.word(OptionName.PROTECT)),
        take_profit_type=TakeProfitType(intent.word(OptionName.TAKE_PROFIT_TYPE)),
        ttl_bars=ttl,
        on_partial=OnPartial(intent.word(OptionName.ON_PARTIAL)),
        on_flat=OnFlat(intent.word(OptionName.ON_FLAT)),
        oco=intent.flag(OptionName.OCO),
        method=RemovalMethod(intent.word(OptionName.METHOD)),
        created_bar=capacity.bar,
        created_at=capacity.ts,
        decision_price=capacity.close,
        reason=reason or intent.text(OptionName.REASON) or intent.kind,
        origin=intent.origin,
        rearm=rearm_of(context, intent, asked.side, asked.limit, asked.trigger),
    )


def ttl_bars(intent: Intent) -> int | None:
    """Return how many bars an order may fill on, None without an end."""
    bars = intent.number(OptionName.TTL_BARS)
    if bars is None:
        return None
    if not math.isfinite(bars) or bars < 1:
        text = f"`ttl_bars` is {'unknown' if math.isnan(bars) else f'{bars:g}'}"
        raise Refused(RefusalCode.UNKNOWN_VALUE, text)
    return int(bars)
