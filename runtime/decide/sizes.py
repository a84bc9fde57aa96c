"""How much: the size forms of the language to whole lots.

The law: a size is a notional at the order's own price, in lots rounded down. An amount the card states
(`usdt`, `base`) stands as it is and is refused where it does not fit; every other size is computed, and cut
to what fits. A size that holds a risk is computed here, of the order's own price and stop, from the values
of the close.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.orders import OptionName, PriceSlot, SizeKind
from compiler.catalog.settings import SizingModel
from compiler.graph.rule_graph import SizingRule
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.order_spec import Level, LevelKind, Protect, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBasis:
    """What sizes refer to, in quote and base units. `stop_distance` is in price units, NaN without a stop."""

    price: float
    equity: float
    max_position_usdt: float
    leverage: float
    position_base: float
    stop_distance: float = math.nan


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whole lots, and the base units that were rounded down to them, None where lots were asked for."""

    lots: int
    base: float | None = None


def wanted(
    context: Context, intent: Intent, price: float, side: Side, stop: Level | None
) -> Wanted:
    """Return what an entry at a price asks for: whole lots of its base units, rounded down."""
    base = asked_base(context, intent, price, side, stop)
    return Wanted(context.instrument.lots_for_base(base), base)


def asked_base(
    context: Context, intent: Intent, price: float, side: Side, stop: Level | None
) -> float:
    """Return the base units an entry at a price asks for; the risk model sizes what has no size.

    `stop` is the one that will protect them.
    """
    basis = basis_at(context, intent, price, _stop_distance(stop, side, price))
    size, rule = intent.action.size, context.settings.risk.sizing
    if size is not None and intent.size is not None:
        amount = intent.size
        if intent.is_by_order:
            amount = context.value_with(size.value, price / basis.stop_distance)
        return wanted_base(size.kind, amount, basis)
    if rule is not None:
        return modelled_base(rule, basis)
    text = "the entry has no size, and the card no `risk_model.sizing`"
    raise Refused(RefusalCode.UNKNOWN_VALUE, text)


def is_stated(context: Context, intent: Intent) -> bool:
    """Return whether the card states the amount of an entry, instead of computing it."""
    rule = context.settings.risk.sizing
    if intent.size is None and rule is not None:
        return rule.model == SizingModel.FIXED_USDT
    return intent.is_stated


def basis_at(
    context: Context, intent: Intent, price: float, distance: float = math.nan
) -> SizeBasis:
    """Return what sizes of an intent refer to at this close."""
    capacity = context.capacity
    held = 0 if capacity.ledger.position is None else capacity.shared(intent)[0]
    return SizeBasis(
        price=price,
        equity=capacity.equity,
        max_position_usdt=capacity.max_position_usdt,
        leverage=capacity.ledger.leverage,
        position_base=context.instrument.base(held),
        stop_distance=distance,
    )


def wanted_base(kind: SizeKind, value: float, basis: SizeBasis) -> float:
    """Return the base units of a size the card gives."""
    if not math.isfinite(value) or value < 0:
        text = "the size is unknown" if math.isnan(value) else f"the size is {value:g}"
        raise Refused(RefusalCode.UNKNOWN_VALUE, text)
    match kind:
        case SizeKind.USDT:
            return value / basis.price
        case SizeKind.EQUITY_FRACTION:
            return max(0.0, basis.equity) * value / basis.price
        case SizeKind.MAX_FRACTION:
            return basis.max_position_usdt * value / basis.price
        case SizeKind.BASE | SizeKind.FILL:
            return value
        case SizeKind.POSITION_FRACTION | SizeKind.REST:
            return basis.position_base * value
        case SizeKind.RISK_PCT:
            return max(0.0, basis.equity) * value / 100 / _known(basis.stop_distance)
        case _:
            assert_never(kind)


def modelled_base(rule: SizingRule, basis: SizeBasis) -> float:
    """Return the base units `risk_model.sizing` gives.

    `percent_equity`: margin of value % of equity, times leverage. `risk_based`: value % of equity is
    lost at the stop. `fixed_usdt`: notional. The rule's `max_leverage` bounds the first two.
    """
    equity = max(0.0, basis.equity)
    most, leverage = math.inf, basis.leverage
    if rule.max_leverage is not None:
        leverage = min(leverage, rule.max_leverage)
        most = equity * leverage / basis.price
    match rule.model:
        case SizingModel.FIXED_USDT:
            return rule.value / basis.price
        case SizingModel.RISK_BASED:
            return min(equity * rule.value / 100 / _known(basis.stop_distance), most)
        case SizingModel.PERCENT_EQUITY:
            return min(equity * rule.value / 100 * leverage / basis.price, most)
        case _:
            assert_never(rule.model)


# ---------------------------------------------------------------- the stop that a risk is measured to


def protecting_stop(
    context: Context, intent: Intent, side: Side, planned: Level | None
) -> Level | None:
    """Return the stop that will protect these lots: the entry's own, the position's in force, the model's.

    `planned` is the entry's own stop, or that of `risk_model`. A layer that is protected by itself is not
    protected by the position's stop.
    """
    if intent.price(PriceSlot.STOP_LOSS) is not None or context.capacity.side is not side:
        return planned
    scope = Protect(intent.word(OptionName.PROTECT))
    if scope.is_by_layer and planned is not None:
        return planned
    in_force = context.capacity.stop_in_force()
    return planned if in_force is None else Level(LevelKind.LEVEL, in_force)


def _stop_distance(stop: Level | None, side: Side, price: float) -> float:
    """Return how far a stop is on the losing side of an entry at `price`; NaN where it is not."""
    if stop is None:
        return math.nan
    match stop.kind:
        case LevelKind.PERCENT:
            return price * stop.value / 100
        case LevelKind.LEVEL:
            distance = side.sign * (price - stop.value)
            return distance if distance > 0 else math.nan
        case _:
            return stop.value


def _known(distance: float) -> float:
    if not distance > 0:
        text = "a size by risk needs a stop on the losing side of the entry"
        raise Refused(RefusalCode.UNKNOWN_PRICE, text)
    return distance
