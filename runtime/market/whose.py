"""Whose are these data, by the words about them: names of files, cells of a column, what a person said.

The law: two words that cannot both be true are never reconciled silently. 1000PEPE is not PEPE, WBTC not BTC.
"""

from __future__ import annotations

import re

from runtime.market.identity import Market

# Their names as they stand in names of files and symbols, and the words around them.
VENUES = frozenset(
    {"BINANCE", "BITFINEX", "BITGET", "BITMEX", "BITSTAMP", "BYBIT", "COINBASE", "DERIBIT", "GATEIO",
     "GEMINI", "HTX", "HUOBI", "HYPERLIQUID", "KRAKEN", "KUCOIN", "MEXC", "OKEX", "OKX", "PHEMEX"}
)  # fmt: skip
OF_MARKET = {
    "SPOT": Market.SPOT, "LINEAR": Market.LINEAR, "UM": Market.LINEAR, "USDM": Market.LINEAR,
    "INVERSE": Market.INVERSE, "COINM": Market.INVERSE, "CM": Market.INVERSE,
}  # fmt: skip
PERPETUAL = frozenset({"P", "PERP", "PERPETUAL", "SWAP"})
_OTHER_WORDS = frozenset({"FUTURES", "FUT", "SPBL", "UMCBL"})
_QUOTES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH")
MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
# VENUE: futures end with the code of their month and the year; M30 is half an hour.
MONTH_CODE = r"(?!M20|M30|H24)[FGHJKMNQUVXZ](?:20)?[23]\d"
_DATED = re.compile(
    rf"[A-Z]\d{{6}}$|\d{{1,2}}(?:{MONTHS})\d{{2}}(?:\d+[CP])?$|(?:USD[TC]?|XBT|BTC|ETH){MONTH_CODE}$"
)
_MAJORS = (
    "1INCH|AAVE|ADA|BCH|BNB|BTC|DOGE|DOT|EOS|ETH|FIL|LINK|LTC|SOL|SUSHI|SXP|TRX|UNI|XLM|XRP|XTZ|YFI"
)
_LEVERED = re.compile(
    rf"[A-Z]{{2,10}}[2-5][LS](?:USD[TC]?)?$|[A-Z]{{2,10}}USD[TC]?[2-5][LS]$|(?:{_MAJORS})(?:UP|DOWN|BULL|BEAR)USD[TC]?$"
)
_ALIASES = {"XBT": "BTC", "XDG": "DOGE"}


def canonical(text: str) -> str:
    """Return a symbol as it is written here: BTCUSDT for `BTC/USDT:USDT`, `BTC-USDT-SWAP`, `btcusdt.p`."""
    word = text.upper()
    if word.count(":") == 1:  # VENUE:SYMBOL, or ccxt's BASE/QUOTE:SETTLED
        word = word.split(":")[0 if "/" in word else 1]
    words = [w for w in re.split(r"[^A-Z0-9]+", word) if w]
    named = [w for w in words if not is_about(w)] or words
    joined = "".join(named)
    return joined.removesuffix("PERP") if joined != "PERP" else joined


def is_about(word: str) -> bool:
    """Return whether a word tells a venue or a market, and is no part of a symbol."""
    return word in VENUES or word in OF_MARKET or word in PERPETUAL or word in _OTHER_WORDS


def is_venue(word: str) -> bool:
    """Return whether a word is the name of a venue, or of one of its networks (`bybit-testnet`)."""
    return word.upper().split("-")[0] in VENUES


def is_called(said: str, symbol: str) -> bool:
    """Return whether a word for an instrument can mean a symbol: another spelling, or its base alone."""
    word, name = _known_as(canonical(said)), _known_as(canonical(symbol))
    return word == name or any(word + quote == name for quote in _QUOTES)


def _known_as(symbol: str) -> str:
    for alias, name in _ALIASES.items():
        if symbol.startswith(alias):
            return name + symbol.removeprefix(alias)
    return symbol


def is_another_contract(symbol: str) -> bool:
    """Return whether a symbol names a dated future, an option or a leveraged token: no perpetual, no coin."""
    word = canonical(symbol)
    return _DATED.search(word) is not None or _LEVERED.match(word) is not None
