"""What of a rule graph is read from outside: the nodes a run asks for."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.graph.rule_graph import ActionNode, RuleGraph


def action_roots(action: ActionNode) -> Iterator[int]:
    """Yield the nodes an action reads, those of its `on_fill` actions too."""
    for _, node in action.prices:
        yield node
    if action.size is not None:
        yield action.size.value
    for _, node in action.numbers:
        yield node
    for child in action.on_fill:
        yield from action_roots(child)


def roots(graph: RuleGraph) -> Iterator[int]:
    """Yield the nodes a run reads: conditions, operands, promises, levels of the risk model."""
    for block in graph.blocks:
        for case in block.cases:
            yield case.when
            for action in case.emit:
                yield from action_roots(action)
        for action in block.otherwise:
            yield from action_roots(action)
    for invariant in graph.invariants:
        if invariant.condition is not None:
            yield invariant.condition
    for rule in (graph.settings.risk.stop_loss, graph.settings.risk.take_profit):
        if rule is not None and rule.node is not None:
            yield rule.node
