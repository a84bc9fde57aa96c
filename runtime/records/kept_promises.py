"""How often a run broke each promise of its card: counted at every close, the first of them written down.

The law: every close of the run counts, those that were passed by too; only closes at which no promise can
be broken are passed by.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.catalog.promises import Promise
from compiler.graph.conditions_in_words import condition
from compiler.graph.program import Program
from compiler.graph.rule_graph import InvariantNode, RuleGraph
from runtime.engine import Engine
from runtime.records.promises import Breach, PromiseWatch
from runtime.records.rows import BreachRow, PromiseRow

EXAMPLES = 3  # breaches of a promise that are written down


def promise_rows(graph: RuleGraph, line_of: Callable[[int], int]) -> list[PromiseRow]:
    """Return a row for each promise of a card, in its order, with nothing counted yet."""
    return [
        PromiseRow(
            number=number,
            name=promise.name.value,
            text=promise_text(graph, promise),
            line=promise_line(graph, number, line_of),
        )
        for number, promise in enumerate(graph.invariants)
    ]


def promise_line(graph: RuleGraph, number: int, line_of: Callable[[int], int]) -> int:
    """Return where a promise stands in the card, 0 where nobody knows."""
    spans = graph.promise_origins
    return line_of(spans[number].start) if number < len(spans) else 0


def promise_text(graph: RuleGraph, promise: InvariantNode) -> str:
    """Return a promise as a card says it, its condition in words."""
    if promise.condition is None:
        argument = promise.argument
        return promise.name.value + ("" if argument is None else f": {argument:g}")
    said = condition(graph, promise.condition)
    return said if promise.name is Promise.CONDITION else f"{promise.name.value}: {said}"


def count_breach(row: PromiseRow, bar: int, ts: int, text: str) -> None:
    """Count that a promise was broken, and write it down if it is one of the first."""
    row.times += 1
    if len(row.first) < EXAMPLES:
        row.first.append(BreachRow(bar=bar, ts=ts, text=text))


class KeptPromises:
    """Counts on one run. COST: made only for a card that promises something."""

    def __init__(self, program: Program, engine: Engine, line_of: Callable[[int], int]) -> None:
        self._watch = PromiseWatch(program, engine)
        self._ledger = engine.ledger
        self._rows = promise_rows(program.graph, line_of)
        self._asks_closes = any(p.name is Promise.CONDITION for p in program.graph.invariants)
        self._broken: set[int] = set()  # at the last close

    @property
    def rows(self) -> list[PromiseRow]:
        """Return what was counted so far, a row for each promise."""
        return self._rows

    @property
    def wants_every_close(self) -> bool:
        """Return whether a close without any event could break a promise."""
        ledger = self._ledger
        return self._asks_closes or ledger.position is not None or bool(ledger.book.orders)

    def at_close(self, bar: int) -> tuple[list[Breach], list[Breach]]:
        """Count what is broken at the close of `bar`; asked before anything is decided on it.

        Returns all that is broken, and of that what was not at the close before.
        """
        found = self._watch.at_close()
        began = [one for one in found if one.by_fill or one.number not in self._broken]
        for breach in began:
            count_breach(self._rows[breach.number], bar, self._ledger.ts, breach.text)
        for number in {breach.number for breach in found}:
            self._rows[number].closes += 1
        self._broken = {breach.number for breach in found if not breach.by_fill}
        for number in self._watch.unknown():
            self._rows[number].unknown += 1
        return found, began
