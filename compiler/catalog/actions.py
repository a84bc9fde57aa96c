"""The actions a case may emit and the metadata each of them takes."""

from __future__ import annotations

from dataclasses import dataclass

VALID_ACTIONS = frozenset(
    {
        "entry_long",
        "entry_short",
        "exit_long",
        "exit_short",
        "exit_all",
        "place_limit_long",
        "place_limit_short",
        "place_limit_exit_long",
        "place_limit_exit_short",
        "place_stop_long",
        "place_stop_short",
        "cancel_order",
        "cancel_all_orders",
        "amend_order",
        "adjust_stop",
        "adjust_target",
        "adjust_size",
        "no_action",
    }
)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """Slots and options of one action; `price_required` slots must be given in one of their forms."""

    prices: tuple[str, ...] = ()
    price_required: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    size_required: bool = False
    options: tuple[str, ...] = ()
    options_required: tuple[str, ...] = ()


_ENTRY_SIZES = ("size_usdt", "size_pct", "size_of_max_pct", "risk_pct", "size")
_EXIT_SIZES = ("size_pct", "size_usdt", "size")
_ATTACHED = ("stop_loss", "take_profit")
_PROTECT = ("protect", "take_profit_type")
_LIFECYCLE = ("ttl_bars", "ttl_type", "post_only", "on_partial", "on_flat")
_IDENTITY = ("order_ref", "order_group", "oco", "on_fill", "on_live_ref")

_MARKET_ENTRY = ActionSpec(
    prices=_ATTACHED,
    sizes=_ENTRY_SIZES,
    options=(*_PROTECT, "order_ref", "order_group", "on_fill", "reason"),
)
_MARKET_EXIT = ActionSpec(sizes=_EXIT_SIZES, options=("method", "reason", "order_ref"))
_LIMIT_ENTRY = ActionSpec(
    prices=("price", *_ATTACHED),
    price_required=("price",),
    sizes=_ENTRY_SIZES,
    options=(*_PROTECT, *_LIFECYCLE, *_IDENTITY, "reason"),
)
_LIMIT_EXIT = ActionSpec(
    prices=("price",),
    price_required=("price",),
    sizes=_EXIT_SIZES,
    options=("method", *_LIFECYCLE, *_IDENTITY, "reason"),
)
_STOP_ENTRY = ActionSpec(
    prices=("trigger", "limit_price", *_ATTACHED),
    price_required=("trigger",),
    sizes=_ENTRY_SIZES,
    options=(*_PROTECT, *_LIFECYCLE, *_IDENTITY, "reason"),
)
_ADJUST = ActionSpec(
    prices=("price",), price_required=("price",), options=("only_tighten", "layer", "reason")
)

ACTIONS: dict[str, ActionSpec] = {
    "entry_long": _MARKET_ENTRY,
    "entry_short": _MARKET_ENTRY,
    "exit_long": _MARKET_EXIT,
    "exit_short": _MARKET_EXIT,
    "exit_all": _MARKET_EXIT,
    "place_limit_long": _LIMIT_ENTRY,
    "place_limit_short": _LIMIT_ENTRY,
    "place_limit_exit_long": _LIMIT_EXIT,
    "place_limit_exit_short": _LIMIT_EXIT,
    "place_stop_long": _STOP_ENTRY,
    "place_stop_short": _STOP_ENTRY,
    "cancel_order": ActionSpec(options=("order_ref", "reason"), options_required=("order_ref",)),
    "cancel_all_orders": ActionSpec(options=("order_group", "side", "reason")),
    "amend_order": ActionSpec(
        prices=("price", "limit_price", "trigger", *_ATTACHED),
        sizes=("size_usdt", "size_pct", "size_of_max_pct", "size"),
        options=("order_ref", "reason"),
        options_required=("order_ref",),
    ),
    "adjust_stop": _ADJUST,
    "adjust_target": _ADJUST,
    "adjust_size": ActionSpec(
        sizes=("size_usdt", "size_pct", "size_of_max_pct", "size"),
        size_required=True,
        options=("method", "reason"),
    ),
    "no_action": ActionSpec(),
}

OPTION_CHOICES: dict[str, tuple[str, ...]] = {
    "ttl_type": ("gtc", "gtd", "ioc", "fok"),
    "on_partial": ("continue", "cancel"),
    "on_flat": ("keep", "cancel"),
    "protect": ("position", "layer"),
    "take_profit_type": ("market", "limit"),
    "method": ("fifo", "lifo", "proportional"),
    "on_live_ref": ("refuse", "replace"),
    "side": ("buy", "sell"),
}
BOOL_OPTIONS = frozenset({"post_only", "oco", "only_tighten"})
NUMBER_OPTIONS = frozenset({"ttl_bars", "layer"})
TEXT_OPTIONS = frozenset({"order_ref", "order_group", "reason"})
