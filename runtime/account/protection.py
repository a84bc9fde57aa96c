"""Stop and target of a position or of one of its layers: who sets them, and where they stand.

The law: a level the card named or moved is the card's; one of the risk model follows the average at every
entry fill until the card moves or replaces that kind. Percent and distance are measured from the entry
they protect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from runtime.formulas import stops
from runtime.orders.order_spec import Level, LevelKind, Role, TakeProfitType
from runtime.orders.trailing import Following


@dataclass(frozen=True, slots=True)
class Protection:
    """Stop and target of the position or of one layer, before they are anchored, and what trails."""

    stop_loss: Level | None = None
    take_profit: Level | None = None
    take_profit_type: TakeProfitType = TakeProfitType.MARKET
    trail: Following | None = None

    def __bool__(self) -> bool:
        return (self.stop_loss, self.take_profit, self.trail) != (None, None, None)

    def level(self, role: Role) -> Level | None:
        return self.stop_loss if role is Role.STOP_LOSS else self.take_profit

    def after_fill(self, planned: Protection, *, is_first: bool) -> Protection:
        """Return what an entry's fill makes of it; `planned` is what the entry brings.

        `is_first`: the entry has opened nothing before, or what is protected opens with this fill.
        """
        stop = _after_fill(self.stop_loss, planned.stop_loss, is_first)
        target = _after_fill(self.take_profit, planned.take_profit, is_first)
        is_planned = target is not None and target is planned.take_profit
        kind = planned.take_profit_type if is_planned else self.take_profit_type
        return Protection(stop, target, kind, self.trail)

    def without(self, role: Role) -> Protection:
        """Return it with a level that is spent: its order has filled and there is nothing left to cover."""
        if role is Role.STOP_LOSS:
            return replace(self, stop_loss=None)
        return replace(self, take_profit=None)

    def moved(self, stop_loss: Level | None, take_profit: Level | None) -> Protection:
        """Return it with the levels the card moves; None leaves a level."""
        return replace(
            self,
            stop_loss=self.stop_loss if stop_loss is None else stop_loss,
            take_profit=self.take_profit if take_profit is None else take_profit,
        )


def _after_fill(held: Level | None, planned: Level | None, is_first: bool) -> Level | None:
    if planned is None:
        return held  # an entry that names none leaves it
    if held is None:
        return planned  # nothing protects what came in: none yet, or what did has been spent
    if is_first:
        return planned if held.by_model or not planned.by_model else held
    # Later fills move an anchor and quantities; what the entry named was set by its first one.
    follows = planned.by_model and planned.kind is not LevelKind.LEVEL
    return planned if follows and held.by_model else held


# ---------------------------------------------------------------- where they stand


def stop_price(level: Level | None, sign: int, entry: float, tick: float) -> float | None:
    """Return the price of a stop: percent and distance count towards loss.

    `sign` is +1 for a long position; `entry` the average of what the stop protects.
    """
    if level is None:
        return None
    match level.kind:
        case LevelKind.LEVEL:
            return level.value
        case LevelKind.PERCENT:
            return stops.stop_by_percent(sign, entry, level.value, tick)
        case LevelKind.DISTANCE:
            return stops.stop_by_distance(sign, entry, level.value, tick)
        case _:
            assert_never(level.kind)


def target_price(level: Level | None, sign: int, entry: float, tick: float) -> float | None:
    """Return the price of a target: percent and distance count towards profit."""
    if level is None:
        return None
    match level.kind:
        case LevelKind.LEVEL:
            return level.value
        case LevelKind.PERCENT:
            return stops.target_by_percent(sign, entry, level.value, tick)
        case LevelKind.DISTANCE:
            return stops.target_by_distance(sign, entry, level.value, tick)
        case _:
            assert_never(level.kind)
