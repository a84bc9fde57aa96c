"""The bars before a session: asked of the venue, taken in as bars that only advance the state.

The law: they go through the journal like every bar, so a replay needs no venue; nothing is decided on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.catalog.timeframes import interval_ms
from compiler.graph.program import Program
from runtime.backends.bybit.intake import Intake
from runtime.backends.bybit.messages import KlineUpdate
from runtime.backends.bybit.rest import Rest
from runtime.errors import DataError, NotSent
from runtime.live.bars import BarGate
from runtime.live.items import BarArrived
from runtime.market.download import INTERVALS

_MORE = 100  # bars beyond what the card asks for: what runs for ever (an ema) settles
_PAGE = 1_000


def interval_word(timeframe: str) -> str:
    """Return the venue's word for a timeframe; DataError for one it has no bars of."""
    if timeframe not in INTERVALS:
        known = ", ".join(INTERVALS)
        raise DataError(f"the venue has no {timeframe} bars; it has {known}")
    return INTERVALS[timeframe]


def bars_wanted(program: Program) -> int:
    """Return how many closed bars a session asks for before its first own one.

    They begin anywhere within a bar of a slow clock, and one that is not whole does not count.
    """
    graph = program.graph
    own = interval_ms(graph.timeframe)
    slowest = max((interval_ms(feature.timeframe) for feature in graph.features), default=own)
    return program.warmup_bars + max(_MORE, slowest // own - 1)


def warm_up(
    rest: Rest, intake: Intake, gate: BarGate, program: Program, now: int
) -> list[BarArrived]:
    """Return the closed bars before `now` (ms UTC), oldest first; NotSent without an answer.

    `gate.last` is moved to before the first of them and goes on with the newest.
    """
    graph, length = program.graph, gate.interval_ms
    word = interval_word(graph.timeframe)
    start = (now // length - bars_wanted(program)) * length
    gate.last = start - length
    found: list[BarArrived] = []
    while True:
        got = rest.bars(intake.instrument.symbol, word, gate.last + length, _PAGE)
        if got is None:
            raise NotSent("the venue did not answer the question for bars; try again")
        told = intake.bars(got, word)
        fresh = gate.fetched(_after_hole(told.rows, gate), told.at)
        found += [replace(bar, decides=False) for bar in fresh]
        if len(got.rows) < _PAGE or not fresh:
            return found


def _after_hole(rows: Sequence[KlineUpdate], gate: BarGate) -> Sequence[KlineUpdate]:
    """Begin with the first bar there is: a young contract has fewer than are asked for."""
    if rows and rows[0].start > gate.last + gate.interval_ms:
        gate.last = rows[0].start - gate.interval_ms
    return rows
