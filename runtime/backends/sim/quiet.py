"""Bars that pass by: of which an account with what it holds and has working notices nothing but the close.

The law: said of a bar only where walking it would tell no event but `BarClosed`, and that would demand
nothing. Never said is always right, it only takes longer.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.account.ledger import Ledger
from runtime.backends.sim.holes import Hole
from runtime.backends.sim.marks import Marks
from runtime.consequences import first_close_that_demands
from runtime.formulas.margin import is_liquidated
from runtime.market.data import MarketData
from runtime.orders.order_spec import Side

_TOGETHER = 64  # bars that are looked at together


@dataclass(slots=True)
class Quiet:
    """Looks ahead over the bars of a run. What only events change is looked at after events alone."""

    ledger: Ledger
    data: MarketData
    marks: Marks
    holes: Sequence[Hole]
    _changes: int = -1
    _falls: float = -math.inf
    _rises: float = math.inf
    _demands: float = math.inf
    _danger: float | None = None

    def until(self, t: int, stop: int, before: float | None, mark_before: float | None) -> int:
        """Return the first bar of [t, stop) that may not pass by, `stop` if all do.

        `before` and `mark_before` are the last traded close and the last mark before t. No event comes
        before the bar that is returned.
        """
        if self.ledger.changes != self._changes:
            self._survey()
        if before is not None and (self._falls >= before or self._rises <= before):
            return t
        stop = self._without_funding(t, int(min(stop, max(t, self._demands))))
        stop = self._without_liquidation_in_a_hole(t, stop)
        at = t
        while at < stop:
            end = min(at + _TOGETHER, stop)
            if self._reach(at, end):
                at = self._first_reached(at, end)
                break
            at = end
        return t if at > t and self._is_liquidated(t, at, mark_before) else at

    def _survey(self) -> None:
        ledger = self.ledger
        self._changes = ledger.changes
        self._falls, self._rises = ledger.book.reach()
        self._demands = first_close_that_demands(ledger)
        self._danger = ledger.liquidation_mark

    def _reach(self, start: int, stop: int) -> bool:
        """Return whether the bars [start, stop), or the jump to the next one, may meet an order."""
        bars = self.data.exec
        if self._falls > -math.inf:
            if (
                min(bars.low[start:stop]) <= self._falls
                or min(bars.close[start:stop]) <= self._falls
            ):
                return True
        if self._rises < math.inf:
            if max(bars.high[start:stop]) >= self._rises:
                return True
            return max(bars.close[start:stop]) >= self._rises
        return False

    def _first_reached(self, start: int, stop: int) -> int:
        """Return the first of the bars [start, stop) that `_reach` is true of, alone."""
        bars, falls, rises = self.data.exec, self._falls, self._rises
        lows, highs, closes = bars.low, bars.high, bars.close
        for at in range(start, stop):
            if lows[at] <= falls or highs[at] >= rises or not falls < closes[at] < rises:
                return at
        return stop

    def _is_liquidated(self, start: int, stop: int, before: float | None) -> bool:
        """Return whether mark may come to the liquidation level in the bars [start, stop)."""
        position, danger = self.ledger.position, self._danger
        if position is None or danger is None:
            return False
        if before is not None and is_liquidated(position.side.sign, before, danger):
            return True
        is_long = position.side is Side.BUY
        worst = (self.marks.least if is_long else self.marks.most)(start, stop)
        return is_liquidated(position.side.sign, worst, danger)

    def _without_funding(self, t: int, stop: int) -> int:
        """Return the first bar from t on with a funding time in it or in the hole before it."""
        series, bars = self.data.funding, self.data.exec
        if series is None or self.ledger.position is None:
            return stop
        row = bisect_right(series.ts, bars.close_time(t - 1) if t else bars.ts[t])
        if row == len(series.ts):
            return stop
        return bisect_left(bars.ts, series.ts[row] - bars.interval_ms, t, max(t, stop))

    def _without_liquidation_in_a_hole(self, t: int, stop: int) -> int:
        """Return the first bar of [t, stop) behind a hole in which mark comes to the liquidation level."""
        position, danger = self.ledger.position, self._danger
        if position is None or danger is None:
            return stop
        is_long = position.side is Side.BUY
        for hole in self.holes[bisect_left(self.holes, t, key=_bar_behind) :]:
            if hole.bar >= stop:
                break
            worst = hole.least if is_long else hole.most
            if is_liquidated(position.side.sign, worst, danger):
                return hole.bar
        return stop


def _bar_behind(hole: Hole) -> int:
    return hole.bar
