"""Promises as checks of a running account: those every run keeps, and the invariants of a card.

The law: a promise is broken by what is known to be false; unknown breaks nothing. Watching changes
nothing: the run is the one a back-test makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.promises import Promise
from compiler.graph.program import Program
from compiler.graph.rule_graph import InvariantNode
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.decide.refusals import promise_of
from runtime.engine import Engine, Refusal
from runtime.formulas.sums import whole
from runtime.market.frame import Frame
from runtime.orders.events import Event, OrderFilled
from runtime.orders.order_spec import Effect, Side
from runtime.testing.laws import BUILT_IN, Books, broken_laws
from runtime.testing.tape import Tape

__all__ = ["BUILT_IN", "Broken", "Watch"]
_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals
_HALTED = "no_overfill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One broken promise: `how` is `state` (false at a close), `refused` or `error`.

    `number` is the place in the card's list of invariants, None for a built-in promise (and where
    two bare conditions could have refused). `offset` is the place in the card of the intent that
    was refused, -1 without one. `bar` counts from the first row of the data, `ts` its close.
    """

    promise: str
    how: str
    text: str
    bar: int
    ts: int
    number: int | None = None
    offset: int = -1

    @property
    def key(self) -> tuple[str, int | None]:
        """Return what makes two findings the same promise."""
        return self.promise, self.number


class Watch:
    """Looks at an engine while it runs: `at_close` before, `decided` after each decision.

    Both return what broke first on the bar, or None. `count_refusals` False: a promise that only
    had to refuse an intent is kept. With the exec `bars`, executions are held to them.
    """

    def __init__(
        self, program: Program, engine: Engine, *, count_refusals: bool = True,
        bars: Frame | None = None,
    ) -> None:  # fmt: skip
        self._promises = program.graph.invariants
        self._engine = engine
        self._ledger = engine.ledger
        self._counts_refusals = count_refusals
        self._refused = 0
        self._books = Books(engine.ledger)
        self._tape = None if bars is None else Tape(engine.ledger, bars)
        self._barred: set[int] = set()  # `no_entry_while` conditions true at the last close
        self._held: tuple[Side, float, frozenset[str]] | None = None
        self._fills: list[tuple[str, str, int | None]] = []
        engine.listeners.append(self._seen)

    # ------------------------------------------------------------ events

    def _seen(self, event: Event) -> None:
        """Judge fills against what was held before them."""
        self._books.seen(event)
        if self._tape is not None:
            self._tape.seen(event)
        if not isinstance(event, OrderFilled):
            return
        order = self._ledger.orders[event.order_id]
        if order.spec.effect is Effect.OPEN:
            for number, promise in enumerate(self._promises):
                text = self._entry_breaks(promise, number, event)
                if text is not None:
                    self._fills.append((promise.name, text, number))
        position = self._ledger.position
        self._held = None
        if position is not None:
            layers = frozenset(layer.layer_id for layer in position.layers)
            self._held = (position.side, position.avg_entry_price, layers)

    def _entry_breaks(self, promise: InvariantNode, number: int, event: OrderFilled) -> str | None:
        if promise.name is Promise.NO_ENTRY_WHILE and number in self._barred:
            return f"order {event.order_id} filled while the condition was true"
        if promise.name is not Promise.NEVER_AVERAGE_UP or self._held is None:
            return None
        side, average, layers = self._held
        is_new = event.order_id not in layers and self._ledger.orders[event.order_id].side is side
        if is_new and (event.price - average) * side.sign > average * 1e-9:
            return f"filled at {event.price:g}, worse than the average entry {average:g}"
        return None

    # ------------------------------------------------------------ closes

    def at_close(self, bar: int) -> Broken | None:
        """Judge the state at the close of `bar`, before anything is decided on it."""
        found = self._first(bar)
        self._barred = {
            number
            for number, promise in enumerate(self._promises)
            if promise.name is Promise.NO_ENTRY_WHILE and self._value(promise) == 1.0
        }
        self._fills.clear()
        return found

    def decided(self, bar: int) -> Broken | None:
        """Judge the refusals of the close of `bar`."""
        new = self._engine.refusals[self._refused :]
        self._refused += len(new)
        for refusal in new:
            name = promise_of(refusal.code)
            if name is not None:
                if name == _HALTED:
                    return self._made(bar, "fills_within_orders", refusal.text)
                if self._counts_refusals:
                    return self._of_refusal(refusal, name)
        return None

    def at_end(self, bar: int) -> Broken | None:
        """Judge the account after the end of the data: every order has ended."""
        for order in self._ledger.orders.values():
            if not order.is_terminal:
                return self._made(bar, "orders_end", f"{order.order_id} is {order.status.value}")
        return None

    def _first(self, bar: int) -> Broken | None:
        for law, text in broken_laws(self._ledger, self._books):
            return self._made(bar, law, text)
        for law, text in () if self._tape is None else self._tape.broken():
            return self._made(bar, law, text)
        for name, text, number in self._fills:
            return self._made(bar, name, text, number)
        for number, promise in enumerate(self._promises):
            told = self._state_breaks(promise)
            if told is not None:
                return self._made(bar, promise.name, told, number)
        return None

    def _state_breaks(self, promise: InvariantNode) -> str | None:
        most = promise.argument or 0.0
        ledger = self._ledger
        position = ledger.position
        match promise.name:
            case Promise.ALWAYS_PROTECTED:
                naked = unprotected_lots(ledger)
                size = ledger.instrument.base(naked)
                return f"{size:g} of the position has no stop" if naked else None
            case Promise.MAX_LAYERS:
                layers = 0 if position is None else position.layer_count
                return f"{layers} layers of {most:g}" if layers > most else None
            case Promise.MAX_NOTIONAL_USDT:
                held = 0.0 if position is None else position.total_size_usdt
                text = f"entered for {held:.2f} USDT of {most:g}"
                return text if held > most * _SLACK else None
            case Promise.MAX_OPEN_ORDERS:
                count = sum(1 for order in ledger.book if order.is_own)
                return f"{count} orders of {most:g}" if count > most else None
            case Promise.FLAT_AFTER_BARS:
                held = read(ledger, "bars_since_entry")
                return f"held for {held:g} bars of {most:g}" if held > most else None
            case Promise.CONDITION:
                return "the condition is false" if self._value(promise) == 0.0 else None
            case Promise.NEVER_AVERAGE_UP | Promise.NO_ENTRY_WHILE:
                return None  # judged by entries alone
            case _:
                assert_never(promise.name)

    def _value(self, promise: InvariantNode) -> float:
        assert promise.condition is not None
        return self._engine.machine.value(promise.condition)

    # ------------------------------------------------------------ findings

    def _of_refusal(self, refusal: Refusal, name: str) -> Broken:
        numbers = [n for n, promise in enumerate(self._promises) if promise.name == name]
        return Broken(
            promise=name,
            how="refused",
            text=refusal.text,
            bar=refusal.bar,
            ts=refusal.ts,
            number=numbers[0] if len(numbers) == 1 else None,
            offset=refusal.intent.origin.offset,
        )

    def _made(self, bar: int, name: str, text: str, number: int | None = None) -> Broken:
        return Broken(
            promise=name, how="state", text=text, bar=bar, ts=self._ledger.ts, number=number
        )


def unprotected_lots(ledger: Ledger) -> int:
    """Return the lots of the position that no stop stands under: neither its own nor their layer's."""
    position = ledger.position
    if position is None or ledger.stop_price() is not None:
        return 0
    return whole(
        layer.quantity for layer in position.layers if ledger.stop_price(layer.layer_id) is None
    )
