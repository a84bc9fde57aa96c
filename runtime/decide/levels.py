"""Stops and targets of an entry: from the action, else from the card's risk model.

The law: what the action says wins; a level that cannot be told is a refusal, never no stop. Prices
are rounded away from the entry; percent, distance and multiple follow the average entry later. What has waited to
leave is judged anew, by what it would fill at now.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from compiler.catalog.settings import StopType, TargetType
from compiler.graph.rule_graph import StopRule, TargetRule
from runtime.account.ledger import Ledger
from runtime.decide.refusals import RefusalCode, Refused
from runtime.market.instrument_facts import Instrument
from runtime.orders.order import Order
from runtime.orders.order_spec import Level, LevelKind, Side

_WRONG = {True: RefusalCode.STOP_ON_WRONG_SIDE, False: RefusalCode.TARGET_ON_WRONG_SIDE}
_UNKNOWN = RefusalCode.UNKNOWN_PRICE


def protective_level(
    price: float, side: Side, reference: float, instrument: Instrument, *, is_stop: bool
) -> Level:
    """Return a stop or target at a price, rounded away from an entry of `side` at `reference`."""
    name = "stop" if is_stop else "target"
    if not math.isfinite(price) or price <= 0:
        state = "unknown" if math.isnan(price) else f"{price:g}"
        raise Refused(_UNKNOWN, f"the {name} is {state}")
    above = (side is Side.SELL) == is_stop
    rounded = instrument.ceil_price(price) if above else instrument.floor_price(price)
    if (rounded <= reference) if above else (rounded >= reference):
        where = "above" if above else "below"
        raise Refused(
            _WRONG[is_stop], f"the {name} {rounded:g} must be {where} the price {reference:g}"
        )
    if rounded <= 0:
        raise Refused(_UNKNOWN, f"the {name} {price:g} is below one tick")
    return Level(LevelKind.LEVEL, rounded)


def check_levels(order: Order, market: float, instrument: Instrument) -> None:
    """Refuse an entry whose own stop or target is on the wrong side of what it would fill at, leaving now."""
    price, sign = market, order.side.sign
    if order.trigger_price is not None and sign * (order.trigger_price - price) > 0:
        price = order.trigger_price
    if order.limit_price is not None and sign * (order.limit_price - price) < 0:
        price = order.limit_price
    for level, is_stop in ((order.stop_loss, True), (order.take_profit, False)):
        if level is not None and level.kind is LevelKind.LEVEL:
            protective_level(level.value, order.side, price, instrument, is_stop=is_stop)


def is_passed(order: Order, ledger: Ledger) -> bool:
    """Return whether an entry that left at the last close would fill beyond its own stop or target."""
    try:
        check_levels(order, ledger.close, ledger.instrument)
    except Refused:
        return True
    return False


def stop_by_rule(
    rule: StopRule,
    side: Side,
    reference: float,
    instrument: Instrument,
    value: Callable[[int], float],
) -> Level:
    """Return the stop of the risk model for an entry decided at this close."""
    level = _by_rule(rule, side, reference, instrument, value, is_stop=True)
    return replace(level, by_model=True)


def target_by_rule(
    rule: TargetRule,
    side: Side,
    reference: float,
    instrument: Instrument,
    value: Callable[[int], float],
    stop: Level | None,
) -> Level:
    """Return the target of the risk model; a multiple is one of the stop's distance as it is planned."""
    if rule.type is TargetType.RR_RATIO:
        if stop is None:
            raise Refused(_UNKNOWN, "a target by reward to risk needs a stop")
        ratio = _positive(rule.value, is_stop=False)
        if stop.kind is LevelKind.LEVEL:
            distance = ratio * abs(reference - stop.value)
            return Level(LevelKind.DISTANCE, distance, by_model=True)
        return Level(stop.kind, ratio * stop.value, by_model=True)
    level = _by_rule(rule, side, reference, instrument, value, is_stop=False)
    return replace(level, by_model=True)


def _by_rule(
    rule: StopRule | TargetRule,
    side: Side,
    reference: float,
    instrument: Instrument,
    value: Callable[[int], float],
    *,
    is_stop: bool,
) -> Level:
    match rule.type:
        case StopType.PERCENT | TargetType.PERCENT:
            return Level(LevelKind.PERCENT, _positive(rule.value, is_stop=is_stop))
        case StopType.FIXED_POINTS | TargetType.FIXED_POINTS:
            return Level(LevelKind.DISTANCE, _positive(rule.value, is_stop=is_stop))
        case StopType.ATR_MULTIPLE | TargetType.ATR_MULTIPLE:
            assert rule.node is not None
            distance = rule.value * value(rule.node)
            return Level(LevelKind.DISTANCE, _positive(distance, is_stop=is_stop))
        case StopType.STRUCTURE | TargetType.STRUCTURE:
            assert rule.node is not None
            above = (side is Side.SELL) == is_stop
            # `buffer_pct` lies beyond the level, seen from the entry.
            factor = 1 + rule.buffer_pct / 100 if above else 1 - rule.buffer_pct / 100
            price = value(rule.node) * factor
            return protective_level(price, side, reference, instrument, is_stop=is_stop)
        case TargetType.RR_RATIO:
            raise AssertionError("a multiple of the stop is told by the stop")
        case _:
            assert_never(rule.type)


def _positive(distance: float, *, is_stop: bool) -> float:
    name = "stop" if is_stop else "target"
    if math.isnan(distance):
        raise Refused(_UNKNOWN, f"the distance of the {name} is unknown")
    if distance <= 0:
        raise Refused(_WRONG[is_stop], f"the {name} has no distance to the entry")
    return distance
