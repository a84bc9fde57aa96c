"""The core loop: closed bars and order events in, order commands out.

The law: state changes only by `apply(event)`; what is decided at a close depends on closed bars and
applied events alone. The engine talks to no venue, no clock and no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from compiler.catalog.timeframes import interval_ms
from compiler.graph.program import Program
from compiler.graph.rule_graph import NO_LIMITS, Op
from runtime.account.builtins import COURSE, Snapshot
from runtime.account.ledger import Ledger
from runtime.account.short import Reached
from runtime.consequences import after
from runtime.decide.blocks import BlocksExecutor
from runtime.decide.context import Cut
from runtime.decide.intent import Intent, sized_by_fill
from runtime.decide.intent_processor import IntentProcessor
from runtime.decide.late_fills import Asking, LateFills, of_late_lots
from runtime.decide.older_exits import OlderExit
from runtime.decide.rearm import carried, comes_again, said_to_end
from runtime.decide.refusals import RefusalCode, Refused
from runtime.market.frame import Closes
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Decided,
    RenewOrder,
    SetProtection,
    SubmitOrder,
    WithdrawOrder,
    in_turn,
    withdrawn,
)
from runtime.orders.events import Event, OrderFilled, OrderRenewed, OrderSubmitted, RequestSent
from runtime.orders.naming import number_of
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Rearm
from runtime.rules.machine import Columns, Machine

Listener = Callable[[Event], None]
Outcome = list[Decided] | Refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """An intent of one close that did not become an order."""

    bar: int
    ts: int
    code: str
    text: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class SizeCut:
    """A size of one close that did not fit whole; `order_id`: the order it was decided for, None for a change of one."""

    bar: int
    ts: int
    cut: Cut
    intent: Intent
    order_id: str | None = None


class Engine:
    """Runs one program on one account. `listeners` see every event after it has been applied.

    Order ids are `run_id` and a counter, so the same run gives the same ids.
    """

    def __init__(
        self,
        program: Program,
        ledger: Ledger,
        market: Columns,
        instrument: Instrument,
        run_id: str = "o",
    ) -> None:
        self.program = program
        self.ledger = ledger
        self.machine = Machine(program, market)
        self.listeners: list[Listener] = []
        self.refusals: list[Refusal] = []
        self.cuts: list[SizeCut] = []
        self.outcomes: list[tuple[Intent, Outcome]] = []  # of the last close, in order
        self.older_exits: Callable[[], Iterable[OlderExit]] = tuple  # of orders that take time
        self.reached: Callable[[], Reached] = dict  # targets the market met while they were away
        self.held_back: Callable[[Intent], Refused | None] = lambda _intent: None
        self.is_patient = False  # who carries orders out lets wait what nothing asks for again
        self._run_id = run_id
        self._issued = 0
        self._blocks = BlocksExecutor(program)
        self.fired = self._blocks.nothing_fired()  # closes, per block and case
        self._snapshot = Snapshot(account_reads(program))
        is_limited = program.graph.settings.limits != NO_LIMITS
        if is_limited or any(name in COURSE for name, _ in program.accounts):
            ledger.follow(interval_ms(program.graph.timeframe))
        self._processor = self._deciding_by(instrument)
        self._awaited: dict[str, Order] = {}  # orders that ask for more when they have ended
        self._ending: list[Asking] = []  # those that ask at this close
        self._late = LateFills()
        self._undecided: int | None = None  # the first close since one that decided

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
        return self._announce(
            after(event, self.ledger, reached=self.reached()), event.bar, event.ts
        )

    def take_facts(self, instrument: Instrument) -> None:
        """Decide by other facts of the contract from here on; its grid is the same."""
        self.ledger.instrument = instrument
        self._processor = self._deciding_by(instrument)

    def _deciding_by(self, facts: Instrument) -> IntentProcessor:
        own = self._next_order_id, self._waits, lambda intent: self.held_back(intent)
        return IntentProcessor(self.program, self.ledger, facts, self.machine, *own)

    def give(self, decided: Sequence[Decided], bar: int, ts: int) -> list[Command]:
        """Announce what no event and no close asked for (a timer, a person); return its commands."""
        return self._announce(decided, bar, ts)

    def is_asked_once(self, order: Order) -> bool:
        """Return whether no rule asks for an order again where it does not leave: one of `on_fill` or `rearm`."""
        return self._blocks.is_asked_once(order.spec)

    def asks_once(self, intent: Intent) -> bool:
        """Return whether no rule asks for what an intent does again at its next close."""
        return self._blocks.asks_once(intent)

    def coming(self, ref: str = "") -> list[RenewOrder]:
        """Return what a person's cancel of a ref or an order, or of all (""), lets not come again."""
        return said_to_end(self.ledger, self._awaited.values(), ref)

    @property
    def to_follow(self) -> list[str]:
        """Return the orders, by ref or id, whose fill an `on_fill` follows at the next close that is decided on."""
        due = [x for x in self._awaited.values() if self._has_ended(x) and self._is_due(x, 0)]
        due = [
            x for x in due if self._blocks.has_follow_up(x.spec) and not self._is_closed_again(x)
        ]
        return [x.spec.name for x in due]

    def apply(self, event: Event) -> bool:
        """Change state by one event and show it to the listeners; False for one that was no news.

        What it demands is not asked for: a replay knows the answers, the simulator asks itself.
        """
        is_news = self.ledger.apply(event)
        match event:
            case OrderSubmitted(spec=spec):
                self._note_number(spec.order_id)
                self._await(self.ledger.orders[spec.order_id])
            case OrderFilled() if is_news:
                order = self.ledger.orders[event.order_id]
                if order.filled == event.quantity or self._late.has_asked(order):
                    self._await(order)  # what it fills may come after its end
        for listener in self.listeners:
            listener(event)
        return is_news

    # ------------------------------------------------------------ a close

    def observe(self, bar: int, *, decides: bool = True) -> None:
        """Freeze the account values of a close and advance stateful conditions, deciding nothing.

        A replay of a journal calls it after each `BarClosed`; `close_bar` does so itself. At a close that nobody
        `decides` on, one that came late, orders ask for nothing: they ask at the next that is decided on. What was due
        at the close before may be all that a snapshot kept of it.
        """
        first = bar if self._undecided is None else self._undecided
        self._undecided = None if decides else first
        for order_id in self._late.missed(self.ledger):
            self._await(self.ledger.orders[order_id])
        if self._awaited or self._ending or self.ledger.due:
            self._ending = list(self._take_ending(first)) if decides else []
            asking = [one for one in self._ending if not self._is_closed_again(one.order)]
            refs = {ref for one in asking for ref in self._refs_due(one)}
            again = (self._comes_again(one.order) for one in asking)
            refs |= {one.order_ref for one in again if one is not None and one.order_ref}
            self.ledger.due = frozenset(refs)
        self.machine.tick(bar, self._snapshot.at_close(self.ledger))

    def pass_by(self, start: int, stop: int, closes: Closes) -> int:
        """Take in quiet closes up to the first at which deciding may come to something; return it.

        That is the last of the bars [start, stop) if it comes to nothing on all. Nobody is told of them.
        """
        ledger, machine, search = self.ledger, self.machine, self._blocks.search
        for bar in range(start, stop):
            # What is followed changes with every close, whether the card reads it or a limit does.
            accounts = self._snapshot.settled(ledger) if ledger.course is None else None
            is_still = accounts is not None and not self._awaited and not self._ending
            if accounts is not None and is_still and search and not machine.remembers:
                last = machine.search(search, bar, stop, accounts)
                ledger.close_bar(last, *closes.at(last), bars=last - bar + 1)
                return last
            ledger.close_bar(bar, *closes.at(bar))
            ledger.follow_close(closes.bars.high[bar], closes.bars.low[bar])
            self.observe(bar)
            if self._ending or self._blocks.wants(machine) or self._stops():
                return bar
        return stop - 1

    def close_bar(self, bar: int, *, ticked: bool = False) -> list[Command]:
        """Evaluate every block on the close of `bar` and return the commands, in order of kind.

        The bar's `BarClosed` has been applied and the market stage has reached it. Every new order
        is announced by an `OrderSubmitted` event before its command is returned. `ticked` says that
        `observe` was called for this close already.
        """
        ledger = self.ledger
        if not ticked:
            self.observe(bar)
        wanted = self._blocks.execute(self.machine, self.fired)
        if self._ending:
            asked = [intent for one in self._ending for intent in self._asked_by(one)]
            wanted = asked + wanted
        self.outcomes = []
        if not wanted and not self._stops():
            return []
        processor = self._processor
        coming = [intent.rearm for intent in wanted if intent.rearm]
        processor.open(coming, self.older_exits())
        decided = processor.stop()
        wanted.sort(key=processor.rank)  # stable: card order within a kind
        for intent in wanted:
            outcome = self._decided(intent)
            self.outcomes.append((intent, outcome))
            missed = self._late.note(intent, outcome)
            if missed is not None:
                self._await(ledger.orders[missed])
            if isinstance(outcome, Refused):
                self._refuse(intent, outcome)
            else:
                decided += outcome
        if gone := withdrawn(decided):
            self.cuts = [one for one in self.cuts if one.order_id not in gone]
        return self._announce(in_turn(decided), bar, ledger.ts)

    def owed(self) -> tuple[OlderExit, ...]:
        return self._processor.owed

    def ask_again(self, intent: Intent) -> Outcome:
        """Decide an intent of an older close by what is known now, its operands as they were frozen; announce nothing.

        A refusal is who asks again's to tell.
        """
        coming = () if intent.rearm is None else (intent.rearm,)
        self._processor.open(coming, self.older_exits())
        return self._decided(intent)

    def _waits(self, intent: Intent) -> bool:
        return self.is_patient and self.asks_once(intent)

    def _decided(self, intent: Intent) -> Outcome:
        """Return what an intent comes to, and note what of it did not fit whole."""
        outcome = self._processor.process(intent)
        if not isinstance(outcome, Refused):
            placed = (one.spec.order_id for one in outcome if isinstance(one, SubmitOrder))
            bar, ts, order_id = self.ledger.bar, self.ledger.ts, next(placed, None)
            self.cuts += [SizeCut(bar, ts, cut, intent, order_id) for cut in self._processor.cuts]
        return outcome

    def _stops(self) -> bool:
        """Return whether a limit of the card stands and there is something for it to stop."""
        ledger, course = self.ledger, self.ledger.course
        if course is None or not course.standing.hit:
            return False
        return bool(ledger.book.orders) or ledger.position is not None

    def _refuse(self, intent: Intent, refused: Refused) -> None:
        ledger = self.ledger
        self.refusals.append(Refusal(ledger.bar, ledger.ts, refused.code, refused.text, intent))

    def _announce(self, decided: Sequence[Decided], bar: int, ts: int) -> list[Command]:
        """Apply what is true from the moment it is decided, and return what a backend is asked."""
        commands: list[Command] = []
        for command in decided:
            match command:
                case SubmitOrder(spec=spec):
                    self.apply(OrderSubmitted(spec=spec, bar=bar, ts=ts))
                case AmendOrder() | CancelOrder():
                    self.apply(RequestSent(asked=command, bar=bar, ts=ts))
                case WithdrawOrder():
                    continue  # it was never asked for
                case SetProtection():
                    pass  # not a request: the backend answers it at once
                case RenewOrder():
                    renewed = OrderRenewed(
                        order_id=command.order_id, expires_bar=command.expires_bar, bar=bar, ts=ts,
                        restarts_age=command.restarts_age, ends_rearm=command.ends_rearm,
                    )  # fmt: skip
                    self.apply(renewed)
                    continue
            commands.append(command)
        return commands

    # ------------------------------------------------------------ what follows an order

    def _await(self, order: Order) -> None:
        leaves = order.spec.rearm is not None and order.spec.effect is Effect.REDUCE
        if leaves or self._blocks.has_follow_up(order.spec):
            self._awaited[order.order_id] = order

    def _take_ending(self, bar: int) -> Iterator[Asking]:
        """Take out orders that ended; yield those with lots filled from this bar on, or that ended since its close.

        A cancel that this close demands counts as done. Orders that ended before had their close; what they
        fill after it asks once more.
        """
        for order_id, order in list(self._awaited.items()):
            if not self._has_ended(order):
                continue
            del self._awaited[order_id]
            if self._is_due(order, bar):
                yield self._late.ask(order, self.ledger)

    def _has_ended(self, order: Order) -> bool:
        has_asked = self._late.has_asked(order)
        return has_asked or order.is_terminal or self.ledger.is_leaving(order)

    def _is_due(self, order: Order, bar: int) -> bool:
        """Return whether an order that has ended, or has asked before, asks at the close of a bar."""
        if self._late.has_asked(order):
            return self._late.asks(order)
        ended = max(order.end_bar or 0, order.last_fill_bar or 0)
        return bool(order.filled) and (not order.is_terminal or ended >= bar)

    def _refs_due(self, asking: Asking) -> Iterator[str]:
        refs, book = self._blocks.refs_due(asking.order.spec), self.ledger.book
        return (ref for ref in refs if asking.since is None or book.by_ref(ref) is None)

    def _comes_again(self, order: Order) -> Rearm | None:
        return comes_again(self.ledger, order, [one.order.order_id for one in self._ending])

    def _is_closed_again(self, order: Order) -> bool:
        """Return whether what an order opened is closed already."""
        position = self.ledger.position
        held = () if position is None else position.layers
        is_entry = order.spec.effect is not Effect.REDUCE
        return is_entry and all(layer.order_id != order.order_id for layer in held)

    def _asked_by(self, asking: Asking) -> list[Intent]:
        """Return what an order asks for; nothing, said so, if what it opened is closed already."""
        ledger, order = self.ledger, asking.order
        intents = self._blocks.follow_up(order, self.machine)
        if asking.since is None:
            base = ledger.instrument.base(asking.lots)
            intents = [sized_by_fill(intent, base) for intent in intents]
        else:
            intents = of_late_lots(ledger, asking, intents)
        intents = carried(ledger, order, intents)
        rearm = self._comes_again(order)
        if rearm is not None:
            lots = rearm.whole or order.filled  # `size: fill`: as many as its exit has closed
            again = self._blocks.again(rearm, order.avg_fill_price, self.machine)
            intents.append(sized_by_fill(again, ledger.instrument.base(lots)))
        if not self._is_closed_again(order):
            return intents
        text = "what it filled was closed before the close of the bar"
        for intent in intents:
            self._refuse(intent, Refused(RefusalCode.FILL_ALREADY_CLOSED, text))
        return []

    # ------------------------------------------------------------ order ids

    def _next_order_id(self) -> str:
        self._issued += 1
        return self.ledger.naming.of(self._run_id, self._issued)

    def _note_number(self, order_id: str) -> None:
        """Go on counting after a journal was replayed: an id is never used twice."""
        self._issued = max(self._issued, number_of(order_id, self._run_id) or 0)


def account_reads(program: Program) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return what is frozen at each close, in the order of `Program.accounts`: name, ref, words."""
    words = {
        str(node.attr[0]): node.value.enum for node in program.graph.nodes if node.op is Op.ACCOUNT
    }
    return tuple((name, ref, words.get(name, ())) for name, ref in program.accounts)
