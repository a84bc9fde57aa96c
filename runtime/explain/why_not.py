"""Why a block stayed silent over a range of bars: what blocked it how often, and the nearest miss.

The law: a leaf blocks a case on a bar when the case is not true and this leaf alone, or together
with the others counted, would have to change for it to become true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from compiler.graph.names import with_names
from compiler.graph.program import Program
from compiler.graph.rule_graph import BlockNode
from runtime.errors import DataError
from runtime.explain.close import Condition, closes, condition
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.rules.data_fit import check_fit
from runtime.rules.node_values import NodeValues


@dataclass(slots=True)
class Blocker:
    """A leaf of a case: how often it blocked, was unknown, or was the only one in the way."""

    case: int
    leaf: Condition
    blocked: int = 0
    unknown: int = 0
    alone: int = 0

    @property
    def text(self) -> str:
        return self.leaf.text


@dataclass(frozen=True, slots=True)
class Miss:
    """The bar on which a case came nearest: what was still in the way, and by how much.

    `distance_pct` is the gap of the two sides of the only leaf in the way, None where that has no
    meaning.
    """

    bar: int
    ts: int
    case: int
    missing: tuple[Condition, ...]
    distance_pct: float | None


@dataclass(frozen=True, slots=True)
class WhyNot:
    block: str
    start: int
    stop: int
    bars: int
    fired: int
    unknown: int  # bars on which no case was true and some case was unknown
    blockers: tuple[Blocker, ...]  # most frequent first
    nearest: Miss | None


def why_not(
    program: Program, data: MarketData, instrument: Instrument, block: str, start: int, stop: int
) -> WhyNot:
    """Return why a block did not fire on exec bars [start, stop); DataError for no such block."""
    check_fit(program, data, instrument)
    found = next((b for b in program.blocks if b.id == block), None)
    if found is None:
        names = ", ".join(f"`{b.id}`" for b in program.blocks)
        raise DataError(f"the card has no block `{block}`; it has {names}")
    start, stop = max(0, start), min(stop, len(data.exec))
    if start >= stop:
        raise DataError(f"bars {start} to {stop} hold nothing of the {len(data.exec)} bars")
    silence = Silence(program, found, start)
    for bar, engine, values in closes(program, data, instrument, stop):
        if bar >= start:
            silence.look(bar, engine.ledger.ts, values)
    return silence.result(stop)


class Silence:
    """Counts what keeps one block silent, close after close, from bar `start` on."""

    def __init__(self, program: Program, block: BlockNode, start: int) -> None:
        self._graph = with_names(program.graph)
        self._block = block
        self._start = start
        self._blockers: dict[tuple[int, int], Blocker] = {}
        self._fired = 0
        self._unknown = 0
        self._nearest: Miss | None = None
        self._rank: tuple[int, float] = (1 << 30, 0.0)

    def look(self, bar: int, ts: int, values: NodeValues) -> None:
        """Take one close in; `values` stand at it."""
        cases = [condition(self._graph, case.when, values) for case in self._block.cases]
        if any(case.truth == 1.0 for case in cases):
            self._fired += 1
            return
        self._unknown += any(case.truth != case.truth for case in cases)
        for number, case in enumerate(cases):
            self._count(bar, ts, number, case)

    def result(self, stop: int) -> WhyNot:
        """Return what was found up to bar `stop`, not included."""
        ranked = sorted(self._blockers.values(), key=lambda b: (-b.blocked, -b.alone, b.case))
        return WhyNot(
            block=self._block.id,
            start=self._start,
            stop=stop,
            bars=stop - self._start,
            fired=self._fired,
            unknown=self._unknown,
            blockers=tuple(ranked),
            nearest=self._nearest,
        )

    def _count(self, bar: int, ts: int, number: int, case: Condition) -> None:
        missing = tuple({leaf.node: leaf for leaf in blocking(case)}.values())
        for leaf in missing:
            key = (number, leaf.node)
            blocker = self._blockers.setdefault(key, Blocker(number, leaf))
            blocker.blocked += 1
            blocker.unknown += leaf.truth != leaf.truth
            blocker.alone += len(missing) == 1
        distance = missing[0].gap_pct if len(missing) == 1 else None
        rank = (len(missing), float("inf") if distance is None else distance)
        if rank < self._rank:
            self._rank = rank
            self._nearest = Miss(bar, ts, number, missing, distance)


def _as_leaf(negation: Condition) -> Condition:
    """Return a `not` as one thing that is in the way, with what is read inside: its parts block by being true."""
    (inner,) = negation.parts
    operands = {seen.text: seen for leaf in inner.leaves() for seen in leaf.operands}
    return replace(
        negation, kind="leaf", parts=(), operands=tuple(operands.values()), gap_pct=inner.gap_pct
    )


def blocking(at: Condition) -> Iterator[Condition]:
    """Yield the leaves that keep a condition from being true; a `not` is one of them, as a whole."""
    if at.truth == 1.0:
        return
    if at.kind == "leaf":
        yield at
    elif at.kind == "not":
        yield _as_leaf(at)
    else:
        # Where one part would do, all of them stand in the way as long as none is true.
        for part in at.parts:
            yield from blocking(part)
