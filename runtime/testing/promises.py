"""Promises as checks of a running account: those every run keeps, and the invariants of a card.

The law: a promise is broken by what is known to be false; unknown breaks nothing. Watching changes
nothing: the run is the one a back-test makes.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.graph.program import Program
from runtime.decide.refusals import promise_of
from runtime.engine import Engine, Refusal
from runtime.market.frame import Frame
from runtime.orders.events import Event
from runtime.records.promises import PromiseWatch
from runtime.testing.laws import BUILT_IN, Books, broken_laws
from runtime.testing.tape import Tape

__all__ = ["BUILT_IN", "Broken", "Watch"]
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
        self._kept = PromiseWatch(program, engine)
        engine.listeners.append(self._seen)

    def _seen(self, event: Event) -> None:
        self._books.seen(event)
        if self._tape is not None:
            self._tape.seen(event)

    # ------------------------------------------------------------ closes

    def at_close(self, bar: int) -> Broken | None:
        """Judge the state at the close of `bar`, before anything is decided on it."""
        breaches = self._kept.at_close()
        for law, text in broken_laws(self._ledger, self._books):
            return self._made(bar, law, text)
        for law, text in () if self._tape is None else self._tape.broken():
            return self._made(bar, law, text)
        for breach in breaches:
            name = self._promises[breach.number].name
            return self._made(bar, name, breach.text, breach.number)
        return None

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
