"""The store: a folder `data/<venue>/<symbol>/<timeframe>.parquet`, readable by anything.

The law: nothing is ever picked silently. Two different series that fit a request are an error that
lists them; the side series of a run (mark, funding) are those of the venue of its bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import DataError
from runtime.market.bar_files import identity_of
from runtime.market.identity import Identity, Market, misplaced
from runtime.market.timeframe import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One file of bars of a store, and what it says it is."""

    path: Path
    identity: Identity

    @property
    def venue(self) -> str:
        return self.identity.venue

    @property
    def symbol(self) -> str:
        return self.identity.symbol

    @property
    def timeframe(self) -> str:
        return self.identity.timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run asks a store for; None means: whatever there is, as long as it is one thing."""

    symbol: str
    timeframes: Sequence[str]  # the preferred one first
    venue: str | None = None
    market: Market | None = None


def store_path(
    store: Path, venue: str, symbol: str, timeframe: str, market: Market = Market.LINEAR
) -> Path:
    """Return where a series lies: perpetuals under the venue, other markets beside it."""
    folder = venue if market is Market.LINEAR else f"{venue}-{market}"
    return store / folder / symbol / f"{timeframe}.parquet"


def list_series(store: Path) -> list[StoredSeries]:
    """Return every series of a store, ordered by venue, market, symbol and timeframe length.

    A file that is linked to from elsewhere is one series, told from where it belongs.
    """
    found = [
        StoredSeries(path, identity_of(path))
        for path in store.glob("*/*/*.parquet")
        if path.stem in TIMEFRAMES
    ]
    once: dict[Path, StoredSeries] = {}
    for one in sorted(found, key=lambda s: (bool(misplaced(s.path, s.identity)), s.path)):
        once.setdefault(one.path.resolve(), one)
    return sorted(
        once.values(), key=lambda s: (s.venue, s.identity.market, s.symbol, TIMEFRAMES[s.path.stem])
    )


def choose_series(store: Path, request: Request) -> StoredSeries | None:
    """Return the one series that fits, on the first timeframe there is; None if nothing fits.

    DataError where series of several venues or markets fit: each trades at prices of its own.
    """
    fitting = [
        s
        for s in list_series(store)
        if s.symbol == request.symbol
        and s.timeframe in request.timeframes
        and request.venue in (None, s.venue)
        and request.market in (None, s.identity.market)
    ]
    kinds = sorted({(s.venue, s.identity.market) for s in fitting})
    if len(kinds) > 1:
        listed = "; ".join(
            f"--venue {venue} --market {market} ("
            + ", ".join(
                s.timeframe for s in fitting if (s.venue, s.identity.market) == (venue, market)
            )
            + ")"
            for venue, market in kinds
        )
        raise DataError(
            f"{store}: holds {request.symbol} of {len(kinds)} different markets; say which: {listed}"
        )
    order = {name: place for place, name in enumerate(request.timeframes)}
    chosen = min(fitting, key=lambda s: order[s.timeframe], default=None)
    if chosen is not None:
        _refuse_doubt(chosen, [s for s in fitting if s.timeframe == chosen.timeframe])
    return chosen


def _refuse_doubt(chosen: StoredSeries, alike: Sequence[StoredSeries]) -> None:
    """Raise DataError where two files say that they are one series, or one lies where another belongs."""
    if len(alike) > 1:
        listed = ", ".join(str(s.path) for s in alike)
        raise DataError(
            f"{len(alike)} files say that they are {chosen.identity.name} {chosen.timeframe}: {listed}. Move "
            "all but one out of the store, or give the one you mean: --data FILE"
        )
    wrong = misplaced(chosen.path, chosen.identity)
    if wrong:
        what, here, said = wrong[0]
        raise DataError(
            f"{chosen.path}: lies where {what} {here} belongs, its metadata say {said}: what lies beside it "
            "is not of it. Move it to its own folder"
        )


def side_file(bars: StoredSeries, name: str) -> Path | None:
    """Return a side series from the folder of the bars themselves; None if there is none."""
    path = bars.path.with_name(name)
    return path if path.exists() else None


def mark_files(bars: StoredSeries, timeframe: str) -> tuple[Path, ...]:
    """Return the mark series in the folder of the bars, in the order in which a run on a timeframe tries them.

    Its own comes first: it was made with the bars. Then finer ones, the finest in front, then coarser ones.
    """
    own = TIMEFRAMES[timeframe]

    def place(path: Path) -> tuple[bool, bool, int, str]:
        length = _length(path)
        return length != own, length > own, length, path.name

    return tuple(sorted(bars.path.parent.glob("mark_*.parquet"), key=place))


def _length(path: Path) -> int:
    """Return how long the bars are that a file says by its name to hold, 0 where it does not."""
    return TIMEFRAMES.get(path.stem.rpartition("_")[2], 0)
