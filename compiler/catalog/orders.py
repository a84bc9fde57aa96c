"""The closed words of orders: sides, types, times in force and what an order's metadata may say.

Cards write them, the rule graph carries them, the runtime acts on them: spelt here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never


class Side(StrEnum):
    """The side of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1


class PositionSide(StrEnum):
    """The side of an open position."""

    LONG = "long"
    SHORT = "short"

    @property
    def opposite(self) -> PositionSide:
        return PositionSide.SHORT if self is PositionSide.LONG else PositionSide.LONG

    @property
    def opened_by(self) -> Side:
        """Return the side of the orders that make such a position larger."""
        return Side.BUY if self is PositionSide.LONG else Side.SELL


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"


class TimeInForce(StrEnum):
    GTC = "gtc"
    GTD = "gtd"  # until `ttl_bars` closes have passed
    IOC = "ioc"
    FOK = "fok"

    @property
    def is_immediate(self) -> bool:
        """Return whether such an order never rests: what it does not get at once is gone."""
        match self:
            case TimeInForce.IOC | TimeInForce.FOK:
                return True
            case TimeInForce.GTC | TimeInForce.GTD:
                return False
            case _:
                assert_never(self)


# As a card writes them: the times in force of orders that never rest.
AT_ONCE = frozenset(word for word in TimeInForce if word.is_immediate)


class OnPartial(StrEnum):
    """What becomes of the remainder of an order that has been filled in part."""

    CONTINUE = "continue"
    CANCEL = "cancel"

    @property
    def cancels(self) -> bool:
        """Return whether the remainder goes."""
        match self:
            case OnPartial.CANCEL:
                return True
            case OnPartial.CONTINUE:
                return False
            case _:
                assert_never(self)


class OnFlat(StrEnum):
    """What becomes of a working order when the position closes."""

    KEEP = "keep"
    CANCEL = "cancel"

    @property
    def cancels(self) -> bool:
        """Return whether the order goes with the position."""
        match self:
            case OnFlat.CANCEL:
                return True
            case OnFlat.KEEP:
                return False
            case _:
                assert_never(self)


class Protect(StrEnum):
    """What an entry's stop and target hold for: the whole position, or its own layer."""

    POSITION = "position"
    LAYER = "layer"

    @property
    def is_by_layer(self) -> bool:
        """Return whether they hold for the entry's own layer alone."""
        match self:
            case Protect.LAYER:
                return True
            case Protect.POSITION:
                return False
            case _:
                assert_never(self)


class TakeProfitType(StrEnum):
    """How a target leaves when it is reached."""

    MARKET = "market"
    LIMIT = "limit"

    @property
    def rests(self) -> bool:
        """Return whether the target waits in the book at its price."""
        match self:
            case TakeProfitType.LIMIT:
                return True
            case TakeProfitType.MARKET:
                return False
            case _:
                assert_never(self)


class RemovalMethod(StrEnum):
    """Which layers a reduction takes from: bookkeeping only, equity does not depend on it."""

    FIFO = "fifo"  # oldest layers first
    LIFO = "lifo"  # newest layers first
    PROPORTIONAL = "proportional"  # all layers alike, by largest remainders


class OnLiveRef(StrEnum):
    """What a placement does whose ref an order still works under."""

    REFUSE = "refuse"
    REPLACE = "replace"

    @property
    def replaces(self) -> bool:
        """Return whether the working order is changed into the new one."""
        match self:
            case OnLiveRef.REPLACE:
                return True
            case OnLiveRef.REFUSE:
                return False
            case _:
                assert_never(self)


class SizeOf(StrEnum):
    """What the size of a ladder is the size of."""

    FIRST = "first"
    TOTAL = "total"

    @property
    def is_shared(self) -> bool:
        """Return whether the rungs share it."""
        match self:
            case SizeOf.TOTAL:
                return True
            case SizeOf.FIRST:
                return False
            case _:
                assert_never(self)


class SizeKind(StrEnum):
    """What the number of a size is; the words are those of the rule graph."""

    USDT = "size_usdt"  # notional
    EQUITY_FRACTION = "size_pct"  # of equity (entries)
    POSITION_FRACTION = "position_fraction"  # of the position (exits; spelt `size_pct` there)
    MAX_FRACTION = "size_of_max_pct"  # of the maximum position
    BASE = "size_base"  # base units (string form only)
    RISK_PCT = "risk_pct"  # percent of equity lost at the stop
    FILL = "fill"  # the lots that the order before has filled (`on_fill`, string form only)
    REST = "rest_of_position"  # what no other exit takes of it (exits, string form only)


class SizeKey(StrEnum):
    """The keys a card may write a size under, at most one of them."""

    USDT = "size_usdt"
    FRACTION = "size_pct"  # of equity, of the position for exits
    MAX_FRACTION = "size_of_max_pct"
    RISK_PCT = "risk_pct"
    TEXT = "size"  # a size in words


class PriceSlot(StrEnum):
    """The prices an action may name, in the order of the rule graph."""

    PRICE = "price"
    TRIGGER = "trigger"
    LIMIT_PRICE = "limit_price"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"


class OptionName(StrEnum):
    """What else an action's metadata may say."""

    ORDER_REF = "order_ref"
    ORDER_GROUP = "order_group"
    REASON = "reason"
    TTL_BARS = "ttl_bars"
    LAYER = "layer"
    POST_ONLY = "post_only"
    OCO = "oco"
    ONLY_TIGHTEN = "only_tighten"
    TTL_TYPE = "ttl_type"
    ON_PARTIAL = "on_partial"
    ON_FLAT = "on_flat"
    PROTECT = "protect"
    TAKE_PROFIT_TYPE = "take_profit_type"
    METHOD = "method"
    ON_LIVE_REF = "on_live_ref"
    SIDE = "side"
    ON_FILL = "on_fill"
    LADDER = "ladder"
    TRAIL = "trail"
    DISTANCE = "distance"
    DISTANCE_PCT = "distance_pct"
    ACTIVATE = "activate"
    ACTIVATE_PCT = "activate_pct"
    ACTIVATE_R = "activate_r"
    REMOVE = "remove"
    REARM = "rearm"

    @property
    def holds(self) -> OptionValue:
        """Return what its value is."""
        match self:
            case OptionName.ORDER_REF | OptionName.ORDER_GROUP | OptionName.REASON:
                return OptionValue.TEXT
            case OptionName.TTL_BARS | OptionName.LAYER:
                return OptionValue.NUMBER
            case (
                OptionName.POST_ONLY | OptionName.OCO | OptionName.ONLY_TIGHTEN | OptionName.REMOVE
            ):
                return OptionValue.SWITCH
            case OptionName.DISTANCE | OptionName.ACTIVATE:
                return OptionValue.PRICE
            case OptionName.DISTANCE_PCT | OptionName.ACTIVATE_PCT:
                return OptionValue.PERCENT
            case OptionName.ACTIVATE_R:
                return OptionValue.MULTIPLE
            case (
                OptionName.TTL_TYPE
                | OptionName.ON_PARTIAL
                | OptionName.ON_FLAT
                | OptionName.PROTECT
                | OptionName.TAKE_PROFIT_TYPE
                | OptionName.METHOD
                | OptionName.ON_LIVE_REF
                | OptionName.SIDE
            ):
                return OptionValue.WORD
            case OptionName.ON_FILL:
                return OptionValue.ACTIONS
            case OptionName.LADDER:
                return OptionValue.LADDER
            case OptionName.TRAIL:
                return OptionValue.TRAIL
            case OptionName.REARM:
                return OptionValue.TIMES
            case _:
                assert_never(self)


# What `trail` says, and `adjust_trail` beside it: of each row at most one, of the first exactly one.
TRAIL_DISTANCES = (OptionName.DISTANCE, OptionName.DISTANCE_PCT)
TRAIL_STARTS = (OptionName.ACTIVATE, OptionName.ACTIVATE_PCT, OptionName.ACTIVATE_R)
TRAIL_KEYS = (*TRAIL_DISTANCES, *TRAIL_STARTS)


class LadderKey(StrEnum):
    """The keys of `ladder`: several orders in one action, each a step further away than the one before."""

    ORDERS = "orders"
    STEP = "step"
    STEP_SCALE = "step_scale"
    SIZE_SCALE = "size_scale"
    SIZE_OF = "size_of"


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


class OptionValue(StrEnum):
    """What the value of an option is."""

    TEXT = "a text"
    NUMBER = "a whole number"
    SWITCH = "`true` or `false`"
    WORD = "one of its words"
    ACTIONS = "a list of actions"
    LADDER = f"a mapping of {_listed(LadderKey)}"
    TRAIL = f"a mapping of {_listed(TRAIL_KEYS)}"
    PRICE = "a price or a price difference"
    PERCENT = "a percentage"
    MULTIPLE = "a number without a unit"
    TIMES = "`true`, or how often at most"


MOST_RUNGS = 20
MOST_REARMS = 1000
SCALES = (0.1, 10.0)  # what one step, or size, of a ladder may be of the one before


# The words each worded option of an action may take.
OPTION_WORDS: dict[OptionName, type[StrEnum]] = {
    OptionName.TTL_TYPE: TimeInForce,
    OptionName.ON_PARTIAL: OnPartial,
    OptionName.ON_FLAT: OnFlat,
    OptionName.PROTECT: Protect,
    OptionName.TAKE_PROFIT_TYPE: TakeProfitType,
    OptionName.METHOD: RemovalMethod,
    OptionName.ON_LIVE_REF: OnLiveRef,
    OptionName.SIDE: Side,
}
OPTION_CHOICES: dict[OptionName, tuple[str, ...]] = {
    name: tuple(word.value for word in words) for name, words in OPTION_WORDS.items()
}
# The word that holds where an action does not say one. A switch that is not given is off; an order with
# `ttl_bars` and no word is good until they have passed (`gtd`); a `side` that is not given is no side.
OPTION_DEFAULTS: dict[OptionName, StrEnum] = {
    OptionName.TTL_TYPE: TimeInForce.GTC,
    OptionName.ON_PARTIAL: OnPartial.CONTINUE,
    OptionName.ON_FLAT: OnFlat.KEEP,
    OptionName.PROTECT: Protect.POSITION,
    OptionName.TAKE_PROFIT_TYPE: TakeProfitType.MARKET,
    OptionName.METHOD: RemovalMethod.FIFO,
    OptionName.ON_LIVE_REF: OnLiveRef.REFUSE,
}
