"""Timeframe arithmetic for the runtime: the table is the catalogue's."""

from __future__ import annotations

from compiler.catalog.timeframes import (
    HOUR_MS,
    MONTH,
    TIMEFRAMES,
    bucket_open,
    interval_ms,
    is_multiple,
    normalise,
)

__all__ = [
    "HOUR_MS",
    "MONTH",
    "TIMEFRAMES",
    "bucket_open",
    "interval_ms",
    "is_multiple",
    "normalise",
    "parse_timeframe",
]


def parse_timeframe(text: str) -> int:
    """Return the length in ms of a timeframe in any accepted spelling; ValueError if unknown."""
    word = normalise(text)
    if word is None:
        raise ValueError(f"unknown timeframe `{text}`; known: {' '.join(TIMEFRAMES)}")
    return TIMEFRAMES[word]
