"""A simulated run told over a wire to an engine of its own: answers late, disordered, refused, unsent.

The law: what the simulator did of itself the engine above the wire has asked for, and with every answer
in, both stand at the same place.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from runtime.account.ledger import Ledger
from runtime.backends.scripted import ScriptedBackend
from runtime.consequences import upkeep
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRenewed,
    OrderSubmitted,
    OrderTriggered,
    ProtectionChanged,
    RequestEnded,
    RequestRefused,
    RequestSent,
    RequestUncertain,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, OrderType, Role
from runtime.orders.patience import WAITS_MS
from tests.strategies.runs import Row, Run

AT_CLOSE = frozenset({"ttl", "on_partial"})
DEMANDED = AT_CLOSE | {"oco", "on_flat", "position_closed", "replaced", "reduce_only"}
_OWN = (Role.ENTRY, Role.EXIT)
_OF_ORDERS = (
    OrderAccepted, OrderTriggered, OrderFilled, OrderAmended, OrderCancelled, OrderExpired,
    OrderRejected, RequestRefused, RequestUncertain, RequestEnded,
)  # fmt: skip
OrderEvent = (
    OrderAccepted | OrderTriggered | OrderFilled | OrderAmended | OrderCancelled | OrderExpired
    | OrderRejected | RequestRefused | RequestUncertain | RequestEnded
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weather:
    """How the wire is: chances that an answer waits, a request fails, an execution is told twice."""

    late: float = 0.0
    fails: float = 0.0
    again: float = 0.0
    is_late_at_close: bool = False  # what a close demands is answered after its decisions


CALM = Weather()
STORM = Weather(late=0.6, fails=0.4, again=0.2)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one asking demanded: steps from `start` on, its requests from `first` on.

    `is_timer`: a timer asked, not an event.
    """

    start: int
    first: int
    commands: tuple[Command, ...]
    bar: int
    ts: int
    is_timer: bool = False


class Twin:
    """`Twin(...).play()` lives through the run of a card; AssertionError where they part."""

    def __init__(
        self, text: str, rows: list[Row], weather: Weather = CALM, *, seed: int = 0,
        volumes: Sequence[float] = (),
    ) -> None:  # fmt: skip
        self.run, self.twin = Run(text, rows), Run(text, rows)
        for run in (self.run, self.twin):
            for bar, volume in enumerate(volumes):
                run.data.exec.volume[bar] = volume
        self.run.live()
        self.weather = weather
        self.chance = Random(seed)
        self.engine, self.ledger = self.twin.engine, self.twin.ledger
        self.steps: list[Event] = []  # of the twin, as a journal would have them
        self.batches: list[Batch] = []
        self.engine.listeners.append(self.steps.append)
        self.backend = ScriptedBackend(self._told)
        self.mirror = Ledger(self.ledger.instrument, self.ledger.settings)
        self.names: dict[str, str | None] = {}  # of the simulator's orders at the twin
        self.lines: defaultdict[str, deque[tuple[int, OrderEvent]]] = defaultdict(deque)
        self.heard = 0
        self.failed: defaultdict[object, int] = defaultdict(int)
        self.asked: deque[Command] = deque()
        self.given_up: set[str] = set()  # orders of which an amend was refused
        self.changed: set[str] = set()  # orders of which an amend was asked, whatever became of it
        self.wants_timer = False
        self.waited = 0  # ms

    # ------------------------------------------------------------ the run

    def play(self) -> Twin:
        script = deque(self.run.events)
        while script:
            event = script.popleft()
            self.mirror.apply(event)
            brought = self.mirror.brought(event)
            if brought is not None:
                assert script.popleft() == brought
                self.mirror.apply(brought)
            if isinstance(event, BarClosed):
                self._close(event, script)
            else:
                self._hear(event)
        return self

    def _close(self, event: BarClosed, script: deque[Event]) -> None:
        self._settle()
        self._tell(event)
        ends: list[Event] = []
        while script and isinstance(script[0], OrderCancelled | OrderExpired | OrderAmended):
            if not isinstance(script[0], OrderAmended) and script[0].reason not in AT_CLOSE:
                break
            ends.append(script.popleft())
            self.mirror.apply(ends[-1])
        late = [
            x for x in ends if self.weather.is_late_at_close and not isinstance(x, OrderAmended)
        ]
        self._hear_all([x for x in ends if x not in late])
        decided = self.engine.close_bar(event.bar)
        self.backend.submit(decided)
        assert decided == self.run.commands[event.bar], event
        self.changed |= {c.order_id for c in decided if isinstance(c, AmendOrder)}
        while script and _is_announced(script[0]):
            self.mirror.apply(script.popleft())
        self._hear_all(late)
        self._compare()

    def _hear_all(self, events: list[Event]) -> None:
        for event in events:
            self._hear(event)
        self._settle()

    def _hear(self, event: Event) -> None:
        """Take what the simulator tells; the twin hears it now or later."""
        match event:
            case OrderSubmitted(spec=spec) if spec.role not in PROTECTIVE:
                self.names[spec.order_id] = f"venue-{spec.order_id}"
                self._tell(replace(event, spec=replace(spec, order_id=f"venue-{spec.order_id}")))
            case OrderSubmitted(spec=spec):
                self._expect(event)
            case ProtectionChanged():
                self._tell(event)
            case _ if isinstance(event, _OF_ORDERS):
                self.heard += 1
                self.lines[event.order_id].append((self.heard, event))
                is_known = isinstance(event, OrderAccepted) and event.order_id not in self.names
                if is_known or isinstance(event, OrderFilled | OrderTriggered | OrderRejected):
                    self._hear_line(event.order_id)
                for order_id in list(self.lines):
                    if self.chance.random() >= self.weather.late:
                        self._hear_line(order_id)
            case _:
                self._tell(event)

    def _settle(self) -> None:
        """Let every answer in that is on its way, and a timer ask for what did not get through."""
        for _ in range(2):
            if self.wants_timer or self.ledger.absences:
                self._timer()
            for order_id in list(self.lines):
                self._hear_line(order_id)

    def _hear_line(self, order_id: str) -> None:
        line = self.lines[order_id]
        while line:
            self._answer(*line.popleft())

    def _hear_before(self, number: int) -> None:
        """Let in what led to an answer: nothing is answered before it was asked."""
        for line in list(self.lines.values()):
            while line and line[0][0] < number:
                self._answer(*line.popleft())

    # ------------------------------------------------------------ one answer

    def _expect(self, event: OrderSubmitted) -> None:
        """The simulator has made a protective order: the twin has asked for it, or will, asked again."""
        if self.weather == CALM or self.weather == replace(CALM, is_late_at_close=True):
            asked = self.asked.popleft()
            assert asked == SubmitOrder(spec=event.spec), (asked, event)
        self.names[event.spec.order_id] = ""

    def _name(self, order_id: str) -> str | None:
        """Return what an order of the simulator is called here, None where it was never needed."""
        if order_id not in self.names:
            return order_id
        if self.names[order_id] == "":
            spec = self.mirror.orders[order_id].spec
            found = self._protective(spec.role, spec.layer)
            for _ in range(4):
                if found is None and self.wants_timer:
                    self._timer()
                    found = self._protective(spec.role, spec.layer)
            self.names[order_id] = found
        return self.names[order_id]

    def _protective(self, role: Role, layer: str | None) -> str | None:
        taken = set(self.names.values())
        for order in self.ledger.book:
            if (order.spec.role, order.spec.layer) == (role, layer) and order.order_id not in taken:
                return order.order_id
        return None

    def _answer(self, number: int, event: OrderEvent) -> None:
        name = self._name(event.order_id)
        if name is None:
            assert not isinstance(event, OrderFilled), f"{event} of an order that was not asked for"
            return
        event = replace(event, order_id=name)
        order = self.ledger.orders[name]
        if order.is_terminal and not isinstance(event, OrderFilled):
            return
        if self._is_demanded(event, order):
            if not self._was_asked(event, order):
                self._hear_before(number)
            for _ in range(4):
                if not self._was_asked(event, order) and self.wants_timer:
                    self._timer()
            assert self._was_asked(event, order), f"{event} was not asked for"
        if isinstance(event, OrderAmended | OrderCancelled | OrderExpired):
            self._strike(event)
        self._tell(event)
        if isinstance(event, OrderFilled) and self.chance.random() < self.weather.again:
            before = self.ledger.state()
            assert self.engine.react(event) == []
            assert self.ledger.state() == before

    def _is_demanded(self, event: OrderEvent, order: Order) -> bool:
        """Return whether the venue does it because it was asked to, not by itself."""
        if order.spec.order_type is OrderType.MARKET:
            return False  # what is left of a reduction that found less than its lots
        match event:
            case OrderCancelled(reason=reason) | OrderExpired(reason=reason):
                return reason in DEMANDED
            case OrderAmended():
                return order.order_id not in self.given_up
            case _:
                return False

    def _was_asked(self, event: OrderEvent, order: Order) -> bool:
        match event:
            case OrderAmended():
                is_so = event.quantity in (None, order.quantity) and (
                    event.limit_price in (None, order.limit_price)
                    and event.trigger_price in (None, order.trigger_price)
                )
                return is_so or order.is_going or order.order_id in self.changed
            case _:
                return order.is_going or order.leaving is not None

    def _strike(self, event: OrderEvent) -> None:
        """In calm weather demands are answered one by one, in their order."""
        if not self.asked or self.weather not in (CALM, replace(CALM, is_late_at_close=True)):
            return
        first = self.asked[0]
        if isinstance(first, AmendOrder | CancelOrder) and first.order_id == event.order_id:
            self.asked.popleft()

    def _compare(self) -> None:
        """With every answer in, money, position and working orders are the same."""
        ours, theirs = self.ledger, self.mirror
        held, there_held = _held(ours), _held(theirs)
        assert held == there_held, f"{held}, in the simulator {there_held}"
        here, there = sorted(_shown(ours)), sorted(_shown(theirs))
        assert here == there, f"{here}, in the simulator {there}"
        if self.weather in (CALM, replace(CALM, is_late_at_close=True)):
            assert not self.asked, self.asked

    # ------------------------------------------------------------ the twin

    def _tell(self, event: Event) -> None:
        self.backend.extend([event])
        self.backend.play(1)

    def _told(self, event: Event) -> None:
        start = len(self.steps)
        self._given(start, self.engine.react(event), event.bar, event.ts)
        # Asked again while everything is on its way, nothing is asked, but what an entry is to carry
        # of another whose cancel has no answer yet: that goes back and forth with what is known of it.
        again = upkeep(self.ledger, event.bar, event.ts)
        assert [c for c in again if not is_carry(c)] == []

    def _timer(self) -> None:
        self.wants_timer = False
        self.waited += WAITS_MS[-1]  # so patient that everything is due
        bar, ts = self.ledger.bar + 1, self.ledger.ts + self.waited
        start = len(self.steps)
        commands = list(upkeep(self.ledger, bar, ts, again=True))
        self._given(start, self.engine.give(commands, bar, ts), bar, ts, is_timer=True)

    def _given(
        self, start: int, commands: list[Command], bar: int, ts: int, *, is_timer: bool = False
    ) -> None:
        first = len(self.steps) - len(commands)  # each is one step
        self.batches.append(Batch(start, first, tuple(commands), bar, ts, is_timer))
        self.backend.submit(commands)
        self.asked += commands
        self.changed |= {c.order_id for c in commands if isinstance(c, AmendOrder)}
        for fault in [f for c in commands for f in self._fate(c, bar, ts)]:
            self._tell(fault)

    def _fate(self, command: Command, bar: int, ts: int) -> Iterator[Event]:
        """Yield what becomes of a request that the wire loses or the venue refuses; nothing mostly."""
        match command:
            case SubmitOrder(spec=spec):
                about: object = (spec.role, spec.layer, self.ledger.positions)
            case AmendOrder(order_id=order_id) | CancelOrder(order_id=order_id):
                about = (type(command), order_id)
            case _:
                return
        if self.failed[about] >= 2 or self.chance.random() >= self.weather.fails:
            return
        self.failed[about] += 1
        self.wants_timer = True
        is_lost = self.chance.random() < 0.5
        match command:
            case SubmitOrder(spec=spec):
                code = "not_sent" if is_lost else "venue_busy"
                yield OrderRejected(order_id=spec.order_id, code=code, text="", bar=bar, ts=ts)
            case AmendOrder(order_id=order_id) if not is_lost:
                if self.ledger.orders[order_id].spec.role not in PROTECTIVE:
                    self.given_up.add(order_id)
                yield RequestRefused(
                    order_id=order_id, request="amend", code="venue_busy", bar=bar, ts=ts
                )
            case AmendOrder(order_id=order_id) | CancelOrder(order_id=order_id):
                request = "amend" if isinstance(command, AmendOrder) else "cancel"
                yield RequestEnded(
                    order_id=order_id, request=request, outcome="not_sent", bar=bar, ts=ts
                )


def is_carry(command: Command) -> bool:
    return isinstance(command, AmendOrder) and command.opens is not None


def _is_announced(event: Event) -> bool:
    """Return whether an event says what a close has decided: the twin says so itself."""
    if isinstance(event, OrderSubmitted):
        return event.spec.role in _OWN
    return isinstance(event, RequestSent | OrderRenewed)


def _held(ledger: Ledger) -> tuple[str, ...]:
    """Return money and position; a layer's number counts all orders, the ones asked anew, too."""
    position = ledger.position
    layers = () if position is None else tuple(replace(x, number=0) for x in position.layers)
    told = () if position is None else (
        position.side, position.avg_entry_price, position.protection, position.number
    )  # fmt: skip
    return tuple(repr(x) for x in (told, layers, ledger.account, ledger.counters))


def _shown(ledger: Ledger) -> list[tuple[str, ...]]:
    """Return the working orders, protective ones by what they are for: their ids may differ."""
    return [
        tuple(
            repr(value)
            for value in (
                order.order_id if order.is_own else (order.spec.role.value, order.spec.layer),
                order.remaining, order.to_open, order.limit_price, order.trigger_price,
                order.state if order.is_own else "", order.leaving is not None,
            )
        )
        for order in ledger.book
    ]  # fmt: skip
