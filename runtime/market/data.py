"""Everything one run needs to know about the market, in one value."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace

from runtime.market.frame import Frame
from runtime.market.identity import Identity


@dataclass(slots=True)
class FundingSeries:
    """Funding settlements: time in ms UTC and rate as a fraction (longs pay when positive)."""

    ts: array[int] = field(default_factory=lambda: array("q"))
    rate: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class SideSeries:
    """Where a side series came from: the name of its file, and what that file is."""

    file: str
    identity: Identity


@dataclass(slots=True)
class MarketData:
    """Feeds of one run.

    `exec` is the traded symbol on the execution timeframe. `frames` holds any further feed by
    (symbol, timeframe); a missing higher timeframe of the traded symbol is resampled from `exec`.
    `mark` is a mark-price feed of any timeframe that divides or equals exec's, or is coarser
    (then its bar applies to the exec bars inside it). `fine` is the feed for `intrabar: magnify`.
    `first` is the exec row on which trading starts: earlier rows only warm up what the card reads; `before` is how
    many such rows were left out.
    `identity` says which series the bars are, `sides` where marks, funding and finer bars came from, by name.
    `notes` say what is missing or was repaired; they end up in the result.
    """

    exec: Frame
    frames: dict[tuple[str, str], Frame] = field(default_factory=dict)
    mark: Frame | None = None
    funding: FundingSeries | None = None
    fine: Frame | None = None
    content_hash: str = ""
    source: str = ""
    synthetic: bool = False
    identity: Identity | None = None
    sides: dict[str, SideSeries] = field(default_factory=dict)
    first: int = 0
    before: int = 0
    notes: tuple[str, ...] = ()

    def traded(self) -> MarketData:
        """Return the same feeds without the bars that only warm up: what a report is about."""
        if not self.first:
            return self
        return replace(self, exec=self.exec.rows(self.first), first=0, before=self.first)

    def cold(self, warmup_bars: int) -> int:
        """Return how many traded bars, the first ones, still warm up a card that asks for so many bars."""
        return max(0, warmup_bars - 1 - self.first - self.before)
