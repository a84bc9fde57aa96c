"""The simulated exchange: the life of one exec bar, in the order `execution` lays down.

open: commands take effect · path: price walks the bar · funding · close: age, expire.
Nothing decided at a close acts before the next open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.settings import Intrabar
from compiler.graph.rule_graph import Settings
from runtime.account.ledger import Ledger
from runtime.backends.base import Emit
from runtime.backends.sim.alternatives import differ, is_contested, outcome_of
from runtime.backends.sim.arrival import arrive
from runtime.backends.sim.liquidation import liquidation_mark, take_over
from runtime.backends.sim.marks import Marks, marks_for
from runtime.backends.sim.path import Path, by_direction, by_nearest, high_first, other
from runtime.backends.sim.rules import Numbering, Rules, Used
from runtime.backends.sim.walk import Walk, ended
from runtime.consequences import after
from runtime.formulas.pnl import funding
from runtime.market.data import MarketData
from runtime.market.frame import Bar
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import CancelOrder, Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    FundingPaid,
    OrderCancelled,
    OrderSubmitted,
)
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side


@dataclass(frozen=True, slots=True)
class _Part:
    """One (finer) bar of an exec bar."""

    bar: Bar
    ts: int
    interval_ms: int
    is_first: bool


class SimulatedExchange:
    """Answers commands from bars. `ledger` is read; it changes only through `emit`.

    `flipped` are exec bars on which the other path is taken (to price ambiguity).
    """

    def __init__(
        self, ledger: Ledger, data: MarketData, instrument: Instrument, settings: Settings,
        emit: Emit, *, flipped: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        self.ledger = ledger
        self.data = data
        self.rules = Rules.of(instrument, settings)
        self.emit = emit
        self.flipped = flipped
        self.numbering = Numbering()
        self.marks: Marks = marks_for(data.exec, data.mark)
        self.ambiguous_bars: list[int] = []
        self.ambiguous_decisions = 0
        self.fallback_bars = 0  # exec bars without finer bars under `magnify`
        self._queue: list[Command] = []
        self._fine_row = 0
        # COST: kept between bars, because fills happen only while a bar is walked.
        self._danger = liquidation_mark(ledger)

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands decided at a close; they arrive at the next open."""
        self._queue.extend(commands)

    # ------------------------------------------------------------ one bar

    def step(self, t: int) -> None:
        """Live through exec bar t: open, path, funding, close."""
        frame = self.data.exec
        if self._queue or self._could_matter(t, frame.low[t], frame.high[t]):
            used = Used()
            for part in self._parts(t):
                self._bar(t, part, used)
                used = used.next_part()
        self._funding(t)
        self._close(t, frame.close_time(t))

    def _could_matter(self, t: int, low: float, high: float) -> bool:
        """COST: most bars reach no order and no liquidation; a few comparisons settle that."""
        return self.ledger.book.could_fill(low, high) or self._is_mark_beyond(t, low, high)

    def _is_mark_beyond(self, t: int, low: float, high: float) -> bool:
        """Return whether mark reaches the liquidation price while last moves in [low, high]."""
        danger = self._danger
        if danger is None or self.ledger.position is None:
            return False
        if self.ledger.position.side is Side.BUY:
            return low + self.marks.low_shift[t] <= danger
        return high + self.marks.high_shift[t] >= danger

    def _opens_liquidated(self, t: int, bar: Bar) -> bool:
        """Return whether mark, as far from last as at the close before, opens beyond liquidation."""
        position, danger = self.ledger.position, self._danger
        if position is None or danger is None or not self._is_mark_beyond(t, bar.low, bar.high):
            return False
        basis = self.marks.close[t - 1] - self.data.exec.close[t - 1] if t else 0.0
        return position.side.sign * (bar.open + basis - danger) <= 0

    def _parts(self, t: int) -> Iterator[_Part]:
        frame = self.data.exec
        start, end = frame.ts[t], frame.close_time(t)
        fine = (
            self.data.fine if self.rules.settings.execution.intrabar == Intrabar.MAGNIFY else None
        )
        if fine is not None:
            first = self._first_fine(start)
            rows = []
            while first < len(fine) and fine.ts[first] < end:
                rows.append(first)
                first += 1
            # A hole among the finer bars would hide what happened in it: the coarse bar knows.
            if len(rows) * fine.interval_ms == end - start:
                for row in rows:
                    part = _Part(fine.bar(row), fine.ts[row], fine.interval_ms, row == rows[0])
                    yield part
                return
        if self.rules.settings.execution.intrabar == Intrabar.MAGNIFY:
            self.fallback_bars += 1
        yield _Part(frame.bar(t), start, frame.interval_ms, True)

    def _first_fine(self, start: int) -> int:
        fine = self.data.fine
        assert fine is not None
        row = self._fine_row
        while row < len(fine) and fine.ts[row] < start:
            row += 1
        self._fine_row = row
        return row

    def _bar(self, t: int, part: _Part, used: Used) -> None:
        opening = self._walk(t, part, by_direction(part.bar), self.ledger, self.emit, used)
        opening.price, opening.at, opening.is_open = part.bar.open, 0.0, True
        if self._opens_liquidated(t, part.bar):
            # PESSIMISTIC: a gap beyond liquidation takes the position before any order can act.
            take_over(opening)
        if part.is_first and self._queue:
            commands, self._queue = self._queue, []
            for command in commands:
                arrive(opening, command)
        self._danger = liquidation_mark(self.ledger)
        self._travel(t, part, used)
        self._danger = liquidation_mark(self.ledger)

    def _walk(
        self, t: int, part: _Part, path: Path, ledger: Ledger, emit: Emit, used: Used
    ) -> Walk:
        return Walk(
            self.rules, ledger, emit, self.numbering, used, part.bar, path, t, part.ts,
            part.interval_ms, self.marks.low_shift[t], self.marks.high_shift[t],
        )  # fmt: skip

    def _travel(self, t: int, part: _Part, used: Used) -> None:
        """Walk the path of one (finer) bar, or the chosen one of two."""
        bar, ledger = part.bar, self.ledger
        if not self._could_matter(t, bar.low, bar.high):
            return
        policy = self.rules.settings.execution.intrabar
        match policy:
            case Intrabar.DIRECTION | Intrabar.MAGNIFY:
                path = by_direction(bar)
            case Intrabar.NEAREST:
                path = by_nearest(bar)
            case Intrabar.ADVERSE | Intrabar.FAVOURABLE:
                path = high_first(bar)  # the tie
            case _:
                assert_never(policy)
        is_liquidated = self._is_mark_beyond(t, bar.low, bar.high)
        if is_contested(ledger, bar, used, is_liquidated=is_liquidated):
            path = self._choose(t, part, used, path, policy)
        elif t in self.flipped:
            path = other(path)
        self._walk(t, part, path, ledger, self.emit, used).run()

    def _choose(self, t: int, part: _Part, used: Used, path: Path, policy: Intrabar) -> Path:
        """Try both paths on copies, count the bar if they differ, and return the one to take."""

        def go(way: Path, copy: Ledger, emit: Emit, spent: Used) -> None:
            # Ids given out on a trial are given out again: only one path becomes real.
            before = self.numbering.executions
            self._walk(t, part, way, copy, emit, spent).run()
            self.numbering.executions = before

        ways = (path, other(path))
        mine, theirs = (outcome_of(w, self.ledger, used, part.bar.close, go) for w in ways)
        if differ(mine, theirs):
            self.ambiguous_decisions += 1
            if not self.ambiguous_bars or self.ambiguous_bars[-1] != t:
                self.ambiguous_bars.append(t)
        takes_other = False
        if policy == Intrabar.ADVERSE:
            takes_other = theirs.equity < mine.equity
        elif policy == Intrabar.FAVOURABLE:
            takes_other = theirs.equity > mine.equity
        return ways[takes_other != (t in self.flipped)]

    # ------------------------------------------------------------ funding, close, end

    def _funding(self, t: int) -> None:
        series, position = self.data.funding, self.ledger.position
        if series is None or position is None:
            return
        frame = self.data.exec
        first = bisect_right(series.ts, frame.ts[t])
        for row in range(first, bisect_right(series.ts, frame.close_time(t))):
            mark, rate = self.marks.close[t], series.rate[row]
            base = self.rules.instrument.base(position.quantity)
            amount = funding(position.side.sign, base, mark, rate)
            self.emit(
                FundingPaid(
                    symbol=position.symbol, rate=rate, mark=mark, amount=amount, bar=t,
                    ts=series.ts[row],
                )
            )  # fmt: skip

    def _close(self, t: int, ts: int) -> None:
        mark = self.marks.close[t]
        event = BarClosed(bar=t, ts=ts, close=self.data.exec.close[t], mark=mark)
        self.emit(event)
        for command in after(event, self.ledger):
            assert isinstance(command, CancelOrder)
            self.emit(ended(command, t, ts))

    def end_of_data(self, t: int) -> None:
        """Cancel what still works; close the position at the last close if the card says so."""
        ts = self.data.exec.close_time(t)
        self._queue = []
        position = self.ledger.position
        closes = self.rules.settings.execution.close_at_end and position is not None
        for order in list(self.ledger.book):
            self.emit(OrderCancelled(order_id=order.order_id, reason="end_of_data", bar=t, ts=ts))
        if not closes or position is None:
            return
        spec = OrderSpec(
            order_id=self.ledger.made_id(), symbol=position.symbol, side=position.side.opposite,
            effect=Effect.REDUCE, order_type=OrderType.MARKET, quantity=position.quantity,
            role=Role.CLOSE_AT_END, reduce_only=True, created_bar=t, created_at=ts,
            reason="close_at_end",
        )  # fmt: skip
        self.emit(OrderSubmitted(spec=spec, bar=t, ts=ts))
        part = _Part(_at_close(self.data.exec.bar(t)), ts, 0, True)
        walk = self._walk(t, part, by_direction(part.bar), self.ledger, self.emit, Used())
        walk.price, walk.at, walk.is_open = part.bar.close, 3.0, True
        arrive(walk, SubmitOrder(spec=spec))


def _at_close(bar: Bar) -> Bar:
    return Bar(bar.close, bar.close, bar.close, bar.close, bar.volume)
