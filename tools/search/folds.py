"""How a history is cut for a walk forward: stretches to choose on, each with the stretch behind it to look at.

The law: what is looked at lies behind all that was chosen on, and no bar is looked at twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.findings.errors import IdeaCardError
from tools.search.jobs import Stretch

_UNITS = {"d": 24 * 3_600_000, "h": 3_600_000, "w": 7 * 24 * 3_600_000}


@dataclass(frozen=True, slots=True)
class Lengths:
    """Bars to choose on and bars to look at. `anchored`: every stretch to choose on begins with the first bar."""

    train: int
    test: int
    anchored: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """One fold: rows to choose on, and the rows behind them."""

    train: Stretch
    test: Stretch

    def purged(self, bars: int) -> Stretch | None:
        """Return the rows to look at without the first `bars`; None where nothing is left."""
        first = self.test.first + bars
        return Stretch(first, self.test.stop) if first < self.test.stop else None


def bars_of(text: str, interval_ms: int) -> int:
    """Return the bars of a length as people write it: `90d`, `4w`, `12h`, `2000` (bars); IdeaCardError otherwise."""
    found = re.fullmatch(r"\s*(\d+)\s*([dhw]?)\s*", text)
    bars = 0
    if found is not None:
        number, unit = int(found[1]), found[2]
        bars = number * _UNITS[unit] // interval_ms if unit else number
    if bars < 1:
        raise IdeaCardError(f"`{text}` is no length: write 90d, 4w, 12h, or a number of bars")
    return bars


def cuts(whole: Stretch, lengths: Lengths) -> list[Cut]:
    """Return the folds of a history from its beginning on; IdeaCardError where it is too short for one.

    Bars at the end that do not fill a fold are left over.
    """
    made = list[Cut]()
    split = whole.first + lengths.train
    while split + lengths.test <= whole.stop:
        first = whole.first if lengths.anchored else split - lengths.train
        made.append(Cut(Stretch(first, split), Stretch(split, split + lengths.test)))
        split += lengths.test
    if not made:
        raise IdeaCardError(
            f"{whole.stop - whole.first:,} bars hold no fold of {lengths.train:,} to choose on and "
            f"{lengths.test:,} to look at: write a shorter --train or --test"
        )
    return made
