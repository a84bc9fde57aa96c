"""The simulated exchange: the life of one exec bar, in one order.

hole: where bars are missing, mark and funding go on · jump: from the last close to the open, over what
works · open: what was sent takes effect · path: price goes through the bar, funding at its times · close:
age, expire. Nothing decided at a close acts before the next open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from itertools import chain

from compiler.catalog.settings import Intrabar
from compiler.graph.rule_graph import Settings
from runtime.account.ledger import Ledger
from runtime.account.standing import has_trail
from runtime.backends.base import Emit
from runtime.backends.sim import funding, jump
from runtime.backends.sim.alternatives import Go, Way, differ, is_contested, outcome_of
from runtime.backends.sim.arrival import accept, act
from runtime.backends.sim.holes import holes_in
from runtime.backends.sim.line import Line, go
from runtime.backends.sim.matcher import Matcher
from runtime.backends.sim.opening import open_bar, stand_at_open
from runtime.backends.sim.parts import Part, Parts
from runtime.backends.sim.path import Path, corners, goes_low_first, span
from runtime.backends.sim.quiet import Quiet
from runtime.backends.sim.scene import Phase, Scene
from runtime.backends.sim.side_events import SideEvents
from runtime.backends.sim.takeover import whole_close
from runtime.backends.sim.tally import Tally
from runtime.backends.sim.teller import Teller, ended
from runtime.backends.sim.terms import Numbering, Terms
from runtime.backends.sim.turns import Turns
from runtime.consequences import after
from runtime.market.data import MarketData
from runtime.market.frame import Bar
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    SetProtection,
    SubmitOrder,
)
from runtime.orders.events import BarClosed, OrderAmended, OrderCancelled, OrderSubmitted
from runtime.orders.order_spec import OrderType, Role


class SimulatedExchange:
    """Answers commands from bars. `ledger` is read; it changes only through `emit`.

    `flipped` are exec bars that are told the other way (to price ambiguity).
    """

    def __init__(
        self,
        ledger: Ledger,
        data: MarketData,
        instrument: Instrument,
        settings: Settings,
        emit: Emit,
        *,
        flipped: frozenset[int] = frozenset(),
    ) -> None:
        self.ledger = ledger
        self.data = data
        self.terms = Terms.of(instrument, settings)
        self.emit = emit
        self.flipped = flipped
        self.numbering = Numbering()
        self.tally = Tally()
        self.parts = Parts(data, magnify=settings.execution.intrabar == Intrabar.MAGNIFY)
        self.marks = self.parts.marks
        self._queue: list[Command] = []
        self._before: float | None = None  # the last traded close
        self._mark_before: float | None = None
        holes = holes_in(data.exec, self.marks.series)
        self._holes = {hole.bar: hole for hole in holes}
        self._quiet = Quiet(ledger, data, self.marks, holes)
        self._beside = SideEvents(ledger, data, self.marks)
        self._waits = False  # a market order found nobody to trade with
        self._postponed: set[str] = set()  # protection made at the last close: it arrives
        # COST: kept between bars, because fills happen only while a bar is gone through.
        self._danger = ledger.liquidation_mark
        self._gone: tuple[int, list[Path]] = (-1, [])  # an exec bar and the ways through its parts

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands decided at a close; they arrive at the next open."""
        self._queue.extend(commands)

    def paths_of(self, t: int) -> list[Path]:
        """Return how exec bar t was gone through last: the path of each of its parts, in order.

        A part that is still to come has the path of the rule of the run, and so has a bar of which nothing
        was met: it was gone through as a whole.
        """
        bar, paths = self._gone
        return paths if bar == t else [self._usual(self.data.exec.bar(t))]

    def _usual(self, bar: Bar) -> Path:
        policy = self.terms.settings.execution.intrabar
        return corners(bar, is_low_first=goes_low_first(bar, policy))

    # ------------------------------------------------------------ one bar

    def step(self, t: int) -> None:
        """Live through exec bar t: the hole before it, jump, open, path with funding, close."""
        frame = self.data.exec
        if t and frame.ts[t] > frame.close_time(t - 1):
            self._live_through_hole(t)
        if self._queue or self._postponed or self._could_matter(t):
            postponed, self._postponed = self._postponed, set()
            parts = self.parts.of(t)
            self._gone = (t, [self._usual(part.bar) for part in parts])
            for part in parts:
                matcher = self._part(t, part, postponed if part.is_first else frozenset())
            if self.terms.settings.execution.attached.waits:
                self._postponed = matcher.teller.settle()
            self._danger = self.ledger.liquidation_mark
        else:
            self._remember(frame.close[t], self.marks.close[t], frame.volume[t])
        self._close(t, frame.close_time(t))

    def quiet_until(self, t: int, stop: int) -> int:
        """Return the first bar of [t, stop) that needs a `step`, if no event comes before it.

        The bars up to there only close: `pass_by` says how many of them did.
        """
        if self._queue or self._postponed or self._waits or has_trail(self.ledger):
            return t
        return self._quiet.until(t, stop, self._before, self._mark_before)

    def pass_by(self, start: int, stop: int) -> None:
        """Take note of bars that have closed quietly; the ledger has taken in each close."""
        frame = self.data.exec
        traded = (i for i in range(stop - 1, start - 1, -1) if frame.volume[i] != 0.0)
        last = next(traded, start if self._before is None else None)
        if last is not None:
            self._before = frame.close[last]
        self._mark_before = self.marks.close[stop - 1]

    def _remember(self, close: float, mark: float, volume: float) -> None:
        self._mark_before = mark
        if volume != 0.0 or self._before is None:
            self._before = close  # before the first trade: the price that was shown

    def _could_matter(self, t: int) -> bool:
        """COST: most bars reach no order, no liquidation and no funding: some comparisons say so."""
        frame = self.data.exec
        low, high, before = frame.low[t], frame.high[t], self._before
        if before is not None:
            low, high = min(low, before), max(high, before)
        if self._waits or self.ledger.book.could_fill(low, high) or has_trail(self.ledger):
            return True
        if self.ledger.position is None:
            return False
        if self._beside.is_mark_beyond(t, self._mark_before, self._danger):
            return True
        return self._beside.funding_is_due(frame.ts[t], frame.interval_ms)

    # ------------------------------------------------------------ the hole before a bar

    def _live_through_hole(self, t: int) -> None:
        """Let mark and funding go on where bars are missing before exec bar t."""
        hole, series, at = self._holes.get(t), self.marks.series, self.data.exec.close_time(t - 1)
        if hole is not None and series is not None:
            for part in hole.parts(series):
                self._pay_in_hole(t, at, part.ts)
                self._path(t, part, Turns.of(part.bar, self.terms))
                self._mark_before = part.mark.close
                at = part.ts + part.interval_ms
        self._pay_in_hole(t, at, self.data.exec.ts[t])

    def _pay_in_hole(self, t: int, start: int, end: int) -> None:
        """Pay the funding times in (start, end] of the hole before bar t, where no mark bar lies."""
        series, frame = self.data.funding, self.data.exec
        if series is None or self.ledger.position is None:
            return
        for due in funding.dues(series, self.marks, start, end - start):
            known = self.marks.known_at(due.ts, frame.close_time(t - 1))
            mark = self.marks.close[t - 1] if known is None else known
            funding.pay(self.ledger, self.emit, due, mark, t)

    # ------------------------------------------------------------ one part of a bar

    def _part(self, t: int, part: Part, postponed: Set[str]) -> Matcher:
        """Live through one part of exec bar t; returns who stands at its end."""
        turns = Turns.of(part.bar, self.terms)
        matcher = self._matcher(t, part, turns, self.ledger, self.emit)
        self._jump(t, part, matcher, postponed)
        commands: list[Command] = []
        if part.is_first:
            commands, self._queue = self._queue, []
        open_bar(matcher, commands)
        self._waits = not matcher.scene.trades and any(
            order.spec.order_type is OrderType.MARKET for order in self.ledger.book
        )
        self._path(t, part, turns)
        self._remember(part.bar.close, part.mark.close, part.bar.volume)
        matcher.scene.price, matcher.scene.place = part.bar.close, 3.0
        return matcher

    def _matcher(
        self,
        t: int,
        part: Part,
        turns: Turns,
        ledger: Ledger,
        emit: Emit,
        *,
        is_low_first: bool | None = None,
        tally: Tally | None = None,
    ) -> Matcher:
        low_first = is_low_first
        if low_first is None:
            low_first = goes_low_first(part.bar, Intrabar.DIRECTION)
        scene = Scene(
            terms=self.terms,
            ledger=ledger,
            numbering=self.numbering,
            tally=self.tally if tally is None else tally,
            turns=turns,
            bar=part.bar,
            path=corners(part.bar, is_low_first=low_first),
            bar_index=t,
            ts=part.ts,
            interval_ms=part.interval_ms,
            before=part.bar.open if self._before is None else self._before,
            going=frozenset(c.order_id for c in self._queue if isinstance(c, CancelOrder)),
            is_hole=part.is_hole,
        )
        return Matcher(scene, Teller(scene, emit))

    def _jump(self, t: int, part: Part, matcher: Matcher, postponed: Set[str]) -> None:
        """Go from the last close to the open; whether it could be told otherwise is counted."""
        scene = matcher.scene
        jump.begin(scene, self._queue if part.is_first else (), postponed)
        before = part.mark.open if self._mark_before is None else self._mark_before
        line = jump.line_of(scene, before, part.mark.open)
        nearest, close = Way(), part.bar.open

        def trial(way: Way) -> Go:
            def tell(ledger: Ledger, emit: Emit, turns: Turns) -> None:
                copy = self._matcher(t, part, turns, ledger, emit, tally=Tally())
                copy.scene.phase = Phase.JUMP
                go(copy, replace(line, pace=way.pace), precedence=way.precedence)

            return tell

        others = jump.other_ways(scene, line)
        if self._beside.hangs_on_marks(span(line.start, line.end), span(before, part.mark.open)):
            others += nearest.at_other_paces()
        way = nearest
        if others:
            mine = self._outcome(trial(nearest), scene.turns, close)
            tried = ((x, self._outcome(trial(x), scene.turns, close)) for x in others)
            way = self._settled(t, nearest, mine, tried)
        go(matcher, replace(line, pace=way.pace), precedence=way.precedence)

    def _settled(
        self, t: int, first: Way, mine: Ledger, others: Iterable[tuple[Way, Ledger]]
    ) -> Way:
        """Return the way that is taken: the first, on a flipped bar one that comes to something else.

        A bar on which another way comes to something else is counted.
        """
        other = next((way for way, theirs in others if differ(mine, theirs)), None)
        if other is None:
            return first
        self.tally.note_ambiguous(t)
        return other if t in self.flipped else first

    # ------------------------------------------------------------ path

    def _path(self, t: int, part: Part, turns: Turns) -> None:
        """Go through one (finer) bar, or one of two ways through it."""
        bar, policy = part.bar, self.terms.settings.execution.intrabar
        low_first = goes_low_first(bar, policy)
        reached = self._beside.on_path(part)
        trails = has_trail(self.ledger)
        if not (reached or trails or self.ledger.book.could_fill(bar.low, bar.high)):
            return
        contested = trails or is_contested(self.ledger, bar, turns, others=reached)
        way = Way(low_first != (t in self.flipped))
        if contested or self._beside.hangs_on_path(part):
            way = self._choose(t, part, turns, low_first, policy)
        first = way.is_low_first
        matcher = self._matcher(t, part, turns, self.ledger, self.emit, is_low_first=first)
        if not part.is_hole:
            self._gone[1][part.number] = matcher.scene.path
        self._go_path(part, matcher, way)

    def _go_path(self, part: Part, matcher: Matcher, way: Way) -> None:
        scene, series = matcher.scene, self.data.funding
        scene.phase = Phase.PATH
        due_times = []
        if series is not None:
            due_times = list(funding.dues(series, self.marks, part.ts, part.interval_ms))
        price, mark = scene.path, corners(part.mark, is_low_first=way.is_low_first)
        for index in range(3):
            line = Line(
                price[index], price[index + 1], mark[index], mark[index + 1], float(index), way.pace
            )
            at = 0.0
            for due in due_times:
                if index < due.place <= index + 1:
                    go(matcher, line, at, due.place - index)
                    at = due.place - index
                    now = line.mark_at(at) if due.mark is None else due.mark
                    funding.pay(scene.ledger, matcher.teller.emit, due, now, scene.bar_index)
            go(matcher, line, at)

    def _choose(self, t: int, part: Part, turns: Turns, low_first: bool, policy: Intrabar) -> Way:
        """Go every way on copies, count the bar if they differ, and return the one to take."""

        def trial(way: Way) -> Ledger:
            def tell(ledger: Ledger, emit: Emit, spent: Turns) -> None:
                first = way.is_low_first
                copy = self._matcher(
                    t, part, spent, ledger, emit, is_low_first=first, tally=Tally()
                )
                self._go_path(part, copy, way)

            return self._outcome(tell, turns, part.bar.close)

        ways = Way(low_first), Way(not low_first)
        mine, theirs = map(trial, ways)
        slack = 1e-12 * abs(mine.equity)  # a tie is one whatever the last bits say
        gain = theirs.equity - mine.equity
        if (policy == Intrabar.ADVERSE and gain < -slack) or (
            policy == Intrabar.FAVOURABLE and gain > slack
        ):
            ways, (mine, theirs) = ways[::-1], (theirs, mine)
        paced = ways[0].at_other_paces()
        if not self._beside.hangs_on_marks(part.bar, part.mark):
            paced = ()
        tried = ((way, trial(way)) for way in paced)
        return self._settled(t, ways[0], mine, chain([(ways[1], theirs)], tried))

    def _outcome(self, way: Go, turns: Turns, close: float) -> Ledger:
        # Ids given out on a trial are given out again: only one way becomes real.
        before = self.numbering.executions
        made = outcome_of(way, self.ledger, turns, close)
        self.numbering.executions = before
        return made

    # ------------------------------------------------------------ close, end

    def _close(self, t: int, ts: int) -> None:
        mark = self.marks.close[t]
        bars = self.data.exec
        event = BarClosed(
            bar=t, ts=ts, close=bars.close[t], mark=mark, high=bars.high[t], low=bars.low[t]
        )
        self.emit(event)
        for command in after(event, self.ledger):
            match command:
                case CancelOrder():
                    self.emit(ended(command, t, ts))
                case AmendOrder(order_id=order_id, quantity=lots, opens=opens):
                    self.emit(
                        OrderAmended(order_id=order_id, bar=t, ts=ts, quantity=lots, opens=opens)
                    )
                case SubmitOrder() | SetProtection():
                    raise AssertionError("a close neither makes nor moves protection")

    def end_of_data(self, t: int) -> None:
        """Cancel what still works; close the position at the last close if the card says so."""
        ts = self.data.exec.close_time(t)
        self._queue = []
        for order in list(self.ledger.book):
            self.emit(OrderCancelled(order_id=order.order_id, reason="end_of_data", bar=t, ts=ts))
        if self.ledger.position is None or not self.terms.settings.execution.close_at_end:
            return
        spec = whole_close(self.ledger, Role.CLOSE_AT_END, "close_at_end", t, ts)
        self.emit(OrderSubmitted(spec=spec, bar=t, ts=ts))
        end = self.data.exec.bar(t)
        # A valuation, not a trade: where nothing traded there is no volume to press against.
        bar = Bar(end.close, end.close, end.close, end.close, end.volume or math.inf)
        part = Part(bar, bar, ts, 0)
        matcher = self._matcher(t, part, Turns.of(bar, self.terms), self.ledger, self.emit)
        stand_at_open(matcher.scene)
        matcher.scene.place = 3.0
        order = self.ledger.orders[spec.order_id]
        if accept(matcher, order):
            act(matcher, order)
