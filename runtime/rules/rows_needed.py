"""How many of its newest rows a program still reads: what a session may let go of.

The law: no kernel, rule column or offset reads further back than this from the row it computes, whatever the
market does; what a kernel reads by its state says its `reads_from`.
"""

from __future__ import annotations

from compiler.catalog.timeframes import interval_ms
from compiler.catalog.types import Params
from compiler.graph.program import Program
from compiler.graph.rule_graph import FeatureNode


def rows_needed(program: Program) -> int:
    """Return the rows, of each clock, that suffice for the next row of every column."""
    graph = program.graph
    most = max((node.lookback for node in graph.nodes), default=0)
    for feature in graph.features:
        ratio = -(-interval_ms(feature.timeframe) // interval_ms(graph.timeframe))
        most = max(most, ratio * _reach(feature))
    return most + 2  # a slower bar that has begun, and the row itself


def _reach(feature: FeatureNode) -> int:
    return feature.warmup_bars + furthest(dict(feature.params))


def furthest(params: Params) -> int:
    """Return the bars before its own row that a kernel may read beyond its warm-up: its longest window.

    A warm-up counts the bars of the first output that is known; some outputs, and some searches, need more.
    """
    whole = (value for value in params.values() if isinstance(value, int))
    return 1 + max((abs(value) for value in whole), default=0)
