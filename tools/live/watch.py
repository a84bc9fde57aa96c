"""What people ask of a running session, remembered as it happens: last decision, fills, counts, silence.

The law: it listens and decides nothing; a session without it trades the same.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.engine import Engine, Refusal
from runtime.explain.close import Explanation, explain_last
from runtime.explain.why_not import Silence
from runtime.live.decider import Decider
from runtime.orders.events import (
    Event,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
)
from runtime.orders.order_spec import OWN, Effect, OrderSpec
from runtime.rules.node_values import NodeValues

_KEPT = 200
_POINTS = 2_000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Something that did not become an order, or an order that ended as refused; `ts` ms UTC."""

    ts: int
    what: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """An execution and what was asked for: the order itself may leave the ledger."""

    event: OrderFilled
    spec: OrderSpec


@dataclass(frozen=True, slots=True)
class Point:
    """One close: `ts` ms UTC, price and equity in quote."""

    ts: int
    close: float
    equity: float


@dataclass(slots=True)
class Figures:
    """What happened so far, counted; `refused` by code."""

    bars: int = 0
    decisions: int = 0
    placed: int = 0
    fills: int = 0
    entries: int = 0  # positions opened
    scale_ins: int = 0  # fills that added to an open position with another order
    partial_exits: int = 0  # fills that left something of the position
    closed: int = 0
    cancelled: int = 0
    expired: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Watch:
    """Listens to one desk. Call `look` after whatever the session has taken."""

    def __init__(self, desk: Decider, program: Program, source: Source) -> None:
        self.desk = desk
        self.program = program
        self.source = source
        self.figures = Figures()
        self.goes_on = desk.ledger.bar >= 0  # taken up again: what was before is not in the figures
        self.explanation: Explanation | None = None
        self.refused: deque[RefusedRow] = deque(maxlen=_KEPT)
        self.fills: deque[Filled] = deque(maxlen=_KEPT)
        self.curve: deque[Point] = deque(maxlen=_POINTS)
        self.silence: dict[str, Silence] = {}
        self._values = NodeValues(program, desk.market, desk.engine.machine)
        self._outcomes = self.engine.outcomes
        self._bar = desk.ledger.bar
        self._refusal = self.engine.refusals[-1] if self.engine.refusals else None
        self._held: int = 0  # number of the position the last fill left, 0 flat
        desk.engine.listeners.append(self._heard)
        self.begin()

    @property
    def engine(self) -> Engine:
        return self.desk.engine

    @property
    def ledger(self) -> Ledger:
        return self.desk.ledger

    def _fresh_refusals(self) -> list[Refusal]:
        """Return what was refused since the last look; the engine keeps the newest only."""
        fresh: list[Refusal] = []
        for refusal in reversed(self.engine.refusals):
            if refusal is self._refusal:
                break
            fresh.insert(0, refusal)
        self._refusal = fresh[-1] if fresh else self._refusal
        return fresh

    @property
    def links(self) -> dict[str, str]:
        """Return the streams: "" for one that is up, else why nothing rests on it."""
        blocked = self.desk.guard.blocked
        return {link: blocked.get(link, "") for link in ("private", "public")}

    # ------------------------------------------------------------ events

    def _heard(self, event: Event) -> None:
        figures, ledger = self.figures, self.ledger
        match event:
            case OrderSubmitted(spec=spec):
                figures.placed += spec.role in OWN
            case OrderFilled():
                self._filled(event)
            case OrderCancelled(reason=reason):
                figures.expired += reason == "ttl"
                order = ledger.orders[event.order_id]
                figures.cancelled += reason != "ttl" and order.is_own
            case OrderExpired():
                figures.expired += 1
            case OrderRejected():
                figures.refused[event.code] += 1
                spec = ledger.orders[event.order_id].spec
                what = f"{spec.order_ref or spec.role.value} ({event.order_id})"
                self.refused.append(RefusedRow(event.ts, what, event.code, event.text))
            case _:
                pass

    def _filled(self, event: OrderFilled) -> None:
        figures, ledger = self.figures, self.ledger
        booking = ledger.booking
        if booking is None or booking.event is not event:
            return  # told before: it was counted then
        self.fills.append(Filled(event, ledger.orders[event.order_id].spec))
        figures.fills += 1
        if booking.has_ended:
            figures.closed += 1
        elif ledger.orders[event.order_id].spec.effect is Effect.REDUCE:
            figures.partial_exits += 1
        if booking.opened_lots and booking.position is not None:
            is_new = booking.position.number != self._held
            figures.entries += is_new
            figures.scale_ins += not is_new and booking.is_first_entry
        self._held = 0 if ledger.position is None else ledger.position.number

    # ------------------------------------------------------------ closes

    def begin(self) -> None:
        """Begin to count: what was taken in so far only warmed up."""
        self._bar = self.ledger.bar
        for block in self.program.blocks:
            self.silence[block.id] = Silence(self.program, block, self._bar + 1)

    def look(self) -> None:
        """Note what the newest close brought, once."""
        engine, ledger = self.engine, self.ledger
        for refusal in self._fresh_refusals():
            self.figures.refused[refusal.code] += 1
            what = f"{refusal.intent.kind} of `{refusal.intent.origin.block}`"
            self.refused.append(RefusedRow(refusal.ts, what, refusal.code, refusal.text))
        if ledger.bar == self._bar:
            return
        self.figures.bars += ledger.bar - self._bar
        self._bar = ledger.bar
        self.curve.append(Point(ledger.ts, ledger.close, ledger.equity))
        if engine.outcomes is self._outcomes:
            return  # the bar only moved the state on
        self._outcomes = engine.outcomes
        self.figures.decisions += 1
        self.explanation = explain_last(engine, self._values, ledger.instrument)
        for silence in self.silence.values():
            silence.look(ledger.bar, ledger.ts, self._values)
