"""Prune: drop the nodes and features that no condition, operand, promise or setting reads."""

from __future__ import annotations

from dataclasses import replace

from compiler.graph.roots import reached
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.optimize.remap import origin, with_features, with_nodes


def prune(graph: RuleGraph) -> RuleGraph:
    """Return the graph without what nobody reads; the order of the rest stays."""
    kept = sorted(reached(graph))
    moved = {old: new for new, old in enumerate(kept)}
    features = _live_features(graph, kept)
    moved_features = {old: new for new, old in enumerate(features)}
    nodes = [
        with_features(
            replace(graph.nodes[old], args=tuple(moved[arg] for arg in graph.nodes[old].args)),
            moved_features,
        )
        for old in kept
    ]
    pruned = with_nodes(graph, nodes, [origin(graph, old) for old in kept], moved)
    return replace(
        pruned,
        features=tuple(
            replace(
                graph.features[old],
                depends=tuple((r, moved_features[t]) for r, t in graph.features[old].depends),
            )
            for old in features
        ),
        feature_origins=tuple(graph.feature_origins[old] for old in features)
        if graph.feature_origins
        else (),
    )


def _live_features(graph: RuleGraph, nodes: list[int]) -> list[int]:
    live: set[int] = set()
    for index in nodes:
        node = graph.nodes[index]
        if node.op is Op.FEATURE:
            feature = node.attr[0]
            assert isinstance(feature, int)
            live.add(feature)
    for index in range(len(graph.features) - 1, -1, -1):
        if index in live:
            live.update(target for _, target in graph.features[index].depends)
    return sorted(live)
