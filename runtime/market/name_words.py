"""Words that may stand beside a symbol in a file's name and leave it what it is.

The law: what is not listed may make it another (`3X_LONG`, `Heikin Ashi`, `settlement`), so the name is no word for
the symbol then. A word is added here where it is known never to do so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runtime.market.whose import is_about

_HARMLESS_TEXT = (
    # what rows are
    "AGG AGGTRADE AGGTRADES BAR BARS CANDLE CANDLES CANDLESTICK CANDLESTICKS CHART CHARTS DATA DATASET HISTORICAL HISTORY "
    "HIST KLINE KLINES LAST MARKET OHLC OHLCV OHLCVT PRICE PRICES SERIES TICK TICKS TIMESERIES TRADE TRADES TRADING "
    # how the file came to be
    "A ALL ARCHIVE B BACKUP BAD CLEAN CLEANED COPY DOWNLOAD DOWNLOADED EXPORT EXPORTED FILE FINAL FULL GOOD IMPORT LATEST MY NEW OLD ORIGINAL OUTPUT "
    "PART RAW SAMPLE SMALL TEMP TEST TMP TRAIN UPDATED V1 V2 V3 "
    # when, and what else stands in it
    "AND CONCAT DAY DAYS FROM FUNDING GMT HEADER HEADERS HOUR HOURS IN MINUTE MONTH MS NOHEADER NOVOL NOVOLUME OF PERPETUALS PERPS RATE "
    "RATES SINCE THE TILL TO UNTIL US UTC WEEK WITH WITHOUT YEAR "
    # by which program or archive, and of which family of venues
    "ADV ALPACA BACKTESTINGPY BINANCEUS BINGX BITHUMB CCXT CDD COINAPI CRYPTO CRYPTOCOM CRYPTODATADOWNLOAD DUKASCOPY FREQTRADE "
    "FX GATE HISTDATA HL INVESTING KAIKO METATRADER MT4 MT5 POLYGON STOOQ TARDIS TRADINGVIEW UPBIT USDT USDTM YAHOO YF"
)  # fmt: skip
_HARMLESS = frozenset(_HARMLESS_TEXT.split())
_LONG_SPANS = "SECS?|SECONDS?|MIN|MINS|MINUTES?|HRS?|HOURS?|DAYS?|WEEKS?|MO|MN|MONTHS?"
_LENGTH = re.compile(
    rf"(?:\d{{1,4}}(?:[MHDWT]|{_LONG_SPANS})|(?:1|5|10|15|30)S|(?:{_LONG_SPANS})1?|DAILY|HOURLY|WEEKLY|MONTHLY|YEARLY"
    r"|M(?:[1-6]|1[025]|[23]0)|H(?:[1-4]|6|8|12|24)|D1|W1)$"
)
# A year, a month or a day of it, a day in full, minutes of a chart, seconds or more since 1970, a month's part.
_NUMBER = re.compile(
    r"(?:(?:19|20)\d\d|[0-3]?\d|\d{8}|\d{6}|45|60|90|120|180|240|360|480|720|1440|10080|\d{10}|\d{13}|\d{14})$"
)
_CLOCK = re.compile(r"(?:\d{1,8}T(?:\d{2,6}Z?)?|\d{2,6}Z)$")
_PIECE = re.compile(r"(?:(?:19|20)\d\d|[01]\d|PART\d{1,3})[AB]?$")
_HOURS = re.compile(r"\d{4}$")
_DAY = re.compile(r"\d{8}$")
_CHART = re.compile(r"(?=.*\d)[0-9A-F]{5}$")  # TradingView ends the name of an export so


def odd_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return those of some words (upper case, of a name without its symbol) that may make a symbol another."""
    return tuple(
        word
        for place, word in enumerate(words)
        if not _is_harmless(
            word, words[place - 1] if place else "", is_last=place == len(words) - 1
        )
    )


def _is_harmless(word: str, before: str, *, is_last: bool) -> bool:
    if word in _HARMLESS or is_about(word):
        return True
    if any(shape.match(word) for shape in (_LENGTH, _NUMBER, _CLOCK, _PIECE)):
        return True
    return bool((_HOURS.match(word) and _DAY.match(before)) or (is_last and _CHART.match(word)))
