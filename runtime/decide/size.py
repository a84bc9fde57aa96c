"""How much: the size forms of the language to base units, before rounding to lots.

The law: a size is a notional at the order's own price. A size the card gives outright is taken as it
is and refused where it does not fit; a share computed by `risk_model.sizing` (`percent_equity`,
`risk_based`) is cut to what the account can carry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from compiler.catalog.orders import SizeKind
from compiler.catalog.settings import SizingModel
from runtime.decide.refusals import Refused
from runtime.orders.order_spec import Level, LevelKind

if TYPE_CHECKING:
    from compiler.graph.rule_graph import SizingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBasis:
    """What sizes refer to. `stop_distance` is in price units, NaN without a stop."""

    price: float
    equity: float
    max_position_usdt: float
    leverage: float
    position_base: float
    room_usdt: float  # notional that margin and maximum position still allow
    stop_distance: float = math.nan


def wanted_base(kind: SizeKind, value: float, basis: SizeBasis) -> float:
    """Return the base units of a size the card gives outright."""
    if not math.isfinite(value) or value < 0:
        raise Refused("unknown_value", "the size is unknown" if math.isnan(value) else "no size")
    match kind:
        case SizeKind.USDT:
            return value / basis.price
        case SizeKind.EQUITY_FRACTION:
            return basis.equity * value / basis.price
        case SizeKind.MAX_FRACTION:
            return basis.max_position_usdt * value / basis.price
        case SizeKind.BASE:
            return value
        case SizeKind.POSITION_FRACTION:
            return basis.position_base * value
        case SizeKind.RISK_PCT:
            return basis.equity * value / 100 / _distance(basis)
        case _:
            assert_never(kind)


# The open may be worse than the close that sized a market order: what a share leaves free for that.
_MARKET_RESERVE = 0.01


def modelled_base(rule: SizingRule, basis: SizeBasis, *, at_market: bool) -> float:
    """Return the base units `risk_model.sizing` gives.

    `percent_equity`: margin of value % of equity, times leverage. `risk_based`: value % of equity is
    lost at the stop. `fixed_usdt`: notional. `max_leverage` bounds the leverage of the first two.
    """
    leverage = basis.leverage
    if rule.max_leverage is not None:
        leverage = min(leverage, rule.max_leverage)
    room = basis.room_usdt * (1 - _MARKET_RESERVE) if at_market else basis.room_usdt
    ceiling = min(basis.equity * leverage, room)
    match rule.model:
        case SizingModel.FIXED_USDT:
            return rule.value / basis.price
        case SizingModel.RISK_BASED:
            notional = basis.equity * rule.value / 100 / _distance(basis) * basis.price
        case SizingModel.PERCENT_EQUITY:
            notional = basis.equity * rule.value / 100 * leverage
        case _:
            assert_never(rule.model)
    return max(0.0, min(notional, ceiling)) / basis.price


def stop_distance(stop: Level | None, price: float) -> float:
    """Return how far a stop is from an entry at `price`; NaN without one."""
    if stop is None:
        return math.nan
    match stop.kind:
        case LevelKind.PERCENT:
            return price * stop.value / 100
        case LevelKind.LEVEL:
            return abs(price - stop.value)
        case _:
            return stop.value


def _distance(basis: SizeBasis) -> float:
    if not basis.stop_distance > 0:
        raise Refused("unknown_value", "a size by risk needs a stop")
    return basis.stop_distance
