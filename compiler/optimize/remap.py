"""Carrying a graph over to renumbered nodes and features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from compiler.findings.source import NOWHERE, Span
from compiler.graph.rule_graph import (
    ActionNode,
    BlockNode,
    CaseNode,
    InvariantNode,
    Node,
    Op,
    RuleGraph,
    Settings,
    SizeNode,
    StopRule,
    TargetRule,
)

NodeMap = Sequence[int] | Mapping[int, int]
Rule = TypeVar("Rule", StopRule, TargetRule)


def origin(graph: RuleGraph, index: int) -> Span:
    """Return where a node stands in the card; graphs made by hand have no places."""
    return graph.origins[index] if index < len(graph.origins) else NOWHERE


def with_nodes(
    graph: RuleGraph, nodes: Sequence[Node], origins: Sequence[Span], moved: NodeMap
) -> RuleGraph:
    """Return the graph on new nodes; `moved` gives the new index of every old one in use."""
    return replace(
        graph,
        nodes=tuple(nodes),
        origins=tuple(origins) if graph.origins else (),
        blocks=tuple(_block(block, moved) for block in graph.blocks),
        invariants=tuple(_invariant(invariant, moved) for invariant in graph.invariants),
        settings=_settings(graph.settings, moved),
        variables=_variables(graph, moved),
    )


def _variables(graph: RuleGraph, moved: NodeMap) -> tuple[tuple[str, int], ...]:
    """Return the names of the nodes that are still there."""
    there = moved if isinstance(moved, Mapping) else range(len(moved))
    return tuple((name, moved[node]) for name, node in graph.variables if node in there)


def _block(block: BlockNode, moved: NodeMap) -> BlockNode:
    cases = tuple(
        CaseNode(moved[case.when], tuple(_action(action, moved) for action in case.emit))
        for case in block.cases
    )
    return BlockNode(block.id, cases, tuple(_action(a, moved) for a in block.otherwise))


def _action(action: ActionNode, moved: NodeMap) -> ActionNode:
    size = action.size
    return replace(
        action,
        prices=tuple((slot, moved[node]) for slot, node in action.prices),
        size=None if size is None else SizeNode(size.kind, moved[size.value]),
        numbers=tuple((name, moved[node]) for name, node in action.numbers),
        on_fill=tuple(_action(child, moved) for child in action.on_fill),
    )


def _invariant(invariant: InvariantNode, moved: NodeMap) -> InvariantNode:
    condition = invariant.condition
    return replace(invariant, condition=None if condition is None else moved[condition])


def _settings(settings: Settings, moved: NodeMap) -> Settings:
    stop, target = settings.risk.stop_loss, settings.risk.take_profit
    risk = replace(
        settings.risk,
        stop_loss=None if stop is None else _rule(stop, moved),
        take_profit=None if target is None else _rule(target, moved),
    )
    return replace(settings, risk=risk)


def _rule(rule: Rule, moved: NodeMap) -> Rule:
    return rule if rule.node is None else replace(rule, node=moved[rule.node])


def with_features(node: Node, moved: NodeMap) -> Node:
    """Return a node whose feature index is renumbered."""
    if node.op is not Op.FEATURE:
        return node
    index, output, bars = node.attr
    assert isinstance(index, int)
    return replace(node, attr=(moved[index], output, bars))
