"""What happens on the way besides orders: liquidation by mark, funding at its times.

The law: only said here, carried out elsewhere; said of a bar too often it costs time, too seldom money.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.account.ledger import Ledger
from runtime.backends.sim import funding
from runtime.backends.sim.marks import Marks
from runtime.backends.sim.parts import Part
from runtime.formulas.margin import is_liquidated
from runtime.formulas.path import SEGMENTS
from runtime.market.data import MarketData
from runtime.market.frame import Bar
from runtime.orders.order_spec import Effect


@dataclass(frozen=True, slots=True)
class SideEvents:
    """Looks at mark and funding of a run for its position."""

    ledger: Ledger
    data: MarketData
    marks: Marks

    def is_mark_beyond(self, t: int, before: float | None, danger: float | None) -> bool:
        """Return whether mark reaches `danger` between the last close (mark `before`) and this one."""
        position = self.ledger.position
        if position is None or danger is None:
            return False
        sign, marks = position.side.sign, self.marks
        if before is not None and is_liquidated(sign, before, danger):
            return True
        reached = is_liquidated(sign, marks.least(t, t + 1), danger)
        return reached or is_liquidated(sign, marks.most(t, t + 1), danger)

    def funding_is_due(self, start: int, interval_ms: int) -> bool:
        series = self.data.funding
        if series is None:
            return False
        return any(True for _ in funding.dues(series, self.marks, start, interval_ms))

    def on_path(self, part: Part) -> int:
        """Return how many things besides orders may happen: a liquidation, funding times."""
        found = self._is_reached(part.mark)
        return found + self.funding_is_due(part.ts, part.interval_ms)

    def hangs_on_path(self, part: Part) -> bool:
        """Return whether the mark of a funding time is that of a place inside the bar."""
        series = self.data.funding
        if series is None or self.ledger.position is None:
            return False
        due_times = funding.dues(series, self.marks, part.ts, part.interval_ms)
        return any(due.mark is None and due.place < SEGMENTS for due in due_times)

    def hangs_on_marks(self, last: Bar, mark: Bar) -> bool:
        """Return whether it may matter where mark was while last was at an order.

        Mark goes its own way, on borrowed money, and it liquidates what is held, or may liquidate what
        an entry in reach would hold.
        """
        corners = (last.open, last.high, last.low, last.close)
        if corners == (mark.open, mark.high, mark.low, mark.close) or self.ledger.leverage <= 1.0:
            return False
        # COST: most ways meet nobody, and two comparisons say so.
        if not self.ledger.book.could_fill(last.low, last.high):
            return False
        reached = self.ledger.book.get_fillable_orders(last)
        is_entered = any(order.spec.effect is Effect.OPEN for order in reached)
        return bool(reached) and (is_entered or self._is_reached(mark))

    def _is_reached(self, mark: Bar) -> bool:
        position, danger = self.ledger.position, self.ledger.liquidation_mark
        if position is None or danger is None:
            return False
        corners = (mark.open, mark.high, mark.low, mark.close)
        return any(is_liquidated(position.side.sign, corner, danger) for corner in corners)
