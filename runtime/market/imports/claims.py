"""What files say they are, held against each other, against a person's words and against what is stored.

The law: a series is stored as what all of them say. Files of two symbols, venues, markets or prices never
become one series; what is made up stays made up; an import never turns marks into trades.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from runtime.errors import DataError
from runtime.market.file_names import hints_of
from runtime.market.identity import (
    IMPORTED_VENUE,
    UNNAMED_VENUES,
    DataOrigin,
    Identity,
    Market,
    PriceKind,
    Stated,
    place_of,
)
from runtime.market.imports.read import FileKind, Understood
from runtime.market.whose import is_another_contract, is_called

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said of all files: `alias` is what they call the symbol. None: they are to tell."""

    venue: str | None = None
    market: Market | None = None
    alias: str | None = None


def conclude(parts: Sequence[Understood], said: Said) -> tuple[Identity, tuple[str, ...]]:
    """Return what the series of some parts is, and what is to be said of that; DataError where they differ.

    The parts are of one kind, symbol and timeframe as they were read.
    """
    first = parts[0]
    notes: list[str] = []
    held = {part.name: known for part in parts if (known := _held(part)) is not None}
    for part in parts:
        if part.identity is not None:
            _refuse_other_kind(part, part.identity)
        else:
            _refuse_other_price(part)
        _refuse_other_symbol(part, said)
    venue = _venue(parts, held, said, notes)
    market = _market(parts, held, said, notes)
    made_up = [name for name, known in held.items() if known.is_made_up]
    if made_up and len(made_up) < len(parts):
        raise DataError(
            f"{made_up[0]}: is made up, the other files are not: one series is never both"
        )
    if made_up:
        notes.append("made up: a run on it is a run on made-up data")
    identity = Identity(
        venue=venue,
        market=market,
        symbol=first.symbol,
        timeframe=first.timeframe,
        origin=DataOrigin.MADE_UP if made_up else DataOrigin.IMPORTED,
        detail=", ".join(Path(part.name).name for part in parts),
        price=PriceKind.MARK if first.kind is FileKind.MARK else PriceKind.LAST,
    )
    return identity, tuple(notes)


def _held(part: Understood) -> Identity | None:
    """Return what a part itself says it is; of a place only that what lies there is made up."""
    place = place_of(Path(part.name))
    is_made_up = place is not None and place.is_made_up
    return part.identity or (place if is_made_up else None)


def _refuse_other_kind(part: Understood, held: Identity) -> None:
    """Refuse marks taken for trades, trades for marks, and bars of another length than they say."""
    if part.kind is FileKind.FUNDING:
        return
    if (part.kind is FileKind.MARK) != (held.price is PriceKind.MARK):
        hint = "give --mark" if held.price is PriceKind.MARK else "leave out --mark"
        raise DataError(f"{part.name}: holds {held.price} prices, its own metadata say: {hint}")
    if held.timeframe not in ("", part.timeframe):
        raise DataError(
            f"{part.name}: its own metadata say {held.timeframe}, its rows are {part.timeframe} apart"
        )


def _refuse_other_price(part: Understood) -> None:
    """Refuse what a name says to be marks, an index or another figure where it is to be another price."""
    price = hints_of(part.name).price
    is_mark = part.kind is FileKind.MARK
    if price is None or part.kind is FileKind.FUNDING or (is_mark and price == PriceKind.MARK):
        return
    if price == PriceKind.MARK:
        raise DataError(f"{part.name}: its name says mark prices: give --mark, or rename it")
    what = "marks are not" if is_mark else "bars of trades are not"
    raise DataError(
        f"{part.name}: its name says {price}, which {what}: import the traded prices, or rename it if its name is wrong"
    )


def _refuse_other_symbol(part: Understood, said: Said) -> None:
    for word, by in _symbols_of(part):
        if is_called(word, part.symbol) or (said.alias and is_called(word, said.alias)):
            continue
        raise DataError(
            f"{part.name}: {by} says {word}, it would be stored as {part.symbol}. If that is one "
            f"instrument under two names: --symbol {word}={part.symbol}; else --symbol {word}"
        )


def _symbols_of(part: Understood) -> Iterator[tuple[str, str]]:
    """Yield what says a part's symbol, but for its column, which was heard when it was read."""
    if part.identity is not None:
        if part.identity.symbol:
            yield part.identity.symbol, "its own metadata"
        return
    place = place_of(Path(part.name))
    if place is not None:
        yield place.symbol, "the folder it lies in"
    hinted = hints_of(part.name).other_than(part.symbol)
    if hinted is not None:
        yield hinted, "its name"


def _venue(
    parts: Sequence[Understood], held: Mapping[str, Identity], said: Said, notes: list[str]
) -> str:
    known = _one(
        "venue", {n: one.venue for n, one in held.items() if one.venue not in UNNAMED_VENUES}
    )
    hinted = _one("venue", {part.name: hints_of(part.name).venue for part in parts})
    if said.venue is None:
        return known or IMPORTED_VENUE
    if known is not None and known != said.venue:
        raise DataError(_otherwise("venue", parts, known, said.venue))
    if known is None and hinted is not None and not said.venue.startswith(hinted):
        notes.append(f"the name says {hinted}, you said {said.venue}")
    return said.venue


def _market(
    parts: Sequence[Understood], held: Mapping[str, Identity], said: Said, notes: list[str]
) -> Market:
    known = _one(
        "market", {n: one.market for n, one in held.items() if one.venue not in UNNAMED_VENUES}
    )
    hinted = _one("market", {part.name: hints_of(part.name).market for part in parts})
    if said.market is None and known is None and is_another_contract(parts[0].symbol):
        notes.append(f"{parts[0].symbol} names no perpetual: market other; --market says another")
        return Market.OTHER
    if said.market is None:
        if known is None and hinted not in (None, Market.LINEAR):
            notes.append(f"market {hinted} by the file's name; --market says another")
        return known or hinted or Market.LINEAR
    if known is not None and known != said.market:
        raise DataError(_otherwise("market", parts, known, said.market))
    if known is None and hinted not in (None, said.market):
        notes.append(f"the name says {hinted}, you said {said.market}")
    return said.market


def _otherwise(what: str, parts: Sequence[Understood], known: str, said: str) -> str:
    return (
        f"{parts[0].name}: is of {what} {known} by what it says itself, you say {said}: "
        f"leave out --{what}"
    )


def _one(what: str, words: Mapping[str, _Word | None]) -> _Word | None:
    """Return the word that all files say that say one, None where none does; DataError for two."""
    said = {name: word for name, word in words.items() if word is not None}
    if len(set(said.values())) > 1:
        listed = "; ".join(f"{name}: {word}" for name, word in said.items())
        raise DataError(f"files of more than one {what} never become one series: {listed}")
    return next(iter(said.values()), None)


def refuse_other_store(path: Path, stored: Identity, new: Identity) -> None:
    """Raise DataError where a stored file is not the series that is to be added to it."""
    pairs: Iterable[tuple[str, str, str]] = (
        ("symbol", stored.symbol, new.symbol),
        ("venue", stored.venue, new.venue),
        ("market", stored.market, new.market),
        ("price", stored.price, new.price),
    )
    for what, here, wanted in pairs:
        if stored.stated is Stated.METADATA and here and here != wanted:
            raise DataError(
                f"{path}: its metadata say {what} {here}, what is to be added is {wanted}: nothing was added"
            )
    if stored.is_made_up != new.is_made_up:
        which = "what is stored is" if stored.is_made_up else "what is to be added is"
        raise DataError(f"{path}: {which} made up, the other is not: one series is never both")
