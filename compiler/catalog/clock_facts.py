"""What is always so of the clock's builtins on the bars of a timeframe: stated here, so that no lint rule assumes it."""

from __future__ import annotations

from compiler.catalog.timeframes import DAY_MS, HOUR_MS, WEEK_MS, interval_ms


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
