"""Where a node stands in the condition that is spoken of: equal conditions are one node of a graph.

The law: a place is inside the condition asked about; what a variable says has the place of its name.
"""

from __future__ import annotations

from compiler.findings.source import Span
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.syntax import tree as s
from compiler.syntax.walker import children

_JOINED = {Op.AND: s.All, Op.OR: s.Any}


def places(graph: RuleGraph, expr: s.Expr, node: int) -> dict[int, Span]:
    """Return the places of a lowered expression's nodes, as far as the two have one shape."""
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
            case _:
                parts = children(written)
                if len(parts) == len(args):
                    todo += reversed(list(zip(parts, args, strict=True)))
    return found


def _flat(expr: s.Expr, kind: type[s.All] | type[s.Any]) -> list[s.Expr]:
    if not isinstance(expr, kind):
        return [expr]
    return [item for inside in expr.items for item in _flat(inside, kind)]
