"""What a file of bars says it is, held against what a person asked for.

The law: two words that cannot both be true are refused; where the file says nothing, it is what was asked for, and
the result says that nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from runtime.errors import DataError
from runtime.market.file_names import hints_of
from runtime.market.identity import (
    UNKNOWN_VENUE,
    UNNAMED_VENUES,
    Identity,
    Market,
    PriceKind,
    Stated,
)
from runtime.market.whose import is_called, is_venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to look and which part: times in ms UTC, [start, end). Side files are optional.

    Bars before `start` warm up what the card reads, unless `cold`. `venue` and `market` tell two
    series of one symbol apart. `symbol_given` means that a person named the symbol of the bars.
    """

    data: Path
    start: int | None = None
    end: int | None = None
    mark: Path | None = None
    funding: Path | None = None
    fine: Path | None = None
    venue: str | None = None
    market: Market | None = None
    cold: bool = False
    symbol_given: bool = False


def agreed(wanted: Wanted, identity: Identity, symbol: str, notes: list[str]) -> Identity:
    """Return what a file of bars is taken for; DataError where it is not what was asked for."""
    refuse_no_trades(wanted.data, identity)
    _agree_on_symbol(wanted, identity, symbol, notes)
    venue = _venue(wanted, identity, notes)
    market = _market(wanted, identity, notes)
    if (venue, market) == (identity.venue, identity.market):
        return identity
    return replace(identity, venue=venue, market=market, stated=Stated.PERSON)


def refuse_no_trades(path: Path, identity: Identity) -> None:
    """Raise DataError for a file that says it holds another price than the traded one."""
    price, by = _price(path, identity)
    if price == PriceKind.MARK:
        raise DataError(
            f"{path}: holds mark prices ({by} says so): nothing trades at them. Give the bars, and this file "
            "with --mark"
        )
    if price != PriceKind.LAST:
        raise DataError(
            f"{path}: {by} says {price}: nothing trades at it. Give the bars of the traded price"
        )


def refuse_no_marks(path: Path, identity: Identity) -> None:
    """Raise DataError for a file that says it holds another figure than mark prices."""
    price, by = _price(path, identity)
    if price not in tuple(PriceKind):
        raise DataError(f"{path}: {by} says {price}, which is no mark price")
    if price == PriceKind.LAST and _is_told(identity):
        raise DataError(
            f"{path}: {by} says it holds traded prices, which are no mark prices. Leave --mark away: "
            "where there are no mark prices, liquidation looks at traded ones and the result says so"
        )


def _is_told(identity: Identity) -> bool:
    """Return whether a file's own metadata say which series it is, not a column of symbols alone."""
    return identity.stated is Stated.METADATA and identity.venue != UNKNOWN_VENUE


def _price(path: Path, identity: Identity) -> tuple[str, Stated]:
    """Return (which kind of price a file says it holds, what says so)."""
    named = None if _is_told(identity) else hints_of(str(path)).price
    if named is None:
        return identity.price, identity.stated
    return named, Stated.NAME


def _agree_on_symbol(wanted: Wanted, identity: Identity, symbol: str, notes: list[str]) -> None:
    path, held = wanted.data, identity.symbol
    if not held:
        hints = hints_of(path.name)
        other = hints.other_than(symbol)
        if other is not None and not wanted.symbol_given:
            raise DataError(
                f"{path}: its name speaks of {other}, the run is of {symbol}. To trade the card on it: --symbol {other}"
            )
        why = f" ({hints.doubt})" if hints.doubt else ""
        notes.append(f"nothing in {path.name} says which symbol it holds{why}; taken for {symbol}")
    elif held != symbol and not (identity.stated is Stated.METADATA and is_called(held, symbol)):
        if identity.stated is Stated.NAME and wanted.symbol_given:
            notes.append(f"the name of {path.name} says {held}; you said {symbol}")
            return
        raise DataError(
            f"{path}: holds {held} ({identity.stated} says so), the run is of {symbol}. "
            f"To trade the card on it: --symbol {held}"
        )
    elif identity.stated is Stated.NAME:
        notes.append(f"{path.name} is taken for {symbol} by its name alone")


def _venue(wanted: Wanted, identity: Identity, notes: list[str]) -> str:
    path, asked = wanted.data, wanted.venue
    if asked is None or asked == identity.venue:
        return identity.venue
    if identity.is_made_up:
        raise DataError(_otherwise(path, "venue", identity.venue, identity.stated, asked))
    if identity.venue not in UNNAMED_VENUES:
        if identity.stated is Stated.METADATA or is_venue(identity.venue):
            raise DataError(_otherwise(path, "venue", identity.venue, identity.stated, asked))
        notes.append(f"the folder of {path.name} is called {identity.venue}; you said {asked}")
        return asked
    hinted = hints_of(path.name).venue
    if hinted is not None and not asked.startswith(hinted):
        notes.append(f"the name of {path.name} says {hinted}; you said {asked}")
    else:
        notes.append(f"{path.name} is taken for {asked} because you said so")
    return asked


def _market(wanted: Wanted, identity: Identity, notes: list[str]) -> Market:
    path, asked = wanted.data, wanted.market
    if asked is None or asked is identity.market:
        return identity.market
    if _is_assumed(identity):
        hinted = hints_of(path.name).market
        if hinted not in (None, asked):
            notes.append(f"the name of {path.name} says {hinted}; you said {asked}")
        else:
            notes.append(f"{path.name} is taken for a {asked} market because you said so")
        return asked
    raise DataError(_otherwise(path, "market", identity.market, identity.stated, asked))


def _is_assumed(identity: Identity) -> bool:
    """Return whether nobody ever said the market of a series: `linear` is what is taken then, `other` of a name."""
    if identity.market is Market.OTHER:
        return identity.venue == UNKNOWN_VENUE
    if identity.market is not Market.LINEAR or identity.is_made_up:
        return False
    is_folder = identity.stated is Stated.PLACE and not is_venue(identity.venue)
    return identity.venue in UNNAMED_VENUES or is_folder


def _otherwise(path: Path, what: str, known: str, stated: Stated, asked: str) -> str:
    return (
        f"{path}: is of {what} {known} ({stated} says so), you asked for {asked}: leave out --{what}, or give "
        f"the bars of {asked}"
    )
