"""A found path on disk: bars that `ideacard backtest CARD --data FILE` takes, and what they show.

INVARIANT: the bars that are read back are bit-identical to those that were found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from runtime.market.bar_files import content_hash, write_bars
from runtime.market.identity import MADE_UP_VENUE, DataOrigin, Identity, Market
from runtime.market.whole_files import write_whole
from runtime.testing.search import Found


@dataclass(frozen=True, slots=True)
class Reproducer:
    """Where a path was saved: `bars` (Parquet) and `notes` (JSON) beside it."""

    bars: Path
    notes: Path


def save(
    found: Found, folder: Path, *, card: str, graph_hash: str, seed: int, line: int = 0
) -> Reproducer:
    """Write the bars of a finding and a JSON that says what breaks where.

    The name is the card's and a hash of the bars, so the same finding is the same file. `line` is
    where the card makes the promise, 0 for a built-in one.
    """
    frame, broken = found.data.exec, found.broken
    digest = content_hash(frame)
    stem = f"{card}-{broken.promise}-{digest[:8]}"
    bars, notes = folder / f"{stem}.parquet", folder / f"{stem}.json"
    identity = Identity(
        venue=MADE_UP_VENUE,
        market=Market.LINEAR,
        symbol=frame.symbol,
        timeframe=frame.timeframe,
        origin=DataOrigin.MADE_UP,
        detail=f"search seed {seed}",
    )
    write_bars(frame, bars, identity)
    told = {
        "card": card,
        "graph_hash": graph_hash,
        "symbol": frame.symbol,
        "timeframe": frame.timeframe,
        "bars": len(frame),
        "warmup_bars": found.warmup_bars,
        "bars_hash": digest,
        "seed": seed,
        "broken": {
            "promise": broken.promise,
            "how": broken.how,
            "text": broken.text,
            "bar": broken.bar,
            "ts": broken.ts,
            "line": line,
        },
    }
    write_whole(notes, json.dumps(told, indent=2) + "\n")
    return Reproducer(bars, notes)
