"""Funding: each funding time on its own, by who holds at that point of the way, at the mark of then.

The law: a time at the close is paid after the bar was matched; a time in a hole of the data before
the next bar jumps, by who held through the hole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from runtime.account.ledger import Ledger
from runtime.backends.base import Emit
from runtime.backends.sim.marks import Marks
from runtime.formulas import pnl
from runtime.formulas.path import place_of
from runtime.market.data import FundingSeries
from runtime.orders.events import FundingPaid


@dataclass(frozen=True, slots=True)
class Due:
    """A funding time: where on the bar's path, when (ms UTC), at what rate.

    `mark` is the open of the mark bar that starts then; None: mark as it goes along the path.
    """

    place: float
    ts: int
    rate: float
    mark: float | None


def dues(series: FundingSeries, marks: Marks, start: int, interval_ms: int) -> Iterator[Due]:
    """Yield the funding times in (start, start + interval_ms], in order."""
    end = start + interval_ms
    for row in range(bisect_right(series.ts, start), bisect_right(series.ts, end)):
        ts = series.ts[row]
        place = place_of(float(ts), float(start), float(interval_ms))
        yield Due(place, ts, series.rate[row], marks.starting_at(ts))


def is_due(series: FundingSeries, start: int, interval_ms: int) -> bool:
    """Return whether a funding time lies in (start, start + interval_ms]."""
    row = bisect_right(series.ts, start)
    return row < len(series.ts) and series.ts[row] <= start + interval_ms


def pay(ledger: Ledger, emit: Emit, due: Due, mark: float, bar: int) -> None:
    """Settle one funding time with who holds now, at a mark price; `bar` is the exec bar."""
    position = ledger.position
    if position is None:
        return
    base = ledger.instrument.base(position.quantity)
    amount = pnl.funding(position.side.sign, base, mark, due.rate)
    emit(
        FundingPaid(
            symbol=position.symbol, rate=due.rate, mark=mark, amount=amount, bar=bar, ts=due.ts
        )
    )
