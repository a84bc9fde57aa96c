"""What the name of a file says of the series in it: symbol, venue, market, kind of price.

The law: a name says what it is or nothing, never another. A dated future, a leveraged token and an index are no
perpetual because its name stands in theirs; beside a word that is not known to be harmless (`name_words.py`) the symbol
may be another's, and the name says nothing. It still says of what it speaks: never of another coin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from runtime.market.identity import UNKNOWN_VENUE, Identity, Market, PriceKind, Stated
from runtime.market.name_words import odd_words
from runtime.market.whose import (
    MONTH_CODE,
    MONTHS,
    OF_MARKET,
    PERPETUAL,
    VENUES,
    is_about,
    is_another_contract,
    is_called,
)

_SURE_QUOTES = ("USDT", "USDC", "USD")
_QUOTES = r"(?:USDT|USDC|USD)"
_NO_BASES = frozenset({"DATA", "BARS", "PRICE", "PRICES", "CANDLES", "HISTORY", "IN"})
_ENDINGS = re.compile(
    r"\.(CSV|TSV|TXT|JSONL?|NDJSON|PARQUET|FEATHER|ARROW|XLSX?|ODS|DAT|TAR|ZST|GZ|BZ2|XZ|ZIP)\b"
)
# VENUE: trades of Bybit come as BTCUSDT2025-09-24.csv.gz
_YEAR = re.compile(r"(?<=USD[TC])20\d\d$")
# A pair whose quote is a coin or the euro: may be a symbol, and contradicts nobody.
_MAYBE = re.compile(
    r"(?<![A-Z0-9])([A-Z0-9]{1,12}?)[-_/]?(USDT|USDC|USD|EUR|BTC|ETH)(?:\.P)?(?![A-Z0-9])"
)

# Kinds of price, as venues call them in names and folders, whole or as the end of a symbol: BTCUSDTindexPrice.
_GLUED = re.compile(
    rf"^(.+?{_QUOTES})((?:MARK|INDEX|PREMIUM)(?:PRICE|INDEX)?S?(?:KLINES?)?|PERP|PERPETUAL|SPOT|SWAP)$"
)
_PRICES = (
    # VENUE: MEXC calls the mark the fair price.
    (re.compile(r"(?:MARK|FAIR)(?:S|PRICES?|PRICEKLINES?|KLINES?)?$"), "mark"),
    (re.compile(r"PREMIUM(?:INDEX)(?:PRICE)?(?:KLINES?)?$"), "premium index"),
    (re.compile(r"(?:INDEX|IDX|INDICES)(?:PRICES?|PRICEKLINES?|KLINES?)?$"), "index"),
)  # fmt: skip
# VENUE: Binance's archive keeps these under file names equal to those of the traded bars.
_FOLDERS = {
    "MARKPRICEKLINES": "mark", "INDEXPRICEKLINES": "index", "PREMIUMINDEXKLINES": "premium index",
}  # fmt: skip
# Beside a symbol, these make it a figure of another kind.
_FIGURES = {
    "PREMIUM": "premium index", "BASIS": "basis", "SPREAD": "spread", "DOMINANCE": "dominance",
    "OI": "open interest", "OPENINTEREST": "open interest", "FUNDING": "funding",
    "FUNDINGRATE": "funding", "DVOL": "volatility index",
}  # fmt: skip

_EXPIRY = re.compile(rf"\d{{1,2}}(?:{MONTHS})\d{{2}}$")  # `match` for a word, `search` for an end
_CODE = re.compile(rf"{MONTH_CODE}$")
_DAY = re.compile(r"(?:20)?\d{6}$")
_LEVERED = re.compile(r"[2-5][LS]$")
_WITH_EXPIRY = re.compile(rf"^.+{_QUOTES}(?:\d{{6}}|\d{{1,2}}(?:{MONTHS})\d{{2}}|{MONTH_CODE})$")
_OPTION = re.compile(r"[CP]$")
# Words beside a symbol that may make it another contract, which they do not name in full.
_VAGUE = frozenset(
    {"BIQUARTER", "BIQUARTERLY", "BQ", "CQ", "CURRENTQUARTER", "CW", "DELIVERY", "DATED", "DMCBL", "NEXTQUARTER",
     "NQ", "NW", "OPTION", "OPTIONS", "QUARTER", "QUARTERLY", "CURRENT", "NEXT", "VS", "DOWN", "UP", "BULL", "BEAR"}
)  # fmt: skip
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Hints:
    """What a name tells beside its times: each None where it does not.

    `price` is the kind of price, where it is not the traded one: mark, index, premium index, … `is_vague` means
    that a symbol stands in the name with a word beside it that may make it another. `mentions` are the symbols that
    stand in it, sure or not, `odd` the words beside them that are not known to be harmless.
    """

    symbol: str | None
    venue: str | None
    market: Market | None
    price: str | None = None
    is_vague: bool = False
    mentions: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()

    def other_than(self, symbol: str) -> str | None:
        """Return the symbol that a name speaks of where it cannot be a given one: what is vague denies other coins alone."""
        if self.symbol is not None:
            return None if is_called(self.symbol, symbol) else self.symbol
        fits = (is_called(one, symbol) or symbol.startswith(one) for one in self.mentions)
        return None if not self.mentions or any(fits) else self.mentions[0]

    @property
    def doubt(self) -> str:
        """Return why a name that a symbol stands in says nothing; empty where there is no such."""
        if not self.mentions or not self.is_vague:
            return ""
        beside = " ".join(self.odd).lower()
        which = (
            f"stands beside `{beside}`, which may make it another"
            if beside
            else "may be another there"
        )
        return f"{' and '.join(self.mentions)} {which}"


def hints_of(name: str) -> Hints:
    """Return what a file's name (or path) says for sure of symbol, venue, market and price.

    A pair counts as a symbol where its quote is a dollar: words that merely end like a pair (`mybtc`) are
    no statement that could contradict a person.
    """
    *folders, last = re.split(r"[/\\:]", name)
    stem = _ENDINGS.sub("", last.upper())
    words = [part for word in re.split(r"[^A-Z0-9]+", stem) if word for part in _parts(word)]
    symbol, is_vague, found, left = _symbol_of(words)
    odd = odd_words(_without_prices(left)) if found else ()
    if odd:
        symbol, is_vague = None, True
    venue = next((word.lower() for word in words if word in VENUES), None)
    price = _price_of(words, folders)
    mentions = tuple(dict.fromkeys(found))
    return Hints(symbol, venue, _market_of(words, symbol), price, is_vague, mentions, odd)


def from_name(path: Path) -> Identity:
    """Return what a file's name tells: its symbol, or nothing."""
    hints = hints_of(str(path))
    symbol = hints.symbol or ""
    if not symbol and not hints.is_vague:
        found = _MAYBE.search(path.stem.upper())
        is_pair = found is not None and found[1] not in VENUES  # bybit_BTC names no pair
        if found is not None:
            rest = path.stem.upper().replace(found[0], " ", 1)
            is_pair = is_pair and not odd_words(_without_prices(re.findall(r"[A-Z0-9]+", rest)))
        symbol = found[1] + found[2] if found is not None and is_pair else ""
    return Identity(
        venue=UNKNOWN_VENUE,
        market=Market.OTHER,
        symbol=symbol,
        timeframe="",
        price=PriceKind.MARK if hints.price == "mark" else PriceKind.LAST,
        stated=Stated.NAME if symbol else Stated.NOBODY,
    )


def _parts(word: str) -> list[str]:
    """Return a word, or a symbol and what is glued to its end: BTCUSDTINDEXPRICE."""
    glued = _GLUED.match(word)
    return [word] if glued is None else [glued[1], glued[2]]


def _symbol_of(words: list[str]) -> tuple[str | None, bool, list[str], list[str]]:
    """Return (the symbol a name is sure of, whether it may be another than stands there, the symbols, other words)."""
    found: list[str] = []
    is_vague = False
    taken: set[int] = set()
    for place, long in enumerate(words):
        pair = _pair(words, place, _YEAR.sub("", long))
        if pair is None:
            continue
        grown, doubt = _grown(pair, words[place + 1 :])
        found.append(grown)
        taken |= _places(words, place, pair, grown)
        is_vague = is_vague or doubt
    left = [word for place, word in enumerate(words) if place not in taken]
    if len(set(found)) > 1 or is_vague:  # two pairs: a ratio, a spread, a collection
        return None, True, found, left
    return (found[0] if found else None), False, found, left


def _places(words: list[str], place: int, pair: str, grown: str) -> set[int]:
    """Return where the words stand that a symbol was made of: its base before it, what makes it another after it."""
    taken = {place, place - 1} if place and pair == words[place - 1] + words[place] else {place}
    rest = grown.removeprefix(pair)
    for after in range(place + 1, len(words)):
        if not rest or not rest.startswith(words[after]):
            break
        taken.add(after)
        rest = rest.removeprefix(words[after])
    return taken


def _without_prices(words: list[str]) -> list[str]:
    """Return words without those that tell a kind of price, which is heard by itself."""
    told = ("OPEN", "INTEREST") if "OPEN INTEREST" in " ".join(words) else ()
    return [
        word
        for word in words
        if word not in told
        and word not in _FIGURES
        and not any(pattern.match(word) for pattern, _ in _PRICES)
    ]


def _pair(words: list[str], place: int, word: str) -> str | None:
    """Return the symbol that ends with a word: BTCUSDT, or USDT after BTC; None for other words."""
    before = words[place - 1] if place else ""
    if _WITH_EXPIRY.match(word):
        return word
    if _EXPIRY.match(word) and before.isalpha() and len(before) in range(2, 11):
        return None if before.endswith(_SURE_QUOTES) or is_about(before) else before + word
    quote = next((q for q in _SURE_QUOTES if word.endswith(q)), None)
    if quote is None:
        return None
    base = word.removesuffix(quote)
    if base and (len(base) >= 2 or quote != "USD"):
        return word
    is_base = before and not is_about(before) and not before.isdigit()
    is_whole = before.endswith(_SURE_QUOTES)  # BTCUSDT_USD is no coin called BTCUSDT
    if not base and is_base and not is_whole and before not in _NO_BASES:
        return before + word
    return None


def _grown(pair: str, after: list[str]) -> tuple[str, bool]:
    """Return a symbol with the words beside it that make it another, and whether they may do so."""
    following = [*after, "", ""][:2]
    word = following[0]
    if _EXPIRY.search(pair) or _EXPIRY.match(word):
        whole, rest = (pair, after) if not _EXPIRY.match(word) else (pair + word, after[1:])
        strike, side = [*rest, "", ""][:2]
        return (whole + strike + side if strike.isdigit() and _OPTION.match(side) else whole), False
    if _LEVERED.match(word) or _CODE.match(word):
        return pair + word, False
    if _DAY.match(word):
        return _dated(pair, word, following[1])
    return pair, word in _VAGUE


def _dated(pair: str, word: str, then: str) -> tuple[str, bool]:
    """Return the same for a day beside a symbol: a delivery, or the day the data are of.

    VENUE: quarterly futures are named by their day of delivery, a Friday, as YYMMDD (Binance, OKX) or YYYYMMDD (Gate).
    """
    if _DAY.match(then) and len(then) == len(word):  # from … to
        return pair, False
    day = word if len(word) == 8 else f"20{word}"
    try:
        weekday = date(int(day[:4]), int(day[4:6]), int(day[6:])).weekday()
    except ValueError:
        return pair, False
    if len(word) == 6:
        return (pair + word, False) if weekday == _FRIDAY else (pair, True)
    return pair, weekday == _FRIDAY


def _price_of(words: list[str], folders: list[str]) -> str | None:
    """Return which kind of price a name says, where it is not the traded one."""
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        if word == "PREMIUM" and after.startswith("INDEX"):
            return "premium index"
        if word == "OPEN" and after == "INTEREST":
            return "open interest"
        found = next((kind for pattern, kind in _PRICES if pattern.match(word)), None)
        if found is not None:
            return found
        if word in _FIGURES and not word.startswith("FUNDING"):  # bars with funding are bars
            return _FIGURES[word]
        if word.endswith(_SURE_QUOTES) and after in _FIGURES:
            return _FIGURES[after]
    return next((kind for one in folders if (kind := _FOLDERS.get(one.upper()))), None)


def _market_of(words: list[str], symbol: str | None) -> Market | None:
    if symbol is not None and is_another_contract(symbol):
        return Market.OTHER
    told = next((OF_MARKET[word] for word in words if word in OF_MARKET), None)
    if told is not None or not any(word in PERPETUAL for word in words):
        return told
    # VENUE: perpetuals quoted in plain dollars (BTCUSD) are settled in the coin.
    return Market.INVERSE if symbol is not None and symbol.endswith("USD") else Market.LINEAR


__all__ = ["Hints", "from_name", "hints_of"]
