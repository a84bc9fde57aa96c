"""What becomes of a result when the numbers of its card move: each by itself, then all together a little.

The law: this says how much hangs on a number, never that a result is one: on markets without any direction the
neighbours of a winner win, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import Overrides
from tools.search.literals import NEAR, Literal, changed, literals, nudges
from tools.search.timing import Timing

DRAWS = 200
MOST_NUDGES = 400
_TUNED = 95.0

Run = Callable[[Program], Timing | None]
Progress = Callable[[str, int, int], None]
Stops = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Nudge:
    """One literal at another value, and what came of it. `net` is the log growth of equity."""

    value: float
    t: float | None
    net: float
    trades: int


@dataclass(frozen=True, slots=True)
class Swing:
    """One literal: the line of the card, the words of that line, and its nudges in the order of their values."""

    line: int
    words: str
    value: float
    nudges: tuple[Nudge, ...]

    def spread(self, net: float) -> float:
        """Return how far the net growth moves, beside the card's own `net`."""
        nets = [net, *(nudge.net for nudge in self.nudges)]
        return max(nets) - min(nets)


@dataclass(frozen=True, slots=True)
class Fragility:
    """`swings` by how much they move, most first. `drawn` neighbours, every literal up to a tenth away at once,
    `below` of which the card's own T beats (a draw counts half)."""

    swings: tuple[Swing, ...]
    drawn: int
    below: float

    @property
    def percentile(self) -> float | None:
        return 100.0 * self.below / self.drawn if self.drawn else None

    @property
    def is_tuned(self) -> bool:
        """Return whether hardly a neighbour does as well: the numbers fit these bars."""
        return self.percentile is not None and self.percentile >= _TUNED


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was given."""

    source: Source
    overrides: Overrides = ()


def fragility(
    card: Card,
    own: Timing,
    run: Run,
    seed: int,
    progress: Progress,
    stops: Stops,
    draws: int = DRAWS,
) -> Fragility:
    """Move every literal of a card, by itself and all at once; `own` is what the card itself came to."""
    found = literals(card.source, card.overrides)
    same = changed(card.source, card.overrides, {})
    meaning = "" if same is None else same.graph_hash
    plans = [(one, nudges(one)) for one in found]
    if sum(len(values) for _, values in plans) > MOST_NUDGES:
        plans = [(one, _outer(values)) for one, values in plans]
    count = sum(len(values) for _, values in plans) + draws
    done, swings = 0, list[Swing]()
    for literal, values in plans:
        made = list[Nudge]()
        for value in values:
            if stops():
                break
            timing = _run(card, {literal: value}, run, meaning)
            if timing is not None:
                made.append(Nudge(value, timing.t, timing.net, timing.trades))
            done += 1
            progress("numbers moved", done, count)
        if made:
            words = card.source.line_text(literal.line).strip()
            swings.append(Swing(literal.line, words, literal.value, tuple(made)))
    below, drawn = 0.0, 0
    for values_of in _neighbours(found, seed, draws):
        if stops():
            break
        timing = _run(card, values_of, run, "")
        if timing is not None:
            drawn += 1
            mine, theirs = own.t or 0.0, timing.t or 0.0
            below += 0.5 if mine == theirs else float(mine > theirs)
        done += 1
        progress("numbers moved", done, count)
    swings.sort(key=lambda one: -one.spread(own.net))
    return Fragility(tuple(swings), drawn, below)


def _run(card: Card, values: dict[Literal, float], run: Run, meaning: str) -> Timing | None:
    """Return what a changed card comes to; None where that is no card, or still means `meaning`: nobody reads it."""
    program = changed(card.source, card.overrides, values)
    return None if program is None or program.graph_hash == meaning else run(program)


def _outer(values: Sequence[float]) -> list[float]:
    """Return the lowest and the highest: a card of many numbers gets fewer looks at each."""
    return [values[0], values[-1]] if len(values) > 1 else list(values)


def _neighbours(found: Sequence[Literal], seed: int, draws: int) -> list[dict[Literal, float]]:
    """Return draws of all literals at once, each up to a tenth away, every tenth of a percent used alike.

    A Latin hypercube (McKay, Beckman & Conover 1979): each literal visits every stratum once.
    """
    if not found:
        return []
    columns = []
    for place, literal in enumerate(found):
        chance = Random(f"{seed}:neighbours:{place}")
        strata = [(one + chance.random()) / draws for one in range(draws)]
        chance.shuffle(strata)
        columns.append([_moved(literal, at) for at in strata])
    return [dict(zip(found, row, strict=True)) for row in zip(*columns, strict=True)]


def _moved(literal: Literal, at: float) -> float:
    """Return a literal at a place in [0, 1) of its neighbourhood; of a whole one at least one step is in reach."""
    away = 2.0 * at - 1.0
    if not literal.is_whole:
        return literal.value * (1.0 + NEAR * away)
    reach = max(1.0, round(abs(literal.value) * NEAR)) + 0.5
    moved = float(round(literal.value + reach * away * (1.0 - 1e-9)))
    return moved if moved * literal.value > 0 else literal.value
