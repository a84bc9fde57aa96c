"""Where in the day made-up paths begin, for cards that read the clock: their levels known, their hours met.

The law: in a market that stands still after its warm-up, what changes is changed by the clock alone. So a
still market is looked at: how long until what is read is known (the first whole day, week or month), and
at which bars anything changes then (a session begins, an hour comes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from compiler.catalog.bar_clock import CLOCK_NAMES
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.timeframes import interval_ms
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op, RuleGraph
from runtime.market.data import MarketData
from runtime.rules.market_stage import MarketStage
from runtime.testing.paths import LONGEST_WARMUP, PathShape, frame_of

_DAY_MS = 86_400_000
# days that hold a whole day, week or month after `paths.START_TS`, a first of January
_SPANS = (1, 11, 32)
_LEAST_ROWS = 8  # of slow bars: a week of days
_MOST_CHANGES = 48  # of a column in a day: what changes more often (the bar's number) is no event
_MOST_BEGINNINGS = 64
# bars of a path before something changes: enough for a cross, and for an order to be there
_LEAD = 2


def by_the_clock(program: Program, shape: PathShape) -> PathShape:
    """Return the shape with the bars that what the card reads of the clock needs, and where paths begin.

    A card that reads nothing of it keeps its shape. What is unknown after `LONGEST_WARMUP` bars stays so.
    """
    graph = program.graph
    timed = _timed(graph)
    if not timed and not any(n.op is Op.BAR and n.attr[0] in CLOCK_NAMES for n in graph.nodes):
        return shape
    day = max(_LEAST_ROWS, _DAY_MS // interval_ms(graph.timeframe))
    warmup = shape.warmup_bars
    for days in _SPANS if timed else ():
        rows = min(LONGEST_WARMUP, shape.warmup_bars + days * day + 1)
        known = [_first_known(column) for column in _columns(program, shape, rows, timed)]
        warmup = max(shape.warmup_bars, *(row for row in known if row is not None), 0)
        if None not in known:
            break
    every = range(len(graph.nodes))
    changes: set[int] = set()
    for column in _columns(program, shape, warmup + day + 1, every):
        seen = [
            row for row in range(warmup + 1, len(column)) if _differ(column[row - 1], column[row])
        ]
        changes.update(seen if len(seen) <= _MOST_CHANGES else ())
    later = sorted({max(0, row - warmup - _LEAD) for row in changes} - {0})
    step = -(-len(later) // _MOST_BEGINNINGS) or 1
    return replace(shape, warmup_bars=warmup, later=tuple(later[::step]))


def _timed(graph: RuleGraph) -> list[int]:
    """Return the nodes that read a feature made of times of the day, or one that is made of such."""
    of_time: set[int] = set()
    for number, feature in enumerate(graph.features):
        reads = {index for _, index in feature.depends}
        if "ts" in SIGNATURES[feature.type].inputs or reads & of_time:
            of_time.add(number)
    return [
        index
        for index, node in enumerate(graph.nodes)
        if node.op is Op.FEATURE and int(node.attr[0]) in of_time
    ]


def _columns(
    program: Program, shape: PathShape, rows: int, nodes: Iterable[int]
) -> list[Sequence[float]]:
    """Return what market nodes are in a market that stands still, as far as the card's rules need them."""
    still = frame_of([], replace(shape, warmup_bars=rows))
    stage = MarketStage(program, MarketData(exec=still, synthetic=True))
    stage.advance(rows)
    found: list[Sequence[float]] = []
    for index in nodes:
        try:
            found.append(stage.node(index))
        except KeyError:
            continue  # no rule of the market needs it: a node of the account, or a constant
    return found


def _first_known(column: Sequence[float]) -> int | None:
    return next((row for row, value in enumerate(column) if value == value), None)


def _differ(before: float, now: float) -> bool:
    """Return whether a value changed; unknown is a value of its own."""
    return before != now and (before == before or now == now)
