"""The actions a case may emit: what each means, and the metadata it takes.

A row says what an action is. Every set of actions is a comprehension over the rows, and nobody reads
anything out of the spelling of an action's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from compiler.catalog.orders import (
    OPTION_CHOICES,
    OPTION_DEFAULTS,
    TRAIL_KEYS,
    OnFlat,
    OptionName,
    OrderType,
    PositionSide,
    PriceSlot,
    Side,
    SizeKey,
)


class Verb(StrEnum):
    """What an action does."""

    ENTER = "enter"  # opens a position or adds to it
    EXIT = "exit"  # closes a position or a part of it
    CANCEL = "cancel"  # one order, by its ref
    CANCEL_ALL = "cancel all"  # of a group, of a side, or every own order
    AMEND = "amend"  # a working order, by its ref
    ADJUST_STOP = "adjust stop"
    ADJUST_TARGET = "adjust target"
    ADJUST_TRAIL = "adjust trail"
    ADJUST_SIZE = "adjust size"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action: its meaning, and the slots and options of its metadata.

    `side` is the side of the position that is entered or left, None where the action names none.
    `order_type` is the type of the order it asks for, None where it asks for no order; a stop that
    is given a `limit_price` is a stop-limit. `price_required` slots must be given in one form.
    """

    verb: Verb
    side: PositionSide | None = None
    order_type: OrderType | None = None
    prices: tuple[PriceSlot, ...] = ()
    price_required: tuple[PriceSlot, ...] = ()
    sizes: tuple[SizeKey, ...] = ()
    size_required: bool = False
    options: tuple[OptionName, ...] = ()
    options_required: tuple[OptionName, ...] = ()

    @property
    def reduce_only(self) -> bool:
        """Return whether its order may only make a position smaller."""
        return self.verb is Verb.EXIT

    @property
    def order_side(self) -> Side | None:
        """Return the side of its order, None where only the position at hand decides it."""
        if self.side is None:
            return None
        return self.side.opened_by.opposite if self.reduce_only else self.side.opened_by

    @property
    def rests(self) -> bool:
        """Return whether its order waits for a price instead of trading at the next open."""
        return self.order_type is not None and self.order_type is not OrderType.MARKET

    @property
    def order_prices(self) -> tuple[PriceSlot, ...]:
        """Return the price slots of the order itself, without those of its stop and target."""
        return tuple(slot for slot in self.prices if slot not in ATTACHED)

    @property
    def names_live_order(self) -> bool:
        """Return whether its `order_ref` speaks of an order that another action placed."""
        return self.verb in (Verb.CANCEL, Verb.AMEND)


ATTACHED = (PriceSlot.STOP_LOSS, PriceSlot.TAKE_PROFIT)
_ENTRY_SIZES = tuple(SizeKey)
_EXIT_SIZES = (SizeKey.FRACTION, SizeKey.USDT, SizeKey.TEXT)
_TARGET_SIZES = (SizeKey.USDT, SizeKey.FRACTION, SizeKey.MAX_FRACTION, SizeKey.TEXT)
_PROTECT = (OptionName.PROTECT, OptionName.TAKE_PROFIT_TYPE, OptionName.TRAIL)
_LIFECYCLE = (
    OptionName.TTL_BARS,
    OptionName.TTL_TYPE,
    OptionName.POST_ONLY,
    OptionName.ON_PARTIAL,
    OptionName.ON_FLAT,
)
_IDENTITY = (
    OptionName.ORDER_REF,
    OptionName.ORDER_GROUP,
    OptionName.OCO,
    OptionName.ON_FILL,
    OptionName.ON_LIVE_REF,
)


def _entry(side: PositionSide) -> ActionSpec:
    return ActionSpec(
        verb=Verb.ENTER,
        side=side,
        order_type=OrderType.MARKET,
        prices=ATTACHED,
        sizes=_ENTRY_SIZES,
        options=(
            *_PROTECT,
            OptionName.ORDER_REF,
            OptionName.ORDER_GROUP,
            OptionName.ON_FILL,
            OptionName.REASON,
        ),
    )


def _resting_entry(side: PositionSide, order_type: OrderType, *slots: PriceSlot) -> ActionSpec:
    """Return an entry that waits for a price; the first slot must be given."""
    return ActionSpec(
        verb=Verb.ENTER,
        side=side,
        order_type=order_type,
        prices=(*slots, *ATTACHED),
        price_required=slots[:1],
        sizes=_ENTRY_SIZES,
        options=(
            *_PROTECT,
            *_LIFECYCLE,
            *_IDENTITY,
            OptionName.LADDER,
            OptionName.REARM,
            OptionName.REASON,
        ),
    )


def _exit(side: PositionSide | None) -> ActionSpec:
    return ActionSpec(
        verb=Verb.EXIT,
        side=side,
        order_type=OrderType.MARKET,
        sizes=_EXIT_SIZES,
        options=(OptionName.METHOD, OptionName.REASON, OptionName.ORDER_REF),
    )


def _limit_exit(side: PositionSide) -> ActionSpec:
    return ActionSpec(
        verb=Verb.EXIT,
        side=side,
        order_type=OrderType.LIMIT,
        prices=(PriceSlot.PRICE,),
        price_required=(PriceSlot.PRICE,),
        sizes=_EXIT_SIZES,
        options=(OptionName.METHOD, *_LIFECYCLE, *_IDENTITY, OptionName.REASON),
    )


def _adjust(verb: Verb) -> ActionSpec:
    return ActionSpec(
        verb=verb,
        prices=(PriceSlot.PRICE,),
        price_required=(PriceSlot.PRICE,),
        options=(OptionName.ONLY_TIGHTEN, OptionName.LAYER, OptionName.REASON),
    )


_LONG, _SHORT = PositionSide.LONG, PositionSide.SHORT
ACTIONS: dict[str, ActionSpec] = {
    "entry_long": _entry(_LONG),
    "entry_short": _entry(_SHORT),
    "exit_long": _exit(_LONG),
    "exit_short": _exit(_SHORT),
    "exit_all": _exit(None),
    "place_limit_long": _resting_entry(_LONG, OrderType.LIMIT, PriceSlot.PRICE),
    "place_limit_short": _resting_entry(_SHORT, OrderType.LIMIT, PriceSlot.PRICE),
    "place_limit_exit_long": _limit_exit(_LONG),
    "place_limit_exit_short": _limit_exit(_SHORT),
    "place_stop_long": _resting_entry(
        _LONG, OrderType.STOP_MARKET, PriceSlot.TRIGGER, PriceSlot.LIMIT_PRICE
    ),
    "place_stop_short": _resting_entry(
        _SHORT, OrderType.STOP_MARKET, PriceSlot.TRIGGER, PriceSlot.LIMIT_PRICE
    ),
    "cancel_order": ActionSpec(
        verb=Verb.CANCEL,
        options=(OptionName.ORDER_REF, OptionName.REASON),
        options_required=(OptionName.ORDER_REF,),
    ),
    "cancel_all_orders": ActionSpec(
        verb=Verb.CANCEL_ALL, options=(OptionName.ORDER_GROUP, OptionName.SIDE, OptionName.REASON)
    ),
    "amend_order": ActionSpec(
        verb=Verb.AMEND,
        prices=(PriceSlot.PRICE, PriceSlot.LIMIT_PRICE, PriceSlot.TRIGGER, *ATTACHED),
        sizes=_TARGET_SIZES,
        options=(OptionName.ORDER_REF, OptionName.TTL_BARS, OptionName.REASON),
        options_required=(OptionName.ORDER_REF,),
    ),
    "adjust_stop": _adjust(Verb.ADJUST_STOP),
    "adjust_target": _adjust(Verb.ADJUST_TARGET),
    "adjust_trail": ActionSpec(
        verb=Verb.ADJUST_TRAIL,
        options=(*TRAIL_KEYS, OptionName.REMOVE, OptionName.LAYER, OptionName.REASON),
    ),
    "adjust_size": ActionSpec(
        verb=Verb.ADJUST_SIZE,
        sizes=_TARGET_SIZES,
        size_required=True,
        prices=ATTACHED,
        options=(
            OptionName.SIDE,
            *_PROTECT,
            OptionName.ORDER_REF,
            OptionName.METHOD,
            OptionName.REASON,
        ),
    ),
    "no_action": ActionSpec(verb=Verb.NOTHING),
}
VALID_ACTIONS = frozenset(ACTIONS)


def meaning_of(kind: str, side: str | None) -> ActionSpec:
    """Return what an action means whose metadata names a side: a target size has one where it may open.

    The `side` of any other action is one of working orders, and says nothing of a position.
    """
    spec = ACTIONS[kind]
    if side is None or spec.verb is not Verb.ADJUST_SIZE:
        return spec
    return replace(spec, side=PositionSide(side))


def leaving(placed: Sequence[tuple[str, bool]]) -> int | None:
    """Return which action of an `on_fill` its entry comes again by (`rearm`), each told by its name and whether it has a ref.

    Its one exit; of several the one with a ref. None where none or no single one is.
    """
    exits = [(i, has_ref) for i, (kind, has_ref) in enumerate(placed) if kind in EXITS]
    named = [one for one in exits if one[1]] if len(exits) > 1 else exits
    return named[0][0] if len(named) == 1 else None


def choices_of(kind: str, name: OptionName) -> tuple[str, ...] | None:
    """Return the words an option of an action may take, None where it takes no word."""
    if name is OptionName.SIDE and ACTIONS[kind].verb is Verb.ADJUST_SIZE:
        return tuple(side.value for side in PositionSide)
    if name is OptionName.ON_FLAT and ACTIONS[kind].verb is Verb.EXIT:
        return (OnFlat.CANCEL.value,)  # nothing is left for it to close
    return OPTION_CHOICES.get(name)


def default_of(spec: ActionSpec, name: OptionName) -> str | None:
    """Return the word that holds where an action does not say one, None where there is none."""
    if name is OptionName.ON_FLAT and spec.verb is Verb.EXIT:
        return OnFlat.CANCEL.value
    unsaid = OPTION_DEFAULTS.get(name)
    return None if unsaid is None else unsaid.value


def all_choices_of(name: OptionName) -> tuple[str, ...]:
    """Return the words an option may take in one action or another, none where it takes no word."""
    users = (kind for kind, spec in ACTIONS.items() if name in spec.options)
    return tuple(dict.fromkeys(word for kind in users for word in choices_of(kind, name) or ()))


def actions_where(holds: Callable[[ActionSpec], bool]) -> frozenset[str]:
    """Return the names of the actions of which something holds."""
    return frozenset(name for name, spec in ACTIONS.items() if holds(spec))


ENTRIES = actions_where(lambda spec: spec.verb is Verb.ENTER)
LONG_ENTRIES = actions_where(lambda s: s.verb is Verb.ENTER and s.side is PositionSide.LONG)
SHORT_ENTRIES = actions_where(lambda s: s.verb is Verb.ENTER and s.side is PositionSide.SHORT)
EXITS = actions_where(lambda spec: spec.verb is Verb.EXIT)
RESTING = actions_where(lambda spec: spec.rests)
ABOUT_ORDERS = actions_where(lambda spec: spec.names_live_order)
