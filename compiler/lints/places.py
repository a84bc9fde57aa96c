"""Where a node stands in the condition that is spoken of: equal conditions are one node of a graph.

The law: a place is inside the condition asked about; what a variable says has the place of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compiler.findings.source import Source, Span
from compiler.graph.normal_form import NormalForms
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.syntax import tree as s
from compiler.syntax.walker import children

_JOINED = {Op.AND: s.All, Op.OR: s.Any}


_NO_VARIABLES: Mapping[str, s.Expr] = MappingProxyType({})


def places(
    graph: RuleGraph, expr: s.Expr, node: int, variables: Mapping[str, s.Expr] = _NO_VARIABLES
) -> dict[int, Span]:
    """Return the places of a lowered expression's nodes, as far as the two have one shape.

    What is inside one of `variables` has its place there.
    """
    found: dict[int, Span] = {}
    todo: list[tuple[s.Expr, int]] = [(expr, node)]
    while todo:
        written, index = todo.pop()
        found.setdefault(index, written.span)
        args = graph.nodes[index].args
        match written:
            case s.Between() | s.Cross():
                for part in args:
                    found.setdefault(part, written.span)
            case s.In():
                pairs = zip(written.items, args, strict=False) if len(args) > 1 else ()
                found |= {part: item.span for item, part in pairs if part not in found}
            case s.All() | s.Any():
                items = _flat(written, type(written))
                joined = _JOINED.get(graph.nodes[index].op)
                if len(items) == 1:
                    todo.append((items[0], index))
                elif joined is type(written) and len(items) == len(args):
                    todo += reversed(list(zip(items, args, strict=True)))
            case s.IsMissing() | s.Near():
                continue
            case s.Choice():
                todo += _of_choice(graph, written, index, found)
            case s.Sequence():
                todo += _of_sequence(graph, written, index, found)
            case s.VarRef(name=name) | s.Name(head=name, field=None) if name in variables:
                todo.append((variables[name], index))
            case _:
                parts = children(written)
                if len(parts) == len(args):
                    todo += reversed(list(zip(parts, args, strict=True)))
    return found


Pairs = list[tuple[s.Expr, int]]


def _of_choice(graph: RuleGraph, written: s.Choice, index: int, found: dict[int, Span]) -> Pairs:
    """Return the parts of `a if c else b` with their nodes; of truths it is (c and a) or (not c and b)."""
    node, condition = graph.nodes[index], written.condition
    if node.op is Op.IF:
        return list(zip((condition, written.value, written.other), node.args, strict=True))
    first, second = node.args if len(node.args) == 2 else (index, index)
    one, two = graph.nodes[first].args, graph.nodes[second].args
    if node.op is not Op.OR or len(one) != 2 or len(two) != 2:
        return []
    found.setdefault(first, written.value.span)
    found.setdefault(second, written.other.span)
    found.setdefault(two[0], condition.span)
    return [(written.other, two[1]), (condition, one[0]), (written.value, one[1])]


def _of_sequence(
    graph: RuleGraph, written: s.Sequence, index: int, found: dict[int, Span]
) -> Pairs:
    """Return the parts of `a then b` with their nodes: it is b, and a within the bars before."""
    args = graph.nodes[index].args
    if len(args) != 2 or graph.nodes[args[1]].op is not Op.PREV:
        return []
    found.setdefault(args[1], written.first.span)
    (occurred,) = graph.nodes[args[1]].args
    return [(written.second, args[0]), (written.first, graph.nodes[occurred].args[0])]


def _flat(expr: s.Expr, kind: type[s.All] | type[s.Any]) -> list[s.Expr]:
    if not isinstance(expr, kind):
        return [expr]
    return [item for inside in expr.items for item in _flat(inside, kind)]


class WrittenConditions:
    """The conditions of a card as its author wrote them, for a graph that passes have changed."""

    def __init__(self, source: Source, card: s.Card, graph: RuleGraph) -> None:
        self._source = source
        variables = {variable.name: variable.value for variable in card.variables}
        forms = NormalForms(graph, _ids(graph))
        self._found: dict[tuple[str, int], dict[str, Span]] = {}
        for block, lowered in zip(card.blocks, graph.blocks, strict=True):
            for number, (case, node) in enumerate(zip(block.cases, lowered.cases, strict=True)):
                spans = places(graph, case.when, node.when, variables)
                self._found[block.id, number] = {
                    forms.of(index): span for index, span in reversed(spans.items())
                }

    def leaf(
        self, graph: RuleGraph, block: str, case: int, node: int, text: str
    ) -> tuple[str, int] | None:
        """Return a condition's text and card line; `text` stays where a part has no words of its own.

        None where the case does not say such a thing in one place.
        """
        found = self._found.get((block, case), {})
        span = found.get(NormalForms(graph, _ids(graph)).of(node))
        if span is None:
            return None
        own = sum(1 for other in found.values() if other == span) == 1
        written = " ".join(self._source.slice(span).split())
        return written if own else text, self._source.location(span.start).line


def _ids(graph: RuleGraph) -> dict[int, str]:
    return {index: feature.id for index, feature in enumerate(graph.features)}
