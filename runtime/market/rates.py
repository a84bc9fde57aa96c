"""Funding rates as a store keeps them: CSV in which every row says whose rate it is and how it came here.

The law: rates say what they are as bars do. What was imported once is never taken for a download, whatever is
downloaded beside it; a file without these columns says nothing, and its place speaks for it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import DataError
from runtime.market.identity import DataOrigin, Identity, Market, parse_series
from runtime.market.whole_files import whole

FUNDING_FILE = "funding.csv"
_COLUMNS = ("ts", "funding_rate", "series", "source")
_SAID = frozenset(_COLUMNS)
_BY = " from "  # imported from rates.csv
# The weakest word of a row is the file's.
_WEAKEST = (DataOrigin.MADE_UP, DataOrigin.IMPORTED, DataOrigin.FILE, DataOrigin.DOWNLOADED)


@dataclass(frozen=True, slots=True)
class StoredRate:
    """One settlement as it is written: a fraction in the venue's digits, and how it came here (empty: unsaid)."""

    rate: str
    source: str


def source_of(identity: Identity) -> str:
    """Return how rates came here, in words: `downloaded`, `imported from rates.csv`."""
    by = _BY + identity.detail if identity.origin is DataOrigin.IMPORTED and identity.detail else ""
    return f"{identity.origin}{by}"


def write_rates(path: Path, rates: Iterable[tuple[int, StoredRate]], identity: Identity) -> None:
    """Write (settlement time in ms UTC, rate) as rates of a series; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial, partial.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(_COLUMNS)
        writer.writerows((ts, one.rate, identity.name, one.source) for ts, one in rates)


def stored_rates(path: Path) -> dict[int, StoredRate]:
    """Return the settlements of a file of a store, none where there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as handle:
        return {
            int(row["ts"]): StoredRate(row["funding_rate"], row.get("source") or "")
            for row in csv.DictReader(handle)
        }


def rates_identity(path: Path) -> Identity | None:
    """Return what a file of rates says it is; None where it, or one of its rows, names no series.

    DataError for rows of two series.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle)
            if not set(reader.fieldnames or ()) >= _SAID:
                return None
            said = list(dict.fromkeys((row["series"], row["source"]) for row in reader))
    except (OSError, ValueError, csv.Error):
        return None  # reading the rates will say what is wrong with the file
    names = sorted({series or "" for series, _ in said})
    origins = {_origin(source or "") for _, source in said}
    if "" in names or not names:
        return None
    if len(names) > 1:
        raise DataError(f"{path}: holds rates of {len(names)} series: {', '.join(names)}")
    venue, market, symbol = parse_series(names[0])
    return Identity(
        venue=venue or "",
        market=market or Market.LINEAR,
        symbol=symbol,
        timeframe="",
        origin=next(origin for origin in _WEAKEST if origin in origins),
        detail=", ".join(source.partition(_BY)[2] for _, source in said if _BY in (source or "")),
    )


def _origin(source: str) -> DataOrigin:
    word = source.partition(_BY)[0]
    return DataOrigin(word) if word in tuple(DataOrigin) else DataOrigin.FILE


__all__ = [
    "FUNDING_FILE",
    "StoredRate",
    "rates_identity",
    "source_of",
    "stored_rates",
    "write_rates",
]
