"""What a run is compared by: its studentised timing, and how few mirrored runs do as well.

    T = Σ(x − e·r̄) / √Σ(x − e·r̄)²

over the bars of a run, with x the log change of equity, e the signed exposure (position value over equity) and r̄ the
market's mean log return. A market that only rises gives a card that is only long no credit for it.

p = (1 + #{T* ≥ T}) / (B + 1) over B mirrors (Phipson & Smyth 2010, Davison & Hinkley 1997); drawing stops early after
`ENOUGH` mirrors that do as well, with p = ENOUGH / drawn (Besag & Clifford 1991): a large p needs no precision.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from runtime.market.frame import Frame
from runtime.records.rows import RunRecord
from tools.search import kernels
from tools.search.calls import call_timing

ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Timing:
    """Figures of one run. `t` is None where nothing was ever held; `net` is the log growth of equity."""

    t: float | None
    net: float
    trades: int
    error: float  # √Σ(x − e·r̄)², log units

    @classmethod
    def of(cls, numbers: Sequence[float], trades: int) -> Timing:
        """Return what `kernels.timing` has written; `trades` are those that the card or the market closed."""
        held = numbers[kernels.HELD] == 1.0 and numbers[kernels.ERROR] > 0.0
        t = numbers[kernels.T] if held else None
        return cls(t, numbers[kernels.NET], trades, numbers[kernels.ERROR])

    def detectable_bp(self) -> float | None:
        """Return the mean edge of a trade, in basis points of equity, that four runs of five would show at 5 %.

        (1.645 + 0.842) · √Σ(x − e·r̄)² / trades; about, where returns are skewed.
        """
        return 1e4 * (1.645 + 0.842) * self.error / self.trades if self.trades else None


def timing(record: RunRecord, frame: Frame, start: float, mean: float) -> Timing:
    """Return what a run's equity says of its timing.

    `frame` holds the traded bars, one per row of the record; `start` is the starting equity, `mean` the market's
    mean log return.
    """
    rows, out = record.equity, array("d", bytes(8 * kernels.TIMING_WIDTH))
    equity, held = array("d", rows.equity), array("d", rows.position)
    call_timing(equity, held, frame.close, start, mean, out, 0, len(equity))
    return Timing.of(out, sum(1 for t in record.trades if not t.is_open and not t.at_end))


@dataclass(frozen=True, slots=True)
class Luck:
    """How the mirrors did. `as_well` of `drawn` had a T of at least `t`; `stopped` before the last for many."""

    t: float
    drawn: int
    as_well: int
    stopped: bool
    values: tuple[float, ...]  # T of each mirror; of one that held nothing 0

    @property
    def p(self) -> float:
        if self.stopped:
            return self.as_well / self.drawn
        return (1 + self.as_well) / (self.drawn + 1)

    @property
    def uncertainty(self) -> float:
        """Return the standard error of p that comes from drawing so few."""
        return sqrt(self.p * (1.0 - self.p) / self.drawn)

    def sentence(self) -> str:
        """Return what may be said of it, under the law of `words`."""
        return (
            f"On {self.drawn} mirrored markets (same volatility at the same hours, ups and downs exchanged by coin) this "
            f"card did as well in {self.as_well}: p = {self.p:.3f} ± {self.uncertainty:.3f}."
        )


def compare(t: float, mirrored: Iterable[Timing], enough: int = ENOUGH) -> Luck:
    """Draw mirrors until there are no more or enough of them do as well."""
    values: list[float] = []
    as_well = 0
    for one in mirrored:
        value = 0.0 if one.t is None else one.t
        values.append(value)
        as_well += value >= t
        if as_well >= enough:
            return Luck(t, len(values), as_well, True, tuple(values))
    return Luck(t, len(values), as_well, False, tuple(values))


def best_of(each: Sequence[Sequence[float]]) -> list[float]:
    """Return per mirror the best T of all variants (Westfall & Young 1993: the maximum carries the search)."""
    return [max(row) for row in zip(*each, strict=True)]
