"""Passes over the rule graph: graph in, graph out, one file each.

INVARIANT: a pass never changes what a graph means. Above all it never folds missingness away:
`x == x`, `a and not a`, `x * 0` and `x - x` are unknown where `x` is, so they stay.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.graph.rule_graph import RuleGraph
from compiler.optimize.fold import fold
from compiler.optimize.group import group
from compiler.optimize.prune import prune
from compiler.optimize.share import share

PASSES: tuple[Callable[[RuleGraph], RuleGraph], ...] = (fold, share, group, prune)


def optimize(graph: RuleGraph) -> RuleGraph:
    """Run every pass in order."""
    for run in PASSES:
        graph = run(graph)
    return graph
