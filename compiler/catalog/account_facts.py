"""What is always so of the builtins: stated here, so that no lint rule assumes it.

The law: everything said here holds at every close of every run; `tests/properties/test_facts.py`
looks at random runs.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from compiler.catalog.timeframes import DAY_MS, HOUR_MS, WEEK_MS, interval_ms


class While(StrEnum):
    """A state of the account that decides what some builtins can tell."""

    POSITION = "a position is open"
    ORDERS = "an order of the card is working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tells:
    """When a builtin is known, and when it is nothing.

    `needs`: unknown without it; `certain`: and known whenever it is so. `nothing_without`: zero (or
    false) without it; while it is so at least `least`, and above that if `more`. `layers`: known
    exactly while at least so many layers are held. `never_above`: the name of another builtin.
    """

    needs: While | None = None
    certain: bool = False
    nothing_without: While | None = None
    least: float = 0.0
    more: bool = False
    layers: int = 0
    never_above: str = ""


_IN_POSITION = Tells(needs=While.POSITION, certain=True)
_PERHAPS = Tells(needs=While.POSITION)
_HELD = Tells(nothing_without=While.POSITION, more=True)
_SOME = Tells(nothing_without=While.ORDERS, never_above="pending_order_count")
_TELLS: dict[str, Tells] = {
    "position_size_usdt": _HELD,
    "position_qty": _HELD,
    "position_avg_entry": _IN_POSITION,
    "position_layers": Tells(
        nothing_without=While.POSITION, least=1, never_above="entries_since_flat"
    ),
    "position_unrealized_pnl": Tells(nothing_without=While.POSITION, least=-math.inf),
    "position_unrealized_pct": _IN_POSITION,
    "position_stop": _PERHAPS,
    "position_target": _PERHAPS,
    "bars_since_entry": _IN_POSITION,
    "entries_since_flat": Tells(nothing_without=While.POSITION, least=1),
    "exits_since_entry": Tells(nothing_without=While.POSITION),
    "pending_order_count": Tells(nothing_without=While.ORDERS, least=1),
    "pending_limit_buy_count": _SOME,
    "pending_limit_sell_count": _SOME,
    "pending_stop_buy_count": _SOME,
    "pending_stop_sell_count": _SOME,
    "oldest_pending_age_bars": Tells(needs=While.ORDERS, certain=True),
    "order_pending": Tells(nothing_without=While.ORDERS),
}
_LAYER = re.compile(r"position_layer_(\d+)_(entry|size|age_bars|ref)")
_NOTHING = Tells()


def tells(name: str) -> Tells:
    """Return what is always so of a builtin."""
    layer = _LAYER.fullmatch(name)
    if layer is None:
        return _TELLS.get(name, _NOTHING)
    # A layer whose order had no ref has no ref either.
    count = 0 if layer[2] == "ref" else int(layer[1]) + 1
    return Tells(needs=While.POSITION, layers=count)


def values_on(name: str, timeframe: str) -> frozenset[int] | None:
    """Return the values a clock builtin has on the bars of a timeframe; None: any in its bounds."""
    interval = interval_ms(timeframe)
    if name == "hour_utc" and interval % HOUR_MS == 0:
        return frozenset(range(0, 24, min(24, interval // HOUR_MS)))
    if name == "weekday_utc" and interval == WEEK_MS:
        return frozenset({0})  # weeks begin and end on Mondays
    return None


def steps_of(name: str, timeframe: str) -> tuple[int, ...]:
    """Return what may be added to a clock builtin from bar to bar; empty where that varies."""
    interval = interval_ms(timeframe)
    if name == "bar_index":
        return (1,)
    if name == "hour_utc" and interval % HOUR_MS == 0 and interval < DAY_MS:
        hours = interval // HOUR_MS
        return (hours, hours - 24)
    if name == "weekday_utc" and interval == DAY_MS:
        return (1, -6)
    return ()
