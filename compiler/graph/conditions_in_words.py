"""A condition of the rule graph in plain English; numbers stay the expressions they are."""

from __future__ import annotations

from compiler.catalog.types import Type
from compiler.graph.describe import cross, describe
from compiler.graph.rule_graph import Node, Op, RuleGraph

_WINDOWS = (Op.HOLDS, Op.OCCURRED, Op.COUNT)
_COMPARED = {
    Op.GT: "is above", Op.GTE: "is at or above", Op.LT: "is below", Op.LTE: "is at or below",
    Op.EQ: "is", Op.NE: "is not",
}  # fmt: skip


def condition(graph: RuleGraph, index: int) -> str:
    """Return the words of a condition; different conditions get different words."""
    return _words(graph, index, nested=False)


def _words(graph: RuleGraph, index: int, *, nested: bool) -> str:
    node = graph.nodes[index]
    if index in graph.names:
        return f"{graph.names[index]} is true"
    match node.op:
        case Op.AND:
            crossing = cross(graph, node)
            text = crossing or ", and ".join(_inner(graph, node.args))
            return f"({text})" if nested and not crossing else text
        case Op.OR:
            text = "either " + ", or ".join(_inner(graph, node.args))
            return f"({text})" if nested else text
        case Op.NOT:
            inner = graph.nodes[node.args[0]]
            if inner.op is Op.KNOWN:
                return f"{describe(graph, inner.args[0])} is missing"
            return f"it is not so that {_apart(graph, node.args[0])}"
        case Op.KNOWN:
            return f"{describe(graph, node.args[0])} is known"
        case Op.GT | Op.GTE | Op.LT | Op.LTE | Op.EQ | Op.NE:
            return _comparison(graph, index, node)
        case Op.NEVER:
            return f"{describe(graph, node.args[0])} is never"
        case Op.HOLDS:
            return f"{_apart(graph, node.args[0])} on each of the last {node.attr[0]} bars"
        case Op.OCCURRED:
            return f"{_apart(graph, node.args[0])} on one of the last {node.attr[0]} bars"
        case Op.COUNT:
            bars, least = node.attr
            return f"{_apart(graph, node.args[0])} on at least {least} of the last {bars} bars"
        case Op.PREV if node.attr == (1,) and graph.nodes[node.args[0]].op is Op.OCCURRED:
            window = graph.nodes[node.args[0]]
            earlier = _apart(graph, window.args[0])
            return f"{earlier} on one of the {window.attr[0]} bars before this one"
        case Op.CONST:
            return "always" if float(node.attr[0]) == 1.0 else f"never ({describe(graph, index)})"
        case _:
            return f"{describe(graph, index)} is true"


def _apart(graph: RuleGraph, index: int) -> str:
    """Return what a `not` or a window is about, in brackets where the words could be read two ways."""
    text = _words(graph, index, nested=True)
    op = graph.nodes[index].op
    in_brackets = op in _WINDOWS or op is Op.PREV or text.startswith("it is not so")
    return f"({text})" if in_brackets else text


def _inner(graph: RuleGraph, args: tuple[int, ...]) -> list[str]:
    return [_words(graph, arg, nested=True) for arg in args]


def _comparison(graph: RuleGraph, index: int, node: Node) -> str:
    left, right = (graph.nodes[arg] for arg in node.args)
    if left.value.type is Type.BOOL and right.op is Op.CONST:
        return describe(graph, index)
    # The whole comparison as written knows the words of enums.
    sign = {Op.EQ: " == ", Op.NE: " != "}.get(node.op)
    if sign is not None:
        written = describe(graph, index)
        head, found, tail = written.rpartition(sign)
        if found and describe(graph, node.args[0]) == head:
            return f"{head} {_COMPARED[node.op]} {tail}"
    return f"{describe(graph, node.args[0])} {_COMPARED[node.op]} {describe(graph, node.args[1])}"
