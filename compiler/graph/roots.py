"""What of a rule graph is read from outside: the nodes a run asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.catalog.orders import SizeKind
from compiler.graph.rule_graph import ActionNode, Op, RuleGraph, SizeNode

_AMOUNTS = frozenset({SizeKind.USDT, SizeKind.BASE})


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


def reached(graph: RuleGraph) -> set[int]:
    """Return the nodes a run reads, with all that they are made of."""
    return made_of(graph, roots(graph))


def made_of(graph: RuleGraph, nodes: Iterable[int]) -> set[int]:
    """Return nodes with all that they are calculated from."""
    found = set(nodes)
    for index in range(max(found, default=-1), -1, -1):  # operands stand before what reads them
        if index in found:
            found.update(graph.nodes[index].args)
    return found


def states_amount(graph: RuleGraph, size: SizeNode | None) -> bool:
    """Return whether a size is a lone amount: refused where it does not fit, not cut.

    `6000 usdt * 2` is as constant as `12000 usdt` and yet computed. So a size is never folded.
    """
    if size is None or size.kind not in _AMOUNTS:
        return False
    return graph.nodes[size.value].op is Op.CONST


def actions(graph: RuleGraph) -> Iterator[ActionNode]:
    """Yield all actions, each before those of its `on_fill`."""
    for block in graph.blocks:
        for rows in (*(case.emit for case in block.cases), block.otherwise):
            for action in rows:
                yield from _family(action)


def _family(action: ActionNode) -> Iterator[ActionNode]:
    yield action
    for child in action.on_fill:
        yield from _family(child)


def sizes(graph: RuleGraph) -> Iterator[SizeNode]:
    """Yield the sizes of all actions."""
    return (action.size for action in actions(graph) if action.size is not None)
