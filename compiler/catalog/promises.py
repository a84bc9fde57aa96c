"""The promises a card can make by name, and what each of them takes."""

from __future__ import annotations

from enum import StrEnum


class Promise(StrEnum):
    """`CONDITION` is the name of a promise that is a bare condition; a card cannot write it."""

    ALWAYS_PROTECTED = "always_protected"  # an open position always has a stop
    NEVER_AVERAGE_UP = "never_average_up"
    MAX_LAYERS = "max_layers"
    MAX_NOTIONAL_USDT = "max_notional_usdt"
    MAX_OPEN_ORDERS = "max_open_orders"
    FLAT_AFTER_BARS = "flat_after_bars"
    NO_ENTRY_WHILE = "no_entry_while"
    CONDITION = "condition"


class Takes(StrEnum):
    """What stands behind the name of a promise."""

    NOTHING = "nothing"
    NUMBER = "a number above zero"
    CONDITION = "a condition"


# By name, in the order of suggestions.
PROMISES: dict[str, Takes] = {
    Promise.ALWAYS_PROTECTED: Takes.NOTHING,
    Promise.NEVER_AVERAGE_UP: Takes.NOTHING,
    Promise.MAX_LAYERS: Takes.NUMBER,
    Promise.MAX_NOTIONAL_USDT: Takes.NUMBER,
    Promise.MAX_OPEN_ORDERS: Takes.NUMBER,
    Promise.FLAT_AFTER_BARS: Takes.NUMBER,
    Promise.NO_ENTRY_WHILE: Takes.CONDITION,
}
