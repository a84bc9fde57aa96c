"""The units behind a number: money, base units, bars, ticks, and times that are so many bars."""

from __future__ import annotations

from enum import StrEnum


class AmountUnit(StrEnum):
    """The unit of an amount, as it is written."""

    USDT = "usdt"
    BASE = "base"
    BARS = "bars"
    TICKS = "ticks"  # the steps of the prices of what is traded
    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WEEKS = "w"


# So many bars of the card's timeframe.
TIMES = frozenset({AmountUnit.MINUTES, AmountUnit.HOURS, AmountUnit.DAYS, AmountUnit.WEEKS})
