"""The search for a shortest market path that breaks a promise: hypothesis draws, tries and shrinks.

The law: the same card, seed and limits give the same answer (a time limit alone may cut it short).
Finding nothing is not a proof.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from compiler.graph.program import Program
from runtime.errors import DataError
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.testing.by_the_clock import by_the_clock
from runtime.testing.markets import paths
from runtime.testing.paths import Path, frame_of, shape_of
from runtime.testing.promises import Broken
from runtime.testing.trial import Entries, first_broken

Progress = Callable[[int, int], None]
LEAST_BARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """How far to look. `bars` counts those after the warm-up; `seconds` None: no time limit."""

    examples: int = 500
    bars: int = 12
    seed: int = 0
    seconds: float | None = None
    start_price: float | None = None
    count_refusals: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A path that breaks a promise, as short as the search could make it. `data` ends at its bar."""

    broken: Broken
    data: MarketData
    warmup_bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was tried. `found` None: every path of the `examples` tried kept every promise.

    `entered`: in how many of them the card placed an entry; what a promise forbids was asked for in no other.
    """

    examples: int
    entered: int
    limits: SearchLimits
    found: Found | None
    stopped: str = ""  # "" | "time" | "interrupted"
    warmup_bars: int = 0


class _Stop(BaseException):
    """Leaves the search; not an Exception, which hypothesis would take for a finding."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class _Hunt:
    """The condition hypothesis searches under, and what it has seen."""

    run: Callable[[Path], tuple[Broken | None, bool]]
    limits: SearchLimits
    progress: Progress | None
    deadline: float | None
    interrupted: Callable[[], bool]
    tried: int = 0
    entered: int = 0
    best: tuple[Path, Broken] | None = None
    answers: dict[Path, Broken | None] = field(default_factory=dict)

    def breaks(self, path: Path) -> bool:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise _Stop("time")
        if self.interrupted():
            raise _Stop("interrupted")
        if path not in self.answers:
            self.answers[path], has_entered = self.run(path)
            self._count(has_entered)
        broken = self.answers[path]
        if broken is None or (self.best is not None and broken.key != self.best[1].key):
            # Shrinking keeps to the promise that was found first.
            return False
        if self.best is None or _size(path) < _size(self.best[0]):
            self.best = (path, broken)
        return True

    def _count(self, has_entered: bool) -> None:
        if self.best is not None:
            return  # shrinking what was found is not trying another example
        self.tried += 1
        self.entered += has_entered
        if self.progress is not None:
            self.progress(min(self.tried, self.limits.examples), self.limits.examples)


def _size(path: Path) -> tuple[int, int]:
    numbers = sum(abs(number) for move in path.moves for number in move)
    return len(path.moves), numbers + (path.warmup != "flat") + (path.later > 0)


def search(
    program: Program,
    instrument: Instrument,
    limits: SearchLimits,
    progress: Progress | None = None,
    *,
    interrupted: Callable[[], bool] = lambda: False,
) -> Searched:
    """Search for a short market path on which `program` breaks a promise.

    `interrupted` is asked before every path; once it is true the search ends and returns what is
    known so far (`stopped`). DataError for a card that cannot run on one made-up symbol.
    """
    shape = shape_of(program.graph, instrument, program.warmup_bars, limits.start_price)
    shape = by_the_clock(program, shape)
    if limits.bars < LEAST_BARS or limits.examples < 1:
        raise DataError(f"a search needs an example and {LEAST_BARS} bars at least")

    def data_of(path: Path) -> MarketData:
        made = frame_of(path.moves, shape, path.warmup, path.later)
        return MarketData(exec=made, synthetic=True)

    def run(path: Path) -> tuple[Broken | None, bool]:
        entries = Entries()
        broken = first_broken(
            program,
            data_of(path),
            instrument,
            count_refusals=limits.count_refusals,
            entries=entries,
        )
        return broken, entries.placed > 0

    deadline = None if limits.seconds is None else time.monotonic() + limits.seconds
    hunt = _Hunt(run, limits, progress, deadline, interrupted)
    stopped = ""
    try:
        bars = limits.bars
        while bars >= LEAST_BARS and _look(hunt, paths(shape, LEAST_BARS, bars), limits):
            # Shrinking ends where no single change helps: a fresh look among shorter paths may.
            assert hunt.best is not None
            bars = len(hunt.best[0].moves) - 1
    except _Stop as stop:
        stopped = stop.why
    found = None
    if hunt.best is not None:
        path, broken = hunt.best
        found = Found(broken=broken, data=data_of(path), warmup_bars=shape.warmup_bars + path.later)
    return Searched(
        examples=hunt.tried,
        entered=hunt.entered,
        limits=limits,
        found=found,
        stopped=stopped,
        warmup_bars=shape.warmup_bars,
    )


def _look(hunt: _Hunt, drawn: SearchStrategy[Path], limits: SearchLimits) -> bool:
    """Draw, try and shrink; return whether a path was found."""
    try:
        find(
            drawn,
            hunt.breaks,
            settings=_settings(limits.examples),
            random=random.Random(limits.seed),
        )
    except NoSuchExample:
        return False
    return True


def _settings(examples: int) -> settings:
    # No database: what another run found must not change this one.
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
