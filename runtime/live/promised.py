"""The promises of a card while a session runs: counted at every close, and what breaks one halts entries.

The law: judged by what back-tests judge by, at the same moment of a close. Nothing is closed for it: stops, targets
and exits of the card go on, and a person looks.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.graph.program import Program
from runtime.engine import Engine
from runtime.live.guard import Guard
from runtime.records.kept_promises import KeptPromises, promise_line
from runtime.records.promises import Breach
from runtime.records.rows import PromiseRow

BROKEN = "promise"  # what a halt and a notice of one begin with


class Promised:
    """Watches one engine. `began`: the breaches that the last item's close began with, in card order.

    COST: a card that promises nothing has nothing watched.
    """

    def __init__(self, program: Program, engine: Engine) -> None:
        self._graph = program.graph
        is_watched = bool(program.graph.invariants)
        self.kept = KeptPromises(program, engine, lambda _at: 0) if is_watched else None
        self.began: list[Breach] = []

    @property
    def rows(self) -> list[PromiseRow]:
        """Return what was counted since the session began, a row for each promise; without lines."""
        return [] if self.kept is None else self.kept.rows

    def at_close(self, bar: int, guard: Guard) -> None:
        """Judge a close that was observed, before anything is decided on it; a breach halts.

        One that a person has resumed from and that still is there halts again: it is told only once.
        """
        if self.kept is None:
            return
        found, self.began = self.kept.at_close(bar)
        for breach in found:
            guard.halt(f"promise: {self.rows[breach.number].text} is broken: {breach.text}")

    def told(self, line_of: Callable[[int], int]) -> list[str]:
        """Return what began with the last item as sentences, each with the promise's line of the card."""
        return [
            f"{self.rows[breach.number].text} (card line {self.line(breach.number, line_of)}) is "
            f"broken: {breach.text}"
            for breach in self.began
        ]

    def line(self, number: int, line_of: Callable[[int], int]) -> int:
        """Return where a promise stands in the card, 0 where nobody knows."""
        return promise_line(self._graph, number, line_of)
