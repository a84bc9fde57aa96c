"""The simulated exchange: the life of one exec bar, in the order `execution` lays down.

open: commands take effect · path: price walks the bar · funding · close: age, expire.
Nothing decided at a close acts before the next open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.graph import Settings
from runtime.account import funding_amount
from runtime.backends.base import Emit
from runtime.backends.sim.arrival import arrive
from runtime.backends.sim.marks import Marks, marks_for
from runtime.backends.sim.path import Path, by_direction, by_nearest, high_first, low_first, other
from runtime.backends.sim.rules import Numbering, Rules, Used
from runtime.backends.sim.walk import Walk
from runtime.instrument import Instrument
from runtime.ledger import Ledger
from runtime.market.data import MarketData
from runtime.market.frame import Bar
from runtime.orders.commands import Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    FundingPaid,
    OrderCancelled,
    OrderExpired,
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

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands decided at a close; they arrive at the next open."""
        self._queue.extend(commands)

    # ------------------------------------------------------------ one bar

    def step(self, t: int) -> None:
        """Live through exec bar t: open, path, funding, close."""
        frame = self.data.exec
        if self._queue or self._could_matter(t):
            for part in self._parts(t):
                self._bar(t, part)
        self._funding(t)
        self._close(t, frame.close_time(t))

    def _could_matter(self, t: int) -> bool:
        """COST: most bars reach no order; four comparisons settle that."""
        frame = self.data.exec
        if self.ledger.book.could_fill(frame.low[t], frame.high[t]):
            return True
        position = self.ledger.position
        # Without borrowed money only a short can be liquidated: price may double, not fall below 0.
        return position is not None and (self.ledger.leverage > 1.0 or position.side is Side.SELL)

    def _parts(self, t: int) -> Iterator[_Part]:
        frame = self.data.exec
        start, end = frame.ts[t], frame.close_time(t)
        fine = self.data.fine if self.rules.settings.execution.intrabar == "magnify" else None
        if fine is not None:
            first = self._first_fine(start)
            rows = []
            while first < len(fine) and fine.ts[first] < end:
                rows.append(first)
                first += 1
            if rows:
                for row in rows:
                    part = _Part(fine.bar(row), fine.ts[row], fine.interval_ms, row == rows[0])
                    yield part
                return
        if self.rules.settings.execution.intrabar == "magnify":
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

    def _bar(self, t: int, part: _Part) -> None:
        used = Used()
        if part.is_first and self._queue:
            commands, self._queue = self._queue, []
            opening = self._walk(t, part, by_direction(part.bar), self.ledger, self.emit, used)
            opening.price, opening.at, opening.is_open = part.bar.open, 0.0, True
            for command in commands:
                arrive(opening, command)
        self._travel(t, part, used)

    def _walk(
        self, t: int, part: _Part, path: Path, ledger: Ledger, emit: Emit, used: Used
    ) -> Walk:
        return Walk(
            self.rules, ledger, emit, self.numbering, used, part.bar, path, t, part.ts,
            part.interval_ms, self.marks.low_shift[t], self.marks.high_shift[t],
        )  # fmt: skip

    def _travel(self, t: int, part: _Part, used: Used) -> None:
        """Walk the path of one (finer) bar, or the chosen one of two."""
        policy = self.rules.settings.execution.intrabar
        if (
            not self.ledger.book.could_fill(part.bar.low, part.bar.high)
            and not self.ledger.position
        ):
            return
        if policy in ("adverse", "favourable"):
            self._choose(t, part, used, policy)
            return
        path = by_nearest(part.bar) if policy == "nearest" else by_direction(part.bar)
        if t in self.flipped:
            path = other(path)
        if self._is_contested(part.bar):
            mine, theirs = (self._try(t, part, p, used) for p in (path, other(path)))
            self._count(t, mine, theirs)
        self._walk(t, part, path, self.ledger, self.emit, used).run()

    def _is_contested(self, bar: Bar) -> bool:
        """Return whether the order of events inside the bar may matter at all."""
        reached = self.ledger.book.get_fillable_orders(bar)
        if len(reached) > 1:
            return True
        return any(
            o.spec.effect is Effect.OPEN and (o.stop_loss is not None or o.take_profit is not None)
            for o in reached
        )

    def _try(self, t: int, part: _Part, path: Path, used: Used) -> tuple[list[Event], Ledger]:
        """Walk a path on a copy; returns the events and the copy."""
        copy = self.ledger.clone()
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            copy.apply(event)

        before = (self.numbering.executions, self.numbering.orders)
        self._walk(t, part, path, copy, emit, used.clone()).run()
        self.numbering.executions, self.numbering.orders = before
        copy.close = part.bar.close
        return events, copy

    def _choose(self, t: int, part: _Part, used: Used, policy: str) -> None:
        high = self._try(t, part, high_first(part.bar), used)
        low = self._try(t, part, low_first(part.bar), used)
        self._count(t, high, low)
        better_low = low[1].equity > high[1].equity
        worse_low = low[1].equity < high[1].equity
        wants_low = worse_low if policy == "adverse" else better_low
        if t in self.flipped:
            wants_low = not wants_low
        path = low_first(part.bar) if wants_low else high_first(part.bar)
        self._walk(t, part, path, self.ledger, self.emit, used).run()

    def _count(
        self, t: int, one: tuple[list[Event], Ledger], two: tuple[list[Event], Ledger]
    ) -> None:
        if _outcome(one[1]) != _outcome(two[1]):
            self.ambiguous_decisions += 1
            if not self.ambiguous_bars or self.ambiguous_bars[-1] != t:
                self.ambiguous_bars.append(t)

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
            amount = funding_amount(position.side, base, mark, rate)
            self.emit(
                FundingPaid(
                    symbol=position.symbol, rate=rate, mark=mark, amount=amount, bar=t,
                    ts=series.ts[row],
                )
            )  # fmt: skip

    def _close(self, t: int, ts: int) -> None:
        mark = self.marks.close[t]
        self.emit(BarClosed(bar=t, ts=ts, close=self.data.exec.close[t], mark=mark))
        if not len(self.ledger.book):
            return
        for order in list(self.ledger.book):
            expires = order.expires_bar
            if order.spec.role not in (Role.ENTRY, Role.EXIT):
                continue
            if expires is not None and t >= expires:
                self.emit(OrderExpired(order_id=order.order_id, reason="ttl", bar=t, ts=ts))
            elif order.filled and order.spec.on_partial == "cancel":
                self.emit(
                    OrderCancelled(order_id=order.order_id, reason="on_partial", bar=t, ts=ts)
                )

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
            order_id=self.numbering.order(), symbol=position.symbol, side=position.side.opposite,
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


def _outcome(ledger: Ledger) -> tuple[object, ...]:
    """Return what a bar decided, as far as money and position can tell."""
    position = ledger.position
    held = None if position is None else (position.side, position.quantity)
    account = ledger.account
    return held, round(account.realized, 9), round(account.fees, 9), len(ledger.book)
