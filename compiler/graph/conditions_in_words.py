"""A condition of the rule graph in plain English; numbers stay the expressions they are."""

from __future__ import annotations

from compiler.catalog.types import Type
from compiler.graph.describe import describe
from compiler.graph.rule_graph import Node, Op, RuleGraph

_COMPARED = {
    Op.GT: "is above", Op.GTE: "is at or above", Op.LT: "is below", Op.LTE: "is at or below",
    Op.EQ: "is", Op.NE: "is not",
}  # fmt: skip


def condition(graph: RuleGraph, index: int) -> str:
    """Return the words of a condition; different conditions get different words."""
    return _words(graph, index, nested=False)


def _words(graph: RuleGraph, index: int, *, nested: bool) -> str:
    node = graph.nodes[index]
    match node.op:
        case Op.AND:
            cross = _cross(graph, node)
            text = cross or ", and ".join(_inner(graph, node.args))
            return f"({text})" if nested and not cross else text
        case Op.OR:
            text = "either " + ", or ".join(_inner(graph, node.args))
            return f"({text})" if nested else text
        case Op.NOT:
            inner = graph.nodes[node.args[0]]
            if inner.op is Op.KNOWN:
                return f"{describe(graph, inner.args[0])} is missing"
            return f"it is not so that {_words(graph, node.args[0], nested=True)}"
        case Op.KNOWN:
            return f"{describe(graph, node.args[0])} is known"
        case Op.GT | Op.GTE | Op.LT | Op.LTE | Op.EQ | Op.NE:
            return _comparison(graph, index, node)
        case Op.NEVER:
            return f"{describe(graph, node.args[0])} is never"
        case Op.HOLDS:
            return f"{_words(graph, node.args[0], nested=True)} on each of the last {node.attr[0]} bars"
        case Op.OCCURRED:
            return (
                f"{_words(graph, node.args[0], nested=True)} on one of the last {node.attr[0]} bars"
            )
        case Op.COUNT:
            bars, least = node.attr
            inner_text = _words(graph, node.args[0], nested=True)
            return f"{inner_text} on at least {least} of the last {bars} bars"
        case Op.CONST:
            return "always" if float(node.attr[0]) == 1.0 else f"never ({describe(graph, index)})"
        case _:
            return f"{describe(graph, index)} is true"


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


def _cross(graph: RuleGraph, node: Node) -> str:
    """Return `a crosses above b` for the two comparisons that a cross is made of, else nothing."""
    if len(node.args) != 2:
        return ""
    before, after = (graph.nodes[arg] for arg in node.args)
    pairs = {(Op.LTE, Op.GT): "above", (Op.GTE, Op.LT): "below"}
    way = pairs.get((before.op, after.op))
    if way is None or not all(
        _is_before(graph, old, now) for old, now in zip(before.args, after.args, strict=True)
    ):
        return ""
    if all(graph.nodes[arg].op is Op.CONST for arg in after.args):
        return ""
    return f"{describe(graph, after.args[0])} crosses {way} {describe(graph, after.args[1])}"


def _is_before(graph: RuleGraph, old: int, now: int) -> bool:
    """Return whether a node is another one bar ago; a constant is itself."""
    node = graph.nodes[old]
    if old == now:
        return node.op is Op.CONST
    return node.op is Op.PREV and node.args == (now,) and node.attr == (1,)
