"""What became of the promises a card makes about itself: at which closes one was false, which fill broke it.

The law: a promise is broken by what is known to be false; unknown breaks nothing. Watching changes nothing:
an entry that would break one was refused before; what a fill, the market or time breaks is counted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.promises import Promise
from compiler.graph.program import Program
from compiler.graph.rule_graph import InvariantNode
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.account.standing import stop_in_force
from runtime.engine import Engine
from runtime.formulas.sums import whole
from runtime.orders.events import Event, OrderFilled
from runtime.orders.order_spec import Effect, Side

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that is broken at a close: its place in the card's list, and how. `by_fill`: by an entry."""

    number: int
    text: str
    by_fill: bool = False


class PromiseWatch:
    """Looks at an engine while it runs; asked once at every close that is not passed by."""

    def __init__(self, program: Program, engine: Engine) -> None:
        self._promises = program.graph.invariants
        self._engine = engine
        self._ledger = engine.ledger
        self._barred: set[int] = set()  # `no_entry_while` conditions true at the last close
        self._held: tuple[Side, float, frozenset[str]] | None = None
        self._fills: list[Breach] = []
        engine.listeners.append(self._seen)

    # ------------------------------------------------------------ fills

    def _seen(self, event: Event) -> None:
        """Judge fills against what was held before them."""
        if not isinstance(event, OrderFilled):
            return
        order = self._ledger.orders.get(event.order_id)
        if order is not None and order.spec.effect is Effect.OPEN:
            for number, promise in enumerate(self._promises):
                text = self._entry_breaks(promise, number, event)
                if text is not None:
                    self._fills.append(Breach(number, text, by_fill=True))
        position = self._ledger.position
        self._held = None
        if position is not None:
            layers = frozenset(layer.layer_id for layer in position.layers)
            self._held = (position.side, position.avg_entry_price, layers)

    def _entry_breaks(self, promise: InvariantNode, number: int, event: OrderFilled) -> str | None:
        if promise.name is Promise.NO_ENTRY_WHILE and number in self._barred:
            return barred_in_words(event.order_id)
        if promise.name is not Promise.NEVER_AVERAGE_UP or self._held is None:
            return None
        side, average, layers = self._held
        is_new = event.order_id not in layers and self._ledger.orders[event.order_id].side is side
        if is_new and (event.price - average) * side.sign > average * 1e-9:
            return worse_in_words(event.price, average)
        return None

    # ------------------------------------------------------------ closes

    def at_close(self) -> list[Breach]:
        """Return what is broken at this close, fills since the last one first.

        To be asked once the close is observed and before anything is decided on it.
        """
        found, self._fills = self._fills, []
        for number, promise in enumerate(self._promises):
            text = self._state_breaks(promise)
            if text is not None:
                found.append(Breach(number, text))
        self._barred = {
            number
            for number, promise in enumerate(self._promises)
            if promise.name is Promise.NO_ENTRY_WHILE and self._value(promise) == 1.0
        }
        return found

    def unknown(self) -> Iterator[int]:
        """Yield the promises of which this close cannot tell whether they are kept."""
        for number, promise in enumerate(self._promises):
            if promise.name is Promise.CONDITION and self._value(promise) not in (0.0, 1.0):
                yield number

    def _state_breaks(self, promise: InvariantNode) -> str | None:
        most = promise.argument or 0.0
        ledger = self._ledger
        position = ledger.position
        match promise.name:
            case Promise.ALWAYS_PROTECTED:
                naked = unprotected_lots(ledger)
                return in_words(promise, ledger.instrument.base(naked)) if naked else None
            case Promise.MAX_LAYERS:
                layers = 0 if position is None else position.layer_count
                return in_words(promise, layers) if layers > most else None
            case Promise.MAX_NOTIONAL_USDT:
                held = 0.0 if position is None else position.total_size_usdt
                return in_words(promise, held) if held > most * _SLACK else None
            case Promise.MAX_OPEN_ORDERS:
                count = sum(1 for order in ledger.book if order.is_own)
                return in_words(promise, count) if count > most else None
            case Promise.FLAT_AFTER_BARS:
                held = read(ledger, "bars_since_entry")
                return in_words(promise, held) if held > most else None
            case Promise.CONDITION:
                return in_words(promise, 0.0) if self._value(promise) == 0.0 else None
            case Promise.NEVER_AVERAGE_UP | Promise.NO_ENTRY_WHILE:
                return None  # judged by entries alone
            case _:
                assert_never(promise.name)

    def _value(self, promise: InvariantNode) -> float:
        assert promise.condition is not None
        return self._engine.machine.value(promise.condition)


# ---------------------------------------------------------------- in words


def barred_in_words(order_id: str) -> str:
    return f"order {order_id} filled while the condition was true"


def worse_in_words(price: float, average: float) -> str:
    return f"filled at {price:g}, worse than the average entry {average:g}"


def in_words(promise: InvariantNode, amount: float) -> str:
    """Return how a promise is broken at a close at which there is this much of what it bounds."""
    most = promise.argument or 0.0
    match promise.name:
        case Promise.ALWAYS_PROTECTED:
            return f"{amount:g} of the position has no stop"
        case Promise.MAX_LAYERS:
            return f"{amount:.0f} layers of {most:g}"
        case Promise.MAX_NOTIONAL_USDT:
            return f"entered for {amount:.2f} USDT of {most:g}"
        case Promise.MAX_OPEN_ORDERS:
            return f"{amount:.0f} orders of {most:g}"
        case Promise.FLAT_AFTER_BARS:
            return f"held for {amount:g} bars of {most:g}"
        case _:
            return "the condition is false"


def unprotected_lots(ledger: Ledger) -> int:
    """Return the lots of the position that no stop stands under: neither its own nor their layer's."""
    position = ledger.position
    if position is None or stop_in_force(ledger) is not None:
        return 0
    return whole(
        layer.quantity for layer in position.layers if stop_in_force(ledger, layer.layer_id) is None
    )
