"""What a run is compared by: its studentised timing, and how few mirrored runs do as well.

    T = Σ(x − e·r̄) / √Σ(x − e·r̄)²

over the bars of a run, with x the log change of equity, e the signed exposure (position value over equity) and r̄ the
market's mean log return. A market that only rises gives a card that is only long no credit for it.

p = (1 + #{T* ≥ T}) / (B + 1) over B mirrors (Phipson & Smyth 2010, Davison & Hinkley 1997); drawing stops early after
`ENOUGH` mirrors that do as well, with p = ENOUGH / drawn (Besag & Clifford 1991): a large p needs no precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from runtime.features.elementary import log
from runtime.formulas.sums import total
from runtime.market.frame import Frame
from runtime.records.rows import RunRecord

ENOUGH = 50
_NOTHING = 1e-12  # of the starting equity: an account this small is lost


@dataclass(frozen=True, slots=True)
class Timing:
    """Figures of one run. `t` is None where nothing was ever held; `net` is the log growth of equity."""

    t: float | None
    net: float
    trades: int
    error: float  # √Σ(x − e·r̄)², log units

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
    rows = record.equity
    done = sum(1 for trade in record.trades if not trade.is_open)
    parts: list[float] = []
    before, held_before, price_before = start, 0.0, 0.0
    for equity, held, price in zip(rows.equity, rows.position, frame.close, strict=True):
        change = _log_change(equity, before, start)
        # What was closed inside the bar was held in it, too.
        quantity, value = (held, price) if held else (held_before, price_before)
        exposure = quantity * value / before if before > start * _NOTHING else 0.0
        parts.append(change - exposure * mean)
        before, held_before, price_before = max(equity, start * _NOTHING), held, price
    spread = sqrt(total(part * part for part in parts))
    net = log(before / start)
    return Timing(total(parts) / spread if spread > 0.0 else None, net, done, spread)


def _log_change(equity: float, before: float, start: float) -> float:
    least = start * _NOTHING
    return log(max(equity, least) / max(before, least)) if equity != before else 0.0


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
