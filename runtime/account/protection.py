"""Where stops and targets stand: levels anchored on the average entry, rounded away from it."""

from __future__ import annotations

from runtime.account.layers import ScaledPosition
from runtime.orders.order_spec import Level, LevelKind


def round_away(position: ScaledPosition, price: float, above: bool) -> float:
    """Return the tick multiple on the far side of the entry, never below one tick."""
    instrument = position.instrument
    rounded = instrument.ceil_price(price) if above else instrument.floor_price(price)
    return max(instrument.tick, rounded)


def target_price(position: ScaledPosition, level: Level | None, stop: float | None) -> float | None:
    """Return the price of a target: percent and distance count towards profit."""
    if level is None:
        return None
    if level.kind is LevelKind.LEVEL:
        return level.value
    entry, sign = position.avg_entry_price, position.side.sign
    match level.kind:
        case LevelKind.PERCENT:
            price = entry * (1 + sign * level.value / 100)
        case LevelKind.DISTANCE:
            price = entry + sign * level.value
        case _:
            if stop is None:
                return None
            price = entry + sign * level.value * abs(entry - stop)
    return round_away(position, price, above=sign > 0)


def stop_price(position: ScaledPosition, level: Level | None) -> float | None:
    """Return the price of a stop: percent and distance count towards loss."""
    if level is None:
        return None
    if level.kind is LevelKind.LEVEL:
        return level.value
    entry, sign = position.avg_entry_price, position.side.sign
    away = entry * level.value / 100 if level.kind is LevelKind.PERCENT else level.value
    return round_away(position, entry - sign * away, above=sign < 0)
