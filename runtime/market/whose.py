"""Whose are these data, by the words about them: names of files, cells of a column, what a person said.

The law: two words that cannot both be true are never reconciled silently. 1000PEPE is not PEPE, WBTC not BTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runtime.market.identity import Market

# Their names as they stand in names of files and symbols, and the words around them.
VENUES = frozenset(
    {"BINANCE", "BITFINEX", "BITGET", "BITMEX", "BITSTAMP", "BYBIT", "COINBASE", "DERIBIT", "GATEIO",
     "GEMINI", "HTX", "HUOBI", "HYPERLIQUID", "KRAKEN", "KUCOIN", "MEXC", "OKEX", "OKX", "PHEMEX"}
)  # fmt: skip
_OF_MARKET = {
    "SPOT": Market.SPOT, "LINEAR": Market.LINEAR, "UM": Market.LINEAR, "USDM": Market.LINEAR,
    "INVERSE": Market.INVERSE, "COINM": Market.INVERSE, "CM": Market.INVERSE,
}  # fmt: skip
_PERPETUAL = frozenset({"P", "PERP", "PERPETUAL", "SWAP"})
_OTHER_WORDS = frozenset({"FUTURES", "FUT", "SPBL", "UMCBL"})
_QUOTES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH")
_SURE_QUOTES = ("USDT", "USDC", "USD")
_NO_BASES = frozenset({"DATA", "BARS", "PRICE", "PRICES", "CANDLES", "HISTORY", "IN"})
_YEAR = re.compile(
    r"(?<=USD[TC])20\d\d$"
)  # VENUE: trades of Bybit come as BTCUSDT2025-09-24.csv.gz
_ALIASES = {"XBT": "BTC", "XDG": "DOGE"}


def canonical(text: str) -> str:
    """Return a symbol as it is written here: BTCUSDT for `BTC/USDT:USDT`, `BTC-USDT-SWAP`, `btcusdt.p`."""
    word = text.upper()
    if word.count(":") == 1:  # VENUE:SYMBOL, or ccxt's BASE/QUOTE:SETTLED
        word = word.split(":")[0 if "/" in word else 1]
    words = [w for w in re.split(r"[^A-Z0-9]+", word) if w]
    named = [w for w in words if not _is_about(w)] or words
    joined = "".join(named)
    return joined.removesuffix("PERP") if joined != "PERP" else joined


def _is_about(word: str) -> bool:
    return word in VENUES or word in _OF_MARKET or word in _PERPETUAL or word in _OTHER_WORDS


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


@dataclass(frozen=True, slots=True)
class Hints:
    """What a name tells beside its times: each None where it does not."""

    symbol: str | None
    venue: str | None
    market: Market | None


def hints_of(name: str) -> Hints:
    """Return what a file's name says for sure of symbol, venue and market.

    A pair counts as a symbol where its quote is a dollar: words that merely end like a pair (`mybtc`) are
    no statement that could contradict a person.
    """
    stem = re.split(r"[/\\:]", name)[-1].upper()
    stem = re.sub(
        r"\.(CSV|TSV|TXT|JSONL?|NDJSON|PARQUET|FEATHER|ARROW|XLSX?|ODS|GZ|BZ2|XZ|ZIP)\b", "", stem
    )
    words = [word for word in re.split(r"[^A-Z0-9]+", stem) if word]
    symbol = _symbol_of(words)
    venue = next((word.lower() for word in words if word in VENUES), None)
    return Hints(symbol, venue, _market_of(words, symbol))


def _symbol_of(words: list[str]) -> str | None:
    for place, long in enumerate(words):
        word = _YEAR.sub("", long)
        quote = next((q for q in _SURE_QUOTES if word.endswith(q)), None)
        if quote is None:
            continue
        base = word.removesuffix(quote)
        if base and (len(base) >= 2 or quote != "USD"):
            return word
        before = words[place - 1] if place else ""
        is_base = before and not _is_about(before) and not before.isdigit()
        if not base and is_base and before not in _NO_BASES:
            return before + word
    return None


def _market_of(words: list[str], symbol: str | None) -> Market | None:
    told = next((_OF_MARKET[word] for word in words if word in _OF_MARKET), None)
    if told is not None or not any(word in _PERPETUAL for word in words):
        return told
    # VENUE: perpetuals quoted in plain dollars (BTCUSD) are settled in the coin.
    return Market.INVERSE if symbol is not None and symbol.endswith("USD") else Market.LINEAR
