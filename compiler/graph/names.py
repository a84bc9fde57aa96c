"""What a card calls its calculations: a read-back says the names, and once what each of them is.

The law: a name stands for a node that the rules reach through it; one that nothing names is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compiler.catalog.types import Type
from compiler.graph.conditions_in_words import condition
from compiler.graph.describe import describe
from compiler.graph.roots import reached
from compiler.graph.rule_graph import Op, RuleGraph

_SHORT = frozenset({Op.CONST, Op.FEATURE, Op.BAR, Op.ACCOUNT})  # as short as any name


def with_names(graph: RuleGraph) -> RuleGraph:
    """Return the graph with the names of its variables for whoever describes it; equal ones share the first."""
    names: dict[int, str] = {}
    read = reached(graph)
    for name, node in graph.variables:
        if node in read and graph.nodes[node].op not in _SHORT:
            names.setdefault(node, name)
    return replace(graph, names=names)


def names_in_words(graph: RuleGraph) -> Iterator[str]:
    """Yield what each name of a graph is, those it is made of before it."""
    for node, name in graph.names.items():
        others = {index: other for index, other in graph.names.items() if index != node}
        unnamed = replace(graph, names=others)
        if graph.nodes[node].value.type is Type.BOOL:
            yield f"- {name} is true when {condition(unnamed, node)}"
        else:
            yield f"- {name} is {describe(unnamed, node)}"
