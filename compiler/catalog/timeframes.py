"""The timeframes a card may name, shared by the compiler and the runtime."""

from __future__ import annotations

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS

# The units that a span of time is written in: `30m`, `2h`, `3d`, `1w`.
UNIT_MS: dict[str, int] = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": WEEK_MS}

# 8h has no venue feed: accepted for back-tests, refused for live.
TIMEFRAMES: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "1w": WEEK_MS,
}
MONTH = "1M"
_ALIASES = {
    "d": "1d",
    "w": "1w",
    "60m": "1h",
    "120m": "2h",
    "240m": "4h",
    "360m": "6h",
    "720m": "12h",
}
# The Unix epoch was a Thursday; weeks open on Monday 00:00 UTC.
_WEEK_ORIGIN_MS = 4 * DAY_MS


def normalise(text: str) -> str | None:
    """Return the canonical spelling of a timeframe (`4H` -> `4h`, `D` -> `1d`), None if unknown.

    `1M` is unknown: venues and charts mean a month by it, never a minute.
    """
    if text.strip() == MONTH:
        return None
    word = text.strip().lower()
    word = _ALIASES.get(word, word)
    return word if word in TIMEFRAMES else None


def interval_ms(timeframe: str) -> int:
    """Return the length in ms of a canonical timeframe; KeyError for anything else."""
    return TIMEFRAMES[timeframe]


def bucket_open(ts: int, interval: int) -> int:
    """Return the open time of the bar of length `interval` (ms) that holds time `ts` (ms UTC)."""
    origin = _WEEK_ORIGIN_MS if interval == WEEK_MS else 0
    return (ts - origin) // interval * interval + origin


def is_multiple(higher: str, lower: str) -> bool:
    """Return whether every bar of `higher` is made of whole bars of `lower`."""
    return TIMEFRAMES[higher] % TIMEFRAMES[lower] == 0
