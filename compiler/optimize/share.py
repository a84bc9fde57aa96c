"""Share: one feature for every computation, one node for every value, however it was written."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.types import ValueType
from compiler.graph.builder import GraphBuilder
from compiler.graph.rule_graph import Attr, FeatureNode, Node, Op, RuleGraph
from compiler.optimize.remap import origin, with_features, with_nodes

_COMMUTATIVE = frozenset({Op.ADD, Op.MUL, Op.MIN, Op.MAX, Op.EQ, Op.NE, Op.AND, Op.OR})
_MIRRORED = {Op.LT: Op.GT, Op.LTE: Op.GTE}
_Key = tuple[Op, tuple[int, ...], Attr, ValueType]


def share(graph: RuleGraph) -> RuleGraph:
    """Return the graph with equal features and equal nodes merged; the first one stays.

    `a + b` and `b + a`, `a < b` and `b > a` are equal: each rounds the same way.
    """
    graph, moved_features = _share_features(graph)
    builder = GraphBuilder()
    moved: list[int] = []
    seen: dict[_Key, int] = {}
    for index, old in enumerate(graph.nodes):
        node = with_features(old, moved_features)
        args = tuple(moved[arg] for arg in node.args)
        key = _key(node, args)
        if key not in seen:
            seen[key] = builder.move(node, args, origin(graph, index))
        moved.append(seen[key])
    return with_nodes(graph, builder.nodes, builder.origins, moved)


def _key(node: Node, args: tuple[int, ...]) -> _Key:
    """Return the one form in which all spellings of a value are equal."""
    if node.op in _COMMUTATIVE:
        args = tuple(sorted(args))
    elif node.op in _MIRRORED:
        return _MIRRORED[node.op], args[::-1], node.attr, node.value
    return node.op, args, node.attr, node.value


def _share_features(graph: RuleGraph) -> tuple[RuleGraph, list[int]]:
    kept: list[int] = []
    features: list[FeatureNode] = []
    moved: list[int] = []
    seen: dict[FeatureNode, int] = {}
    for index, feature in enumerate(graph.features):
        depends = tuple((role, moved[target]) for role, target in feature.depends)
        here = replace(feature, depends=depends)
        key = replace(here, id="")
        if key not in seen:
            seen[key] = len(features)
            features.append(here)
            kept.append(index)
        moved.append(seen[key])
    origins = tuple(graph.feature_origins[i] for i in kept) if graph.feature_origins else ()
    return replace(graph, features=tuple(features), feature_origins=origins), moved
