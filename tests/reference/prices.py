"""Prices a close is judged by: what is passed, what is too far, what lies on the wrong side.

Law: equality counts as reached and as wrong.
"""

from __future__ import annotations

from fractions import Fraction

from tests.reference.matching import has_triggered
from tests.reference.script import Side
from tests.reference.state import State


def close_price(state: State) -> Fraction:
    """What prices are judged against: the last close that traded."""
    return Fraction(state.bar.close if state.last_traded is None else state.last_traded)


def plan_price(state: State, limit: int | None, trigger: int | None) -> Fraction:
    """Price an order is sized and planned at: its limit, else its trigger, else the close."""
    if limit is not None:
        return Fraction(limit)
    return close_price(state) if trigger is None else Fraction(trigger)


def wrong_price(
    state: State, side: Side, limit: int | None, trigger: int | None, *, moves_trigger: bool = True
) -> str | None:
    """`trigger_passed` at equality too; the band holds for limits that could execute at once."""
    close = close_price(state)
    if trigger is not None and moves_trigger and has_triggered(side, trigger, close):
        return "trigger_passed"
    if limit is None:
        return None
    base = close if trigger is None else Fraction(trigger)
    edge = base * (1 + side.sign * state.settings.price_band_pct / 100)
    return "price_outside_band" if (limit - edge) * side.sign > 0 else None


def wrong_protection(
    side: Side, price: Fraction, stop: int | None, target: int | None
) -> str | None:
    """A stop must lie on the losing, a target on the winning side; equality is wrong."""
    if stop is not None and (price - stop) * side.sign <= 0:
        return "stop_on_wrong_side"
    if target is not None and (target - price) * side.sign <= 0:
        return "target_on_wrong_side"
    return None
