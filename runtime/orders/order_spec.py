"""What an order is when it is asked for: the immutable part, shared by commands and events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from compiler.catalog.orders import (
    OPTION_DEFAULTS,
    OnFlat,
    OnPartial,
    OptionName,
    OrderType,
    Protect,
    RemovalMethod,
    Side,
    TakeProfitType,
    TimeInForce,
)


class Effect(StrEnum):
    OPEN = "open"
    REDUCE = "reduce"


class Role(StrEnum):
    """Why an order exists. Only ENTRY and EXIT are the card's own and count as pending orders."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    LIQUIDATION = "liquidation"
    CLOSE_AT_END = "close_at_end"
    OUTSIDE = "outside"  # neither the card's nor ours: made by hand, or by the venue for another


OWN = frozenset({Role.ENTRY, Role.EXIT})
PROTECTIVE = frozenset({Role.STOP_LOSS, Role.TAKE_PROFIT})
TOO_FAR = "turned_too_far"  # why an exit takes back what a turn has opened too much


class LevelKind(StrEnum):
    LEVEL = "level"  # a price
    PERCENT = "percent"  # percent of the entry
    DISTANCE = "distance"  # price units from the entry


@dataclass(frozen=True, slots=True)
class Level:
    """A stop or target, before it is anchored: anything but LEVEL is measured from the entry.

    `by_model`: the risk model's, not named by an action.
    """

    kind: LevelKind
    value: float
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class Trail:
    """A trailing stop as it is asked for: one of the distances, at most one of the starts.

    `distance` in price units, `distance_pct` of the average entry; `activate` a price, `activate_pct` of the
    average entry in favour, `activate_r` in multiples of what is at risk to the stop. No start: at once.
    """

    distance: float | None = None
    distance_pct: float | None = None
    activate: float | None = None
    activate_pct: float | None = None
    activate_r: float | None = None

    @property
    def is_active_at_once(self) -> bool:
        return self.activate is None and self.activate_pct is None and self.activate_r is None


@dataclass(frozen=True, slots=True)
class Origin:
    """Which rule asked: block and case index (-1 = else), action index, span start in the card."""

    block: str = ""
    case: int = -1
    action: int = 0
    offset: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rearm:
    """How an entry comes again when its exit has filled: the entry's order has it, and its exit's.

    `entry` is the rule that placed it; `limit` and `trigger` are its first prices, on the tick grid; `left` is
    how often it may come again, None without an end. A cancel may name its ref, group or side.
    An exit that is asked again, or in pieces, is several orders: each has the id of the first (`part_of`) and its
    `whole` lots. `entered_by` is the entry, of an exit that was asked for before that was whole.
    """

    entry: Origin
    side: Side
    order_ref: str | None = None
    order_group: str | None = None
    limit: float | None = None
    trigger: float | None = None
    left: int | None = None
    part_of: str | None = None
    whole: int = 0
    entered_by: str | None = None

    def of_part(self, first: str, lots: int) -> Rearm:
        """Return it as a part carries it of the exit `first`, which was to fill so many lots."""
        return self if self.part_of else replace(self, part_of=first, whole=lots)

    def next(self) -> Rearm:
        """Return it as the entry carries it that comes again."""
        left = None if self.left is None else self.left - 1
        return replace(self, left=left, part_of=None, whole=0, entered_by=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSpec:
    """One order as requested. `quantity` in whole lots; prices on the tick grid.

    `created_bar` is the bar whose close decided it (it can act from the next bar on).
    `expires_bar` is the last bar it may fill on; its remainder expires at that bar's close.
    `layer` names the layer a reduction or protection belongs to (None: the whole position).
    `carries` are the lots of an opposite position in `quantity`, which an entry closes before it opens.
    `again_of` is the first order of the exit that this one repeats, None of what asks for the first time.
    """

    order_id: str
    symbol: str
    side: Side
    effect: Effect
    order_type: OrderType
    quantity: int
    carries: int = 0
    role: Role = Role.ENTRY
    order_ref: str | None = None
    order_group: str | None = None
    limit_price: float | None = None
    trigger_price: float | None = None
    time_in_force: TimeInForce = TimeInForce(OPTION_DEFAULTS[OptionName.TTL_TYPE])
    post_only: bool = False
    reduce_only: bool = False
    stop_loss: Level | None = None
    take_profit: Level | None = None
    trail: Trail | None = None
    protect: Protect = Protect(OPTION_DEFAULTS[OptionName.PROTECT])
    take_profit_type: TakeProfitType = TakeProfitType(OPTION_DEFAULTS[OptionName.TAKE_PROFIT_TYPE])
    ttl_bars: int | None = None
    on_partial: OnPartial = OnPartial(OPTION_DEFAULTS[OptionName.ON_PARTIAL])
    on_flat: OnFlat = OnFlat(OPTION_DEFAULTS[OptionName.ON_FLAT])
    oco: bool = False
    method: RemovalMethod = RemovalMethod(OPTION_DEFAULTS[OptionName.METHOD])
    layer: str | None = None
    parent_id: str | None = None
    created_bar: int = -1
    created_at: int = 0  # ms UTC
    decision_price: float | None = None  # close of the deciding bar, for slippage figures
    reason: str = ""
    origin: Origin = Origin()
    rearm: Rearm | None = None
    again_of: str | None = None

    @property
    def name(self) -> str:
        """Return what people call it by: its ref, else its id."""
        return self.order_ref or self.order_id


__all__ = [
    "OWN",
    "PROTECTIVE",
    "TOO_FAR",
    "Effect",
    "Level",
    "LevelKind",
    "OnFlat",
    "OnPartial",
    "OrderSpec",
    "OrderType",
    "Origin",
    "Protect",
    "Rearm",
    "RemovalMethod",
    "Role",
    "Side",
    "TakeProfitType",
    "TimeInForce",
    "Trail",
]


def reference_price(limit: float | None, trigger: float | None, close: float) -> float:
    """Return the price an order is sized and valued at: its limit, else its trigger, else the close."""
    if limit is not None:
        return limit
    return close if trigger is None else trigger
