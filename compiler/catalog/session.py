"""The signature behind a name of `sessions`: what `ny.active`, `ny.bars`, `ny.high` are.

It is no entry of the catalogue: its numbers are made of the section's words, nobody writes them.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.shapes import COUNTER
from compiler.catalog.timeframes import MINUTE_MS, interval_ms
from compiler.catalog.types import (
    BOOL,
    Entry,
    EntryKind,
    OutputFacts,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    ParamValue,
    Type,
    Unit,
    ValueType,
)

_PRICE = ValueType(Type.NUMBER, Unit.PRICE, low=0.0)
_COUNT = ValueType(Type.INT, low=0.0)
_BARS = ValueType(Type.INT, Unit.BARS, low=0.0)
_BELOW_HIGH = OutputFacts(below=("high",))
_LOWEST = OutputFacts(below=("open", "high", "close"))
_DAY_MINUTES = 24 * 60


def _news(output: OutputSpec, params: Params) -> OutputFacts:
    """The number of a bar in the session changes on every bar, as far as a day has more than one."""
    minutes = params["minutes"]
    changes = isinstance(minutes, int) and minutes < _DAY_MINUTES
    if changes and output.name in ("bars", "first_bar", "last_bar"):
        return replace(output.facts, is_event=True)
    return output.facts


SESSION = Entry(
    "session",
    EntryKind.INDICATOR,
    "Session",
    ("ts", "open", "high", "low", "close"),
    (
        ParamSpec("begin", ParamKind.INT, None, 0, 1440, doc="minutes since 00:00 of the zone"),
        ParamSpec("end", ParamKind.INT, None, 0, 1440, doc="minutes; before `begin`: the next day"),
        ParamSpec("minutes", ParamKind.INT, None, 1, doc="length of a bar"),
        ParamSpec(
            "days", ParamKind.FLOAT_LIST, None, doc="weekdays on which it begins, Monday = 0"
        ),
        ParamSpec("closed", ParamKind.FLOAT_LIST, (-1.0,), doc="days since 1970 without a session"),
        ParamSpec(
            "zone",
            ParamKind.FLOAT_LIST,
            None,
            doc="moments in ms and minutes east of UTC from then",
        ),
    ),
    (
        OutputSpec("active", BOOL, primary=True, doc="the bar opens in the session"),
        OutputSpec("first_bar", BOOL, doc="it is the first that does"),
        OutputSpec(
            "last_bar",
            BOOL,
            doc="the bar of it that closes at its end or later, by the clock: on no bar where that one is missing",
        ),
        OutputSpec("bars", _BARS, doc="bars of the session so far, this one included; 0 outside"),
        OutputSpec(
            "open", _PRICE, doc="open of the session, outside of the last one", facts=_BELOW_HIGH
        ),
        OutputSpec("high", _PRICE, doc="highest so far, outside of the last session"),
        OutputSpec("low", _PRICE, doc="lowest so far, outside of the last session", facts=_LOWEST),
        OutputSpec(
            "close",
            _PRICE,
            doc="last close of the session, outside of the last one",
            facts=_BELOW_HIGH,
        ),
        OutputSpec(
            "version",
            _COUNT,
            doc="one more with each session whose beginning is seen",
            facts=COUNTER,
        ),
        OutputSpec(
            "over",
            BOOL,
            doc="it ends with this bar or is not running: by the clock, whatever bars are missing",
        ),
    ),
    warmup=lambda _params: 1,
    facts_of=_news,
    doc="A span of the day in a zone of the world, with its summer time.",
)


def on_bars_of(
    params: tuple[tuple[str, ParamValue], ...], timeframe: str
) -> tuple[tuple[str, ParamValue], ...]:
    """Return the numbers of a session as they are for bars of a timeframe: its last bar depends on their length."""
    minutes = interval_ms(timeframe) // MINUTE_MS
    return tuple((name, minutes if name == "minutes" else value) for name, value in params)
