"""The clock's builtins: what they tell of a moment, and what is always so on the bars of a timeframe.

The law: stated here once; the runtime computes them so, and no lint rule assumes anything else. Without
`now_` the moment is the bar's open, with it the close, where the decision falls.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from compiler.catalog.timeframes import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS, interval_ms

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_EPOCH = date(1970, 1, 1).toordinal()
_FEWEST_MS = 5 * MINUTE_MS  # shorter bars have too many times of day to look at each
_OPENS = (
    "time_utc",
    "hour_utc",
    "minute_utc",
    "weekday_utc",
    "day",
    "days_left_in_month",
    "month",
    "year",
    "date",
)
_CLOSES = {
    "now_utc": "time_utc", "now_hour_utc": "hour_utc", "now_minute_utc": "minute_utc",
    "now_weekday_utc": "weekday_utc", "now_date": "date",
}  # fmt: skip
CLOCK_NAMES = (*_OPENS, *_CLOSES)
# Cards that say version 3.0.0 or 3.1 mean the close by these words.
OF_THE_CLOSE = {told: name for name, told in _CLOSES.items() if told in ("hour_utc", "weekday_utc")}


def is_of_the_close(name: str) -> bool:
    return name in _CLOSES


def told_at(name: str, ms: int) -> int:
    """Return what a clock builtin tells of a moment in milliseconds UTC."""
    days = ms // DAY_MS
    match _CLOSES.get(name, name):
        case "time_utc":
            return ms // MINUTE_MS % _DAY_MINUTES
        case "hour_utc":
            return ms // HOUR_MS % 24
        case "minute_utc":
            return ms // MINUTE_MS % 60
        case "weekday_utc":
            return (days + 3) % 7  # the epoch was a Thursday: Monday = 0
        case "day":
            return date.fromordinal(_EPOCH + days).day
        case "days_left_in_month":
            of = date.fromordinal(_EPOCH + days)
            return monthrange(of.year, of.month)[1] - of.day
        case "month":
            return date.fromordinal(_EPOCH + days).month
        case "year":
            return date.fromordinal(_EPOCH + days).year
        case "date":
            return days
        case _:
            raise KeyError(name)


def values_on(name: str, timeframe: str) -> frozenset[int] | None:
    """Return the values a clock builtin has on the bars of a timeframe; None: any in its bounds."""
    interval, told = interval_ms(timeframe), _CLOSES.get(name, name)
    minutes = interval // MINUTE_MS
    if told == "hour_utc" and interval % HOUR_MS == 0:
        return frozenset(range(0, 24, min(24, interval // HOUR_MS)))
    if told == "time_utc" and interval >= _FEWEST_MS:
        return frozenset(range(0, _DAY_MINUTES, min(_DAY_MINUTES, minutes)))
    if told == "minute_utc" and interval >= _FEWEST_MS:
        return frozenset(range(0, 60, min(60, minutes)))
    if told == "weekday_utc" and interval == WEEK_MS:
        return frozenset({0})  # weeks begin and end on Mondays
    return None


def steps_of(name: str, timeframe: str) -> tuple[int, ...]:
    """Return what may be added to a clock builtin from bar to bar; empty where that varies."""
    interval, told = interval_ms(timeframe), _CLOSES.get(name, name)
    if told == "bar_index":
        return (1,)
    if told == "hour_utc" and interval % HOUR_MS == 0 and interval < DAY_MS:
        hours = interval // HOUR_MS
        return (hours, hours - 24)
    if told == "time_utc" and interval < DAY_MS:
        minutes = interval // MINUTE_MS
        return (minutes, minutes - _DAY_MINUTES)
    if told == "weekday_utc" and interval == DAY_MS:
        return (1, -6)
    if told == "date" and interval == DAY_MS:
        return (1,)
    return ()
