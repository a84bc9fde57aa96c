"""What a series is: venue, market, symbol, timeframe, price and where it came from.

The law: two different series are never taken for one another. A series says what it is in its
file; where it does not, what was concluded (from its place, from its name) is said in the result.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from runtime.errors import DataError
from runtime.market.timeframe import TIMEFRAMES

METADATA_KEY = b"ideacard.series"
MADE_UP_VENUE = "synthetic"
UNKNOWN_VENUE = "unknown"
IMPORTED_VENUE = "imported"  # of an import that nobody named a venue for
UNNAMED_VENUES = (IMPORTED_VENUE, UNKNOWN_VENUE, "")
_LONGEST = next(reversed(TIMEFRAMES))


class Market(StrEnum):
    """What is traded; `linear` is a perpetual settled in quote."""

    LINEAR = "linear"
    INVERSE = "inverse"
    SPOT = "spot"
    OTHER = "other"


class PriceKind(StrEnum):
    """Which price the bars are of."""

    LAST = "last"
    MARK = "mark"


class DataOrigin(StrEnum):
    """How a series came here; `file` is one that says nothing of itself."""

    DOWNLOADED = "downloaded"
    IMPORTED = "imported"
    MADE_UP = "made up"
    FILE = "file"


class Stated(StrEnum):
    """What says that a series is what it is taken for."""

    METADATA = "its own metadata"
    PLACE = "its place in the store"
    PERSON = "your word"
    NAME = "its file name"
    NOBODY = "nothing"


SURE = (Stated.METADATA, Stated.PLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One series. `symbol` is empty where nothing tells it; `detail` is an address, file or seed."""

    venue: str
    market: Market
    symbol: str
    timeframe: str
    price: PriceKind = PriceKind.LAST
    origin: DataOrigin = DataOrigin.FILE
    detail: str = ""
    stated: Stated = Stated.METADATA

    @property
    def name(self) -> str:
        """Return what a person types to mean this series: venue:market:symbol."""
        return f"{self.venue}:{self.market}:{self.symbol}"

    @property
    def is_sure(self) -> bool:
        """Return whether more than a name tells what this is: its own words, or its place in a store."""
        return self.stated in SURE

    @property
    def is_made_up(self) -> bool:
        return self.origin is DataOrigin.MADE_UP or self.venue == MADE_UP_VENUE


def to_metadata(identity: Identity) -> dict[bytes, bytes]:
    """Return an identity as it stands in the metadata of a Parquet file."""
    plain = {k: v for k, v in asdict(identity).items() if k != "stated"}
    return {METADATA_KEY: json.dumps(plain, sort_keys=True).encode("utf-8")}


def from_metadata(path: Path, metadata: dict[bytes, bytes] | None) -> Identity | None:
    """Return the identity a file states; None where it states none, DataError for a broken one."""
    raw = (metadata or {}).get(METADATA_KEY)
    if raw is None:
        return None
    try:
        plain = json.loads(raw)
        return Identity(
            venue=str(plain["venue"]),
            market=Market(plain["market"]),
            symbol=str(plain["symbol"]),
            timeframe=str(plain["timeframe"]),
            price=PriceKind(plain["price"]),
            origin=DataOrigin(plain["origin"]),
            detail=str(plain["detail"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: its metadata say what series it is, but cannot be read ({error}); "
            "import the file anew"
        ) from error


def from_place(path: Path) -> Identity | None:
    """Return the identity by `<venue>/<symbol>/<timeframe>.parquet`; None at any other place.

    A folder `<venue>-<market>` holds another market than the perpetual.
    """
    stem, price = path.stem, PriceKind.LAST
    if stem.startswith("mark_"):
        stem, price = stem.removeprefix("mark_"), PriceKind.MARK
    symbol, folder = path.parent.name, path.parent.parent.name
    if stem not in TIMEFRAMES or not symbol.isupper() or not folder:
        return None
    venue, _, market = folder.partition("-")
    known = market in tuple(Market)
    return Identity(
        venue=venue if known else folder,
        market=Market(market) if known else Market.LINEAR,
        symbol=symbol,
        timeframe=stem,
        price=price,
        stated=Stated.PLACE,
        origin=DataOrigin.MADE_UP if venue == MADE_UP_VENUE else DataOrigin.FILE,
    )


def place_of(path: Path) -> Identity | None:
    """Return the series whose folder of a store a file lies in, funding included; None elsewhere."""
    is_funding = path.stem == "funding"
    return from_place(path.with_name(f"{_LONGEST}.parquet") if is_funding else path)


def misplaced(path: Path, identity: Identity) -> tuple[tuple[str, str, str], ...]:
    """Return (what, here, said) for all in which a file's metadata contradict its place in a store."""
    place = place_of(path)
    if place is None or identity.stated is not Stated.METADATA:
        return ()
    pairs = (
        ("symbol", place.symbol, identity.symbol),
        ("venue", place.venue, identity.venue),
        ("market", place.market, identity.market),
        ("timeframe", place.timeframe, identity.timeframe),
        ("price", place.price, identity.price),
    )
    return tuple((what, here, said) for what, here, said in pairs if said and said != here)


def parse_series(text: str) -> tuple[str | None, Market | None, str]:
    """Return (venue, market, symbol) of `bybit:linear:BTCUSDT`, `bybit:BTCUSDT` or `BTCUSDT`."""
    *before, symbol = text.split(":")
    if len(before) > 2 or not symbol or not all(before):
        raise DataError(f"`{text}`: expected SYMBOL, VENUE:SYMBOL or VENUE:MARKET:SYMBOL")
    venue = before[0] if before else None
    if len(before) < 2:
        return venue, None, symbol
    if before[1] not in tuple(Market):
        raise DataError(f"`{text}`: no market `{before[1]}`; known: {', '.join(Market)}")
    return venue, Market(before[1]), symbol
