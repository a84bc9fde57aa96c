"""Where stops and targets stand, seen from the entry they protect.

The law: written in the language of kernels; rounded away from the entry, never below one tick. `sign` is +1
for a long position, -1 for a short one; a percentage is of the entry, a distance in quote per base.
"""

from __future__ import annotations

from runtime.formulas.rounding import price_above, price_below


def stop_level(sign: int, price: float, tick: float) -> float:
    """Return where a protective stop stands: on the side that triggers later, never below one tick.

    `sign` is +1 for a long position (rounded down), -1 for a short one (rounded up).
    """
    if sign > 0:
        return max(tick, price_below(price, tick))
    return max(tick, price_above(price, tick))


def target_level(sign: int, price: float, tick: float) -> float:
    """Return where a target stands: on the side that fills later, never below one tick."""
    return stop_level(-sign, price, tick)


def stop_by_distance(sign: int, entry: float, distance: float, tick: float) -> float:
    """Return the stop a distance towards loss from an entry."""
    return stop_level(sign, entry - sign * distance, tick)


def stop_by_percent(sign: int, entry: float, percent: float, tick: float) -> float:
    """Return the stop a percentage towards loss from an entry."""
    return stop_by_distance(sign, entry, entry * percent / 100, tick)


def target_by_distance(sign: int, entry: float, distance: float, tick: float) -> float:
    """Return the target a distance towards profit from an entry."""
    return target_level(sign, entry + sign * distance, tick)


def target_by_percent(sign: int, entry: float, percent: float, tick: float) -> float:
    """Return the target a percentage towards profit from an entry."""
    return target_level(sign, entry * (1 + sign * percent / 100), tick)
