"""Builtins of §6 of the language: values frozen at the bar's close, and what is always so of each.

The law: what a row says holds at every close of every run, so no lint rule and no evaluator assumes anything
else; `tests/properties/test_facts.py` looks at random runs.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from compiler.catalog.bar_clock import WEEKDAYS
from compiler.catalog.limits import Limit
from compiler.catalog.types import Stage, Type, Unit, ValueType


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


NO_TELLS = Tells()


@dataclass(frozen=True, slots=True)
class Builtin:
    """`always_known` builtins never give unknown (after the first bar).

    `tells`: when one of the account is known, and when it is nothing. `is_steady`: only events move it, so
    it keeps its value from close to close while none comes. `may_be_never`: infinite before something
    has happened for the first time. `is_soft`: something of a card may have its name, and wins.
    """

    name: str
    value: ValueType
    stage: Stage
    doc: str
    always_known: bool = False
    takes_ref: bool = False
    tells: Tells = NO_TELLS
    is_steady: bool = False
    may_be_never: bool = False
    is_soft: bool = False


def _num(unit: Unit, low: float | None = None, high: float | None = None) -> ValueType:
    return ValueType(Type.NUMBER, unit, low=low, high=high)


def _int(unit: Unit, low: float | None = 0, high: float | None = None) -> ValueType:
    return ValueType(Type.INT, unit, low=low, high=high)


_PRICE = _num(Unit.PRICE, 0)
SIDES = ("flat", "long", "short")
EXIT_REASONS = ("none", "signal", "stop", "target", "trail", "liquidation", "limit", "session_end")
_IN_POSITION = Tells(needs=While.POSITION, certain=True)
_PERHAPS = Tells(needs=While.POSITION)
_HELD = Tells(nothing_without=While.POSITION, more=True)
_SOME = Tells(nothing_without=While.ORDERS, never_above="pending_order_count")
M, A = Stage.MARKET, Stage.ACCOUNT
_WEEKDAY = ValueType(Type.INT, low=0, high=6, enum=WEEKDAYS)


def _clock(name: str, value: ValueType, doc: str) -> Builtin:
    return Builtin(name, value, M, doc, True, is_soft=True)


_MARKET = (
    Builtin("open", _PRICE, M, "open of the closed bar", True),
    Builtin("high", _PRICE, M, "high of the closed bar", True),
    Builtin("low", _PRICE, M, "low of the closed bar", True),
    Builtin("close", _PRICE, M, "close of the closed bar", True),
    Builtin("volume", _num(Unit.QTY, 0), M, "volume of the closed bar, base units", True),
    Builtin("mark_price", _PRICE, M, "mark price at the close; unknown without a mark series"),
    Builtin("hl2", _PRICE, M, "(high + low) / 2", True),
    Builtin("hlc3", _PRICE, M, "(high + low + close) / 3", True),
    Builtin("ohlc4", _PRICE, M, "(open + high + low + close) / 4", True),
    Builtin(
        "funding_rate",
        _num(Unit.FRACTION),
        M,
        "the last funding rate settled by the close; unknown without a series; indicators read one a bar: `percentile(funding_rate, 90)@8h` is of 30 days",
    ),
    Builtin("bar_index", _int(Unit.INDEX), M, "number of the bar, from 0", True),
    Builtin("hour_utc", _int(Unit.PLAIN, 0, 23), M, "hour of the bar's open, UTC", True),
    Builtin("weekday_utc", _WEEKDAY, M, "weekday of the open, mon … sun, Monday = 0", True),
    _clock("time_utc", _int(Unit.CLOCK, 0, 1439), "time of day of the bar's open, UTC"),
    _clock("minute_utc", _int(Unit.PLAIN, 0, 59), "minute of the bar's open, UTC"),
    _clock(
        "day",
        _int(Unit.PLAIN, 1, 31),
        "day of the month of the bar's open, UTC; `weekday_utc == mon and day <= 7` is its first Monday",
    ),
    _clock(
        "days_left_in_month",
        _int(Unit.PLAIN, 0, 30),
        "days of the month that come after the day of the bar's open, UTC: 0 on its last one",
    ),
    _clock(
        "month",
        _int(Unit.PLAIN, 1, 12),
        "month of the bar's open, UTC, January = 1; `month == 12 and day >= 24` are days of every year",
    ),
    _clock("year", _int(Unit.PLAIN, 1970), "year of the bar's open, UTC"),
    _clock("date", _int(Unit.DATE), "day of the bar's open, UTC"),
    _clock(
        "now_utc", _int(Unit.CLOCK, 0, 1439), "time of day of the close, UTC: when it is decided"
    ),
    _clock("now_hour_utc", _int(Unit.PLAIN, 0, 23), "hour of the close, UTC"),
    _clock("now_minute_utc", _int(Unit.PLAIN, 0, 59), "minute of the close, UTC"),
    _clock("now_weekday_utc", _WEEKDAY, "weekday of the close, mon … sun, Monday = 0"),
    _clock("now_date", _int(Unit.DATE), "day of the close, UTC"),
)


def _row(
    name: str,
    value: ValueType,
    doc: str,
    tells: Tells = NO_TELLS,
    *,
    is_known: bool | None = None,
    takes_ref: bool = False,
    is_steady: bool,
    may_be_never: bool = False,
    is_soft: bool = False,
) -> Builtin:
    """Return a row of the account; it is always known unless it needs something."""
    known = tells.needs is None if is_known is None else is_known
    return Builtin(name, value, A, doc, known, takes_ref, tells, is_steady, may_be_never, is_soft)


_by_events = partial(_row, is_steady=True)  # only events move it
_by_bars = partial(_row, is_steady=False)  # so does every close
_POSITION = (
    _by_events("position_side", ValueType(Type.ENUM, enum=SIDES), "flat, long or short"),
    _by_events("position_size_usdt", _num(Unit.USDT, 0), "entry notional; 0 when flat", _HELD),
    _by_events("position_qty", _num(Unit.QTY, 0), "base units; 0 when flat", _HELD),
    _by_events(
        "position_avg_entry", _PRICE, "quantity-weighted entry; unknown when flat", _IN_POSITION
    ),
    _by_events(
        "position_layers", _int(Unit.PLAIN), "number of entry layers",
        Tells(nothing_without=While.POSITION, least=1, never_above="entries_since_flat"),
    ),
    _by_bars(
        "position_unrealized_pnl", _num(Unit.USDT), "at the close; 0 when flat",
        Tells(nothing_without=While.POSITION, least=-math.inf),
    ),
    _by_bars(
        "position_unrealized_pct", _num(Unit.PCT), "of the entry; unknown when flat", _IN_POSITION
    ),
    _by_events("position_stop", _PRICE, "stop level; unknown without one", _PERHAPS),
    _by_events("position_target", _PRICE, "target level; unknown without one", _PERHAPS),
    _by_bars(
        "bars_since_entry", _int(Unit.BARS), "since the position opened; unknown when flat",
        _IN_POSITION,
    ),
    _by_bars(
        "bars_since_exit", _int(Unit.BARS), "since the last close to flat; before it infinitely many",
        may_be_never=True,
    ),
    _by_events(
        "entries_since_flat", _int(Unit.PLAIN), "entry orders filled, this position",
        Tells(nothing_without=While.POSITION, least=1),
    ),
    _by_events(
        "exits_since_entry", _int(Unit.PLAIN), "partial exits of this position",
        Tells(nothing_without=While.POSITION),
    ),
)  # fmt: skip
_ORDERS = (
    _by_events(
        "pending_order_count", _int(Unit.PLAIN), "working orders",
        Tells(nothing_without=While.ORDERS, least=1),
    ),
    _by_events("pending_limit_buy_count", _int(Unit.PLAIN), "working limit buys", _SOME),
    _by_events("pending_limit_sell_count", _int(Unit.PLAIN), "working limit sells", _SOME),
    _by_events("pending_stop_buy_count", _int(Unit.PLAIN), "working stop buys", _SOME),
    _by_events("pending_stop_sell_count", _int(Unit.PLAIN), "working stop sells", _SOME),
    _by_bars(
        "oldest_pending_age_bars", _int(Unit.BARS), "oldest working order, from its placing or its last `on_live_ref: replace`; unknown if none",
        Tells(needs=While.ORDERS, certain=True),
    ),
    _by_events(
        "order_pending", ValueType(Type.BOOL), "is an order with this ref working",
        Tells(nothing_without=While.ORDERS), takes_ref=True,
    ),
    _by_events(
        "order_filled_pct", _num(Unit.FRACTION, 0, 1),
        "filled part of the newest order with this ref; unknown before it exists",
        is_known=False, takes_ref=True,
    ),
)  # fmt: skip
_CAPACITY = (
    _by_bars("equity", _num(Unit.USDT), "balance + unrealized", Tells(never_above="equity_peak")),
    _by_events("balance", _num(Unit.USDT), "realized money"),
    _by_bars("remaining_position_capacity", _num(Unit.USDT, 0), "maximum position less position"),
    _by_bars("remaining_equity_pct", _num(Unit.FRACTION), "equity not in positions"),
    _by_bars("max_position_usdt", _num(Unit.USDT, 0), "maximum position"),
)
_new_by_events = partial(_row, is_steady=True, is_soft=True)
_new_by_bars = partial(_row, is_steady=False, is_soft=True)
ORDER_PRICE = "order_price"
_DUE = (
    _new_by_events(
        ORDER_PRICE, _PRICE, "where the working order with this ref waits: at its trigger until met, then its limit; unknown at market and without one", Tells(needs=While.ORDERS), takes_ref=True),
    _new_by_bars("order_due", ValueType(Type.BOOL), "will `on_fill` of this close place an order with this ref", takes_ref=True),
)  # fmt: skip
TICK = "tick"  # what `2 ticks` are made of
FUNDINGS = "fundings_since_entry"
_RESULTS = (
    _new_by_events(
        FUNDINGS, _int(Unit.PLAIN),
        "funding times settled while this position was open, paid or received, however often the market funds; a close at a funding time "
        "counts it, live once the venue has booked it; an entry decided there does not pay it; 0 without a series",
        Tells(nothing_without=While.POSITION),
    ),
    _new_by_events(
        "position_last_entry", _PRICE, "newest entry fill of this position; unknown when flat",
        _IN_POSITION,
    ),
    _new_by_events(
        "position_initial_stop", _PRICE, "the stop as the first entry left it; unknown without one",
        _PERHAPS,
    ),
    _new_by_events(
        "position_trail", _PRICE, "the level of the trailing stop; unknown before it is active",
        _PERHAPS,
    ),
    _new_by_bars(
        "position_r", _num(Unit.PLAIN),
        "open profit per unit, in units of what the first entry risked to its stop; unknown without one",
        _PERHAPS,
    ),
    _new_by_events(
        "last_entry_price", _PRICE, "newest entry fill of all; unknown before", is_known=False
    ),
    _new_by_events(
        "last_exit_price", _PRICE, "newest exit fill of all; unknown before", is_known=False
    ),
    _new_by_events(
        "last_exit_reason", ValueType(Type.ENUM, enum=EXIT_REASONS), "why the newest exit fill came; `signal`: at market by a rule, `session_end`: never",
    ),
    _new_by_events(
        "last_trade_pnl", _num(Unit.USDT),
        "last position from flat to flat, fees and funding included; unknown before",
        is_known=False,
    ),
    _new_by_events("win_streak", _int(Unit.PLAIN), "trades won in a row; one of nothing ends it"),
    _new_by_events("loss_streak", _int(Unit.PLAIN), "trades lost in a row; one of nothing ends it"),
    _new_by_events(
        "last_trade_r", _num(Unit.PLAIN),
        "last position, fees and funding included, in units of what its first order risked to its stop; "
        "unknown before, and without a stop",
        is_known=False,
    ),
    _new_by_bars(
        "position_high", _PRICE,
        "highest price since the position's first fill; of a bar within which it opened, fill and close",
        _IN_POSITION,
    ),
    _new_by_bars(
        "position_low", _PRICE,
        "lowest price since the position's first fill; its first bar as for `position_high`",
        Tells(needs=While.POSITION, certain=True, never_above="position_high"),
    ),
    _new_by_bars("trades_today", _int(Unit.PLAIN), "positions opened since the day began (00:00 UTC, or `limits.day_starts`)"),
    _new_by_bars("losses_today", _int(Unit.PLAIN), "positions closed with a loss, fees and funding included, since the day began (`limits.day_starts`), whenever opened; wins between count nothing"),
    _new_by_bars("pnl_today", _num(Unit.USDT), "equity less that of the last close before the day (`limits.day_starts`)"),
    _new_by_bars("equity_peak", _num(Unit.USDT), "highest equity at a close so far, the start included"),
    _new_by_bars("drawdown_pct", _num(Unit.PCT, 0), "how far equity is below its peak, in percent of that"),
    _new_by_bars("free_margin", _num(Unit.USDT, 0), "balance less the margin that position and orders use"),
    _new_by_bars("leverage", _num(Unit.PLAIN, 0), "what every position stands at, `account.max_leverage`"),
    _new_by_events(TICK, _num(Unit.PRICE, 0), "the price step of what is traded; `high + 1 tick` says it too"),
    _new_by_bars("free_usdt", _num(Unit.USDT, 0), "free margin times leverage"),
)  # fmt: skip
# Of the last so many trades: `win_rate(20)`. No more than this many are remembered.
MOST_TRADES = 500
_FIGURES = (
    _new_by_events(
        "win_rate", _num(Unit.FRACTION, 0, 1), "part of the last so many trades that was won, 0 to 1 (`> 55%` says it too); one of exactly "
        "nothing is not; unknown before so many", is_known=False,
    ),
    _new_by_events(
        "avg_win", _num(Unit.USDT, 0), "what the won ones of the last so many trades earned on average, fees and funding included; "
        "unknown before so many, and where none was won", is_known=False,
    ),
    _new_by_events(
        "avg_loss", _num(Unit.USDT, 0), "what the lost ones of the last so many trades cost on average, as a number above 0; unknown "
        "before so many, and where none was lost", is_known=False,
    ),
    _new_by_events(
        "avg_trade", _num(Unit.USDT), "what the last so many trades came to on average, fees and funding included; unknown before "
        "so many", is_known=False,
    ),
)  # fmt: skip
OF_LAST_TRADES = tuple(row.name for row in _FIGURES)
# Unknown until a first trade was closed.
OF_CLOSED_TRADES = frozenset({*OF_LAST_TRADES, "last_trade_pnl", "last_trade_r", "last_exit_price"})
# What an order's own price and stop say, once it is priced: `risk 1%` among other numbers reads it. No card
# can name it.
PER_LOSS = "notional_per_loss"
# Of the order that filled: in the `on_fill` of a ladder at what it was placed, in any what it was filled at.
PLACED_AT, FILL_PRICE = "rung_price", "fill_price"
_FILLED = (
    _by_bars(PLACED_AT, _PRICE, "the price at which the order that filled was placed", is_known=False),
    _new_by_bars(FILL_PRICE, _PRICE, "the average price at which the order that filled was filled", is_known=False),
)  # fmt: skip
OF_THE_FILLED: dict[str, Builtin] = {row.name: row for row in _FILLED}
_BY_ORDER = _by_bars(PER_LOSS, _num(Unit.PLAIN, 0), "the notional of which one USDT is lost at the stop", is_known=False)  # fmt: skip
BY_ORDER: dict[str, Builtin] = {PER_LOSS: _BY_ORDER, **OF_THE_FILLED}
_LIMIT_WORDS = ("none", *(limit.value for limit in Limit))
_LIMITS = (
    _new_by_bars("entries_allowed", ValueType(Type.BOOL), "no limit of the card stands"),
    _new_by_bars(
        "limit_hit",
        ValueType(Type.ENUM, enum=_LIMIT_WORDS),
        "the first limit of the card that stands",
    ),
)
MAX_LAYER_BUILTINS = 20


def _layer(number: int) -> tuple[Builtin, ...]:
    name, tells = f"position_layer_{number}", Tells(needs=While.POSITION, layers=number + 1)
    return (
        _by_events(f"{name}_entry", _PRICE, f"entry of layer {number}; unknown if absent", tells),
        _by_events(f"{name}_size", _num(Unit.USDT, 0), f"notional of layer {number}", tells),
        _by_bars(f"{name}_age_bars", _int(Unit.BARS), f"age of layer {number}", tells),
    )


_LAYERS = tuple(row for number in range(MAX_LAYER_BUILTINS) for row in _layer(number))

_ACCOUNT = (
    *_POSITION, *_LAYERS, *_ORDERS, *_DUE, *_CAPACITY, *_RESULTS, *_FIGURES, *_LIMITS,
)  # fmt: skip
BUILTINS: dict[str, Builtin] = {b.name: b for b in (*_MARKET, *_ACCOUNT)}
SCALING_BUILTINS: dict[str, str] = {b.name: b.doc for b in _ACCOUNT}
# `position_layer_{i}_ref` is a word among the card's own order refs; a layer may have none.
_LAYER_REF = re.compile(r"position_layer_(\d+)_ref")


def layer_of_ref(name: str) -> int | None:
    """Return i of `position_layer_{i}_ref`, None for any other name."""
    found = _LAYER_REF.fullmatch(name)
    return None if found is None or int(found[1]) >= MAX_LAYER_BUILTINS else int(found[1])


def tells(name: str) -> Tells:
    """Return what is always so of a builtin."""
    if layer_of_ref(name) is not None:
        return Tells(needs=While.POSITION)
    return builtin(name).tells


def builtin(name: str) -> Builtin:
    """Return what a graph reads of bar or account by a name; KeyError for one that nothing has."""
    return BY_ORDER[name] if name in BY_ORDER else BUILTINS[name]


def may_be_never(name: str) -> bool:
    """Return whether a builtin may be infinitely many bars: nothing has happened yet."""
    return name in BUILTINS and BUILTINS[name].may_be_never


def is_steady(name: str) -> bool:
    """Return whether a builtin keeps its value from close to close while no event comes.

    A cancel without an answer counts as done at its own close only: so the second close after an
    event is the first that may differ for another reason than an event.
    """
    return layer_of_ref(name) is not None or builtin(name).is_steady
