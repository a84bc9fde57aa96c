"""The core loop: closed bars and order events in, order commands out.

The law: state changes only by `apply(event)`; what is decided at a close depends on closed bars and
applied events alone. The engine talks to no venue, no clock and no file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compiler.graph.program import Program
from compiler.graph.rule_graph import Op
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.consequences import after
from runtime.decide.blocks import BlocksExecutor
from runtime.decide.intents import Intent, IntentProcessor
from runtime.decide.refusals import Refused
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    SetProtection,
    SubmitOrder,
)
from runtime.orders.events import Event, OrderFilled, OrderSubmitted, RequestSent
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order_spec import OrderSpec
from runtime.rules.machine import Columns, Machine

Listener = Callable[[Event], None]
Outcome = list[Command] | Refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """An intent of one close that did not become an order."""

    bar: int
    ts: int
    code: str
    text: str
    intent: Intent


class Engine:
    """Runs one program on one account. `listeners` see every event after it has been applied.

    Order ids are `run_id` and a counter, so the same run gives the same ids.
    """

    def __init__(
        self, program: Program, ledger: Ledger, market: Columns, instrument: Instrument,
        run_id: str = "o",
    ) -> None:  # fmt: skip
        self.program = program
        self.ledger = ledger
        self.machine = Machine(program, market)
        self.listeners: list[Listener] = []
        self.refusals: list[Refusal] = []
        self.outcomes: list[tuple[Intent, Outcome]] = []  # of the last close, in order
        self._run_id = run_id
        self._issued = 0
        self._blocks = BlocksExecutor(program)
        self._accounts = account_reads(program)
        self._processor = IntentProcessor(
            program, ledger, instrument, self.machine, self._next_order_id
        )
        # Orders that ask for more once filled, with the bar on which they were.
        self._completed: list[tuple[int, OrderSpec]] = []

    # ------------------------------------------------------------ events

    def react(self, event: Event) -> list[Command]:
        """Apply an event and return what it demands of the backend; nothing for one told again.

        For backends that carry commands out later. Every new order is announced as in `close_bar`.
        """
        if not self.apply(event):
            return []
        brought = self.ledger.brought(event)
        if brought is not None:
            self.apply(brought)
        commands = after(event, self.ledger)
        self._announce(commands, event.bar, event.ts)
        return commands

    def give(self, commands: Sequence[Command], bar: int, ts: int) -> list[Command]:
        """Announce commands that no event and no close asked for (a timer, a person); return them."""
        self._announce(commands, bar, ts)
        return list(commands)

    def apply(self, event: Event) -> bool:
        """Change state by one event and show it to the listeners; False for one that was no news.

        What it demands is not asked for: a replay knows the answers, the simulator asks itself.
        """
        known = None
        if isinstance(event, OrderFilled):
            order = self.ledger.orders.get(event.order_id)
            known = None if order is None else order.status
        is_news = self.ledger.apply(event)
        if isinstance(event, OrderFilled):
            self._note_completion(event, known)
        elif isinstance(event, OrderSubmitted):
            self._note_number(event.spec.order_id)
        for listener in self.listeners:
            listener(event)
        return is_news

    def _note_completion(self, event: OrderFilled, before: OrderStatus | None) -> None:
        order = self.ledger.orders[event.order_id]
        if order.status is not OrderStatus.FILLED or before is OrderStatus.FILLED:
            return
        if self._blocks.has_follow_up(order.spec):
            self._completed.append((self.ledger.bar + 1, order.spec))

    # ------------------------------------------------------------ a close

    def observe(self, bar: int) -> None:
        """Freeze the account values of a close and advance stateful conditions, deciding nothing.

        A replay of a journal calls it after each `BarClosed`; `close_bar` does so itself.
        """
        ledger = self.ledger
        self.machine.tick(bar, [read(ledger, *builtin) for builtin in self._accounts])

    def close_bar(self, bar: int, *, ticked: bool = False) -> list[Command]:
        """Evaluate every block on the close of `bar` and return the commands, in order of kind.

        The bar's `BarClosed` has been applied and the market stage has reached it. Every new order
        is announced by an `OrderSubmitted` event before its command is returned. `ticked` says that
        `observe` was called for this close already.
        """
        ledger = self.ledger
        if not ticked:
            self.observe(bar)
        wanted = self._follow_ups(bar) + self._blocks.execute(self.machine)
        self.outcomes = []
        if not wanted:
            return []
        processor = self._processor
        processor.open()
        wanted.sort(key=processor.rank)  # stable: card order within a kind
        commands: list[Command] = []
        for intent in wanted:
            outcome = processor.process(intent)
            self.outcomes.append((intent, outcome))
            if isinstance(outcome, Refused):
                self.refusals.append(Refusal(bar, ledger.ts, outcome.code, outcome.text, intent))
            else:
                commands += outcome
        commands.sort(key=_turn)
        self._announce(commands, bar, ledger.ts)
        return commands

    def _announce(self, commands: Sequence[Command], bar: int, ts: int) -> None:
        """Apply what is true from the moment a command is given: there is an order, or a request."""
        for command in commands:
            match command:
                case SubmitOrder(spec=spec):
                    self.apply(OrderSubmitted(spec=spec, bar=bar, ts=ts))
                case AmendOrder() | CancelOrder():
                    self.apply(RequestSent(asked=command, bar=bar, ts=ts))
                case SetProtection():
                    pass  # not a request: the backend answers it at once

    def _follow_ups(self, bar: int) -> list[Intent]:
        """Return what fills of this bar ask for; those of bars before it had their close."""
        if not self._completed:
            return []
        completed, self._completed = self._completed, []
        return [
            intent
            for filled_on, spec in completed
            if filled_on >= bar
            for intent in self._blocks.follow_up(spec, self.machine)
        ]

    # ------------------------------------------------------------ order ids

    def _next_order_id(self) -> str:
        self._issued += 1
        return f"{self._run_id}{self._issued}"

    def _note_number(self, order_id: str) -> None:
        """Go on counting after a journal was replayed: an id is never used twice."""
        tail = order_id.removeprefix(self._run_id)
        if tail != order_id and tail.isdigit():
            self._issued = max(self._issued, int(tail))


def account_reads(program: Program) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return what is frozen at each close, in the order of `Program.accounts`: name, ref, words."""
    words = {
        str(node.attr[0]): node.value.enum for node in program.graph.nodes if node.op is Op.ACCOUNT
    }
    return tuple((name, ref, words.get(name, ())) for name, ref in program.accounts)


def _turn(command: Command) -> int:
    match command:
        case CancelOrder():
            return 0
        case AmendOrder() | SetProtection():
            return 1
        case _:
            return 2
