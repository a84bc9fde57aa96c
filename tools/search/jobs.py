"""Parameter sets on stretches of a market, run one after the other in this process.

The law: what comes out depends on the card, the set and the stretch alone: not on what ran before, not on the
process, not on the engine that made it.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from compiler.catalog.operations import Op
from compiler.findings.diagnostics import CompileFailed, Diagnostic
from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Feed, GivenUp, Kernels, Memory
from runtime.batch.choose import kernels_for
from runtime.batch.lower import lower
from runtime.batch.supported import reasons
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.native import NativeMissing
from runtime.rules.market_stage import MarketStage
from runtime.rules.tier import Tier
from tools.running import data_findings
from tools.search.figures import Figures, by_kernel, of_record
from tools.search.space import ParamSet

_CHUNK = 64  # sets whose programs are in memory at once
_KEPT_FEEDS = 24  # stretches whose marks and funding times are


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of the bars that are traded, [first, stop); earlier rows only warm up."""

    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class Job:
    """One set on one stretch."""

    params: ParamSet
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a set cannot run: what the compiler or the data say, in one line."""

    reason: str


Outcome = Figures | Refused
Stops = Callable[[], bool]


class Workers(Protocol):
    """Whoever runs jobs. Outcomes come as (place of the job, outcome), in any order; fewer where `stops` says so."""

    def outcomes(self, jobs: Sequence[Job], stops: Stops) -> Iterator[tuple[int, Outcome]]: ...

    def warmup(self, params: ParamSet) -> int: ...


@dataclass(frozen=True, slots=True)
class Matter:
    """What all jobs of a search share: the card, settings above it, the market, the instrument."""

    source: Source
    overrides: ParamSet
    symbol: str
    data: MarketData
    instrument: Instrument

    def program(self, params: ParamSet) -> Program:
        """Return the program of a set; CompileFailed where it has none."""
        return compile_card(self.source, (*self.overrides, *params), symbol=self.symbol)

    def digest(self) -> str:
        """Return a digest of everything that decides what a job comes to, but for the code."""
        data, made = self.data, hashlib.sha256()
        words = (self.source.text, self.overrides, self.symbol, self.instrument, data.first)
        made.update(repr(words).encode())
        frames = [("exec", data.exec), ("mark", data.mark), ("fine", data.fine)]
        frames += [(repr(name), frame) for name, frame in sorted(data.frames.items())]
        for name, frame in frames:
            made.update(name.encode())
            if frame is not None:
                _take_in(made, frame)
        if data.funding is not None:
            made.update(data.funding.ts.tobytes())
            made.update(data.funding.rate.tobytes())
        return made.hexdigest()


def _take_in(made: hashlib._Hash, frame: Frame) -> None:
    made.update(f"{frame.symbol} {frame.timeframe} {len(frame)}".encode())
    for column in (frame.ts, frame.open, frame.high, frame.low, frame.close, frame.volume):
        made.update(column.tobytes())


@dataclass(frozen=True, slots=True)
class _Compiled:
    program: Program
    market: tuple[int, ...]  # what tells its market stage from others


class Local:
    """Runs jobs in this process. Sets that read the same of the market share its columns."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._shared: tuple[object, MarketStage] | None = None
        self._feeds: dict[Stretch, Feed] = {}
        self._words: dict[object, int] = {}  # what columns say, each with a number of its own
        self._fits: dict[object, str] = {}
        self._memory = Memory()
        self.reasons: dict[str, int] = {}  # why the readable engine made a run, and how many

    def warmup(self, params: ParamSet) -> int:
        """Return the exec bars until everything a set reads can be known; 0 for one that cannot run."""
        try:
            return self._matter.program(params).warmup_bars
        except CompileFailed:
            return 0

    def outcomes(self, jobs: Sequence[Job], stops: Stops) -> Iterator[tuple[int, Outcome]]:
        """Yield (place, outcome) of job after job, until told to stop."""
        for start in range(0, len(jobs), _CHUNK):
            chunk = range(start, min(start + _CHUNK, len(jobs)))
            compiled = dict[ParamSet, _Compiled | Refused]()
            for place in chunk:
                if jobs[place].params not in compiled:
                    compiled[jobs[place].params] = self._compile(jobs[place].params)
            # COST: those with the same market behind one another, so that it is computed once.
            seen = dict[object, int]()
            for one in compiled.values():
                if isinstance(one, _Compiled):
                    seen.setdefault(one.market, len(seen))

            def turn(place: int) -> tuple[int, int]:
                one = compiled[jobs[place].params]  # noqa: B023
                return (-1 if isinstance(one, Refused) else seen[one.market], place)  # noqa: B023

            for place in sorted(chunk, key=turn):
                if stops():
                    return
                one = compiled[jobs[place].params]
                yield place, one if isinstance(one, Refused) else self._run(one, jobs[place])

    def _compile(self, params: ParamSet) -> _Compiled | Refused:
        try:
            program = self._matter.program(params)
            against = self._against(program)
        except CompileFailed as failure:
            return Refused(_first_error(failure.diagnostics))
        except IdeaCardError as error:
            return Refused(str(error))
        return Refused(against) if against else _Compiled(program, self._market_of(program))

    def _against(self, program: Program) -> str:
        """Return what the data or the instrument have against a program, "" for nothing."""
        matter, graph = self._matter, program.graph
        key = (graph.features, graph.settings.account.max_leverage)
        if key not in self._fits:
            found = data_findings(matter.source, program, matter.data, matter.instrument)
            self._fits[key] = _first_error(found)
        return self._fits[key]

    def _market_of(self, program: Program) -> tuple[int, ...]:
        """Return what the columns of a program are: equal for two that read the same."""
        graph, words = program.graph, self._words

        def number(said: object) -> int:
            return words.setdefault(said, len(words))

        wanted, known = set(program.columns), dict[int, int]()
        for index in range(len(graph.nodes) - 1, -1, -1):
            if index in wanted:
                wanted.update(graph.nodes[index].args)
        for index in sorted(wanted):
            node = graph.nodes[index]
            known[index] = number((node.op, node.attr, *(known[arg] for arg in node.args)))
        features = number((graph.timeframe, graph.features))
        return (features, *(known[index] for index in program.columns))

    def _run(self, one: _Compiled, job: Job) -> Outcome:
        try:
            return self._figures(one, job.stretch)
        except IdeaCardError as error:
            return Refused(str(error))

    def _figures(self, one: _Compiled, stretch: Stretch) -> Figures:
        """Return the figures of a program on a stretch: the one place where a search runs anything."""
        data = cut(self._matter.data, stretch)
        start = one.program.graph.settings.account.starting_equity_usdt
        against = reasons(one.program, data)
        if not against and self._kernels is not None:
            try:
                feed = self._feed_of(one, data, stretch)
                return by_kernel(
                    lower(one.program, self._matter.instrument),
                    feed,
                    self._kernels,
                    start,
                    self._memory,
                )
            except GivenUp as given_up:
                against = [str(given_up)]
        why = ", ".join(against) or "there is no native compiler"
        self.reasons[why] = self.reasons.get(why, 0) + 1
        record = run_backtest(one.program, data, self._matter.instrument, flip=False)
        return of_record(record, data, start)

    @cached_property
    def _kernels(self) -> Kernels | None:
        try:
            return kernels_for(Tier.NATIVE, len(self._matter.data.exec))
        except NativeMissing:
            return None

    def _feed_of(self, one: _Compiled, data: MarketData, stretch: Stretch) -> Feed:
        """Return the market as the kernel takes it. INVARIANT: rows of the stage never depend on later bars."""
        counts = _counts_bars(one.program)
        shared = (one.market, stretch.first if counts else None)
        if self._shared is None or self._shared[0] != shared:
            whole = replace(self._matter.data, first=stretch.first)
            self._shared = (
                shared,
                market_stage(one.program, whole, Tier.NATIVE, only_columns=True),
            )
        market = _Cut(self._shared[1], stretch.stop)
        if stretch not in self._feeds:
            if len(self._feeds) >= _KEPT_FEEDS:
                self._feeds.clear()
            self._feeds[stretch] = Feed.of(one.program, data, market)
            return self._feeds[stretch]
        return self._feeds[stretch].read_by(one.program, market)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The first rows of a market stage."""

    stage: MarketStage
    stop: int

    def column(self, slot: int) -> array[float]:
        column = self.stage.column(slot)
        assert isinstance(column, array)
        return column if self.stop == len(column) else column[: self.stop]


def cut(data: MarketData, stretch: Stretch) -> MarketData:
    """Return the feeds of a stretch; what lies before it stays, for warming up."""
    if stretch == Stretch(data.first, len(data.exec)):
        return data
    frame, fine = data.exec.rows(0, stretch.stop), data.fine
    if fine is not None:
        end = frame.close_time(len(frame) - 1)
        fine = fine.rows(0, sum(1 for ts in fine.ts if ts < end))
    return replace(data, exec=frame, fine=fine, first=stretch.first)


def _first_error(found: Iterable[Diagnostic]) -> str:
    return next((f"{one.code}: {one.message}" for one in found if one.is_error), "")


def _counts_bars(program: Program) -> bool:
    """Return whether a column counts bars from the first that is traded."""
    return any(node.op is Op.BAR and node.attr[0] == "bar_index" for node in program.graph.nodes)
