"""Nodes of a rule graph in the words of a card, their values, and why a value is unknown."""

from __future__ import annotations

from compiler.catalog.builtins import BUILTINS
from compiler.catalog.types import Type, ValueType
from compiler.graph.rule_graph import Node, Op, RuleGraph
from runtime.rules.node_values import NodeValues

_INFIX = {
    Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.DIV: "/", Op.DEFAULT: "??", Op.GT: ">", Op.GTE: ">=",
    Op.LT: "<", Op.LTE: "<=", Op.EQ: "==", Op.NE: "!=", Op.AND: "and", Op.OR: "or",
}  # fmt: skip
_TOO_LONG = 100


def node_text(graph: RuleGraph, index: int) -> str:
    """Return a node as an expression; long ones are cut in the middle."""
    text = _text(graph, index)
    if len(text) <= _TOO_LONG:
        return text
    return f"{text[: _TOO_LONG - 30]} … {text[-25:]}"


def value_text(value: float, kind: ValueType) -> str:
    """Return a value as people read it: tokens of enums, true and false, unknown."""
    if value != value:
        return "unknown"
    if kind.type is Type.BOOL:
        return "true" if value else "false"
    if kind.type is Type.ENUM and 0 <= value < len(kind.enum):
        return kind.enum[int(value)]
    return f"{value:.10g}"


def _text(graph: RuleGraph, index: int) -> str:
    node = graph.nodes[index]
    match node.op:
        case Op.CONST:
            return value_text(float(node.attr[0]), node.value)
        case Op.FEATURE:
            feature, output, back = node.attr
            found = graph.features[int(feature)]
            name = found.id if len(found.outputs) == 1 else f"{found.id}.{output}"
            return f"{name}[{back}]" if back else name
        case Op.BAR:
            return str(node.attr[0])
        case Op.ACCOUNT:
            name, ref = (str(part) for part in node.attr)
            return f"{name}({ref})" if ref else name
        case _:
            return _compound(graph, node)


def _compound(graph: RuleGraph, node: Node) -> str:
    args = [_text(graph, arg) for arg in node.args]
    if node.op in _INFIX:
        parts = [
            f"({text})" if graph.nodes[arg].op in _INFIX and node.op is not Op.AND else text
            for arg, text in zip(node.args, args, strict=True)
        ]
        parts[1] = _token(graph, node, 0, 1) or parts[1]
        parts[0] = _token(graph, node, 1, 0) or parts[0]
        return f" {_INFIX[node.op]} ".join(parts)
    inner = args[0]
    match node.op:
        case Op.NEG:
            return f"-({inner})"
        case Op.NOT:
            return f"not ({inner})"
        case Op.KNOWN:
            return f"({inner}) is not missing"
        case Op.PREV:
            plain = graph.nodes[node.args[0]].op in (Op.FEATURE, Op.BAR, Op.ACCOUNT)
            return f"{inner if plain else f'({inner})'}[{node.attr[0]}]"
        case Op.HOLDS:
            return f"({inner}) for {node.attr[0]} bars"
        case Op.OCCURRED:
            return f"({inner}) within last {node.attr[0]} bars"
        case Op.COUNT:
            return f"({inner}) at least {node.attr[1]} of last {node.attr[0]} bars"
        case _:
            return f"{node.op.value}({', '.join(args)})"


def _token(graph: RuleGraph, node: Node, side: int, constant: int) -> str | None:
    """Return a constant as the token of the enum it is compared with."""
    if node.op not in (Op.EQ, Op.NE):
        return None
    other, plain = graph.nodes[node.args[side]], graph.nodes[node.args[constant]]
    if plain.op is not Op.CONST or other.value.type not in (Type.ENUM, Type.BOOL):
        return None
    return value_text(float(plain.attr[0]), other.value)


def why_unknown(graph: RuleGraph, index: int, values: NodeValues) -> str:
    """Return the first cause of an unknown value, "" for a known one."""
    value = values.value(index)
    if value == value:
        return ""
    node = graph.nodes[index]
    match node.op:
        case Op.FEATURE:
            if values.bar + 1 < node.lookback:
                return f"`{_text(graph, index)}` warms up until bar {node.lookback - 1}"
            return f"`{_text(graph, index)}` has no value at this close"
        case Op.BAR:
            return f"`{node.attr[0]}` has no series"
        case Op.ACCOUNT:
            name = str(node.attr[0])
            return f"`{name}`: {BUILTINS[name].doc}"
        case Op.PREV | Op.HOLDS | Op.OCCURRED | Op.COUNT:
            if values.bar + 1 < node.lookback:
                return f"`{_text(graph, index)}` warms up until bar {node.lookback - 1}"
    causes = (why_unknown(graph, arg, values) for arg in node.args)
    return next(filter(None, causes), f"`{_text(graph, index)}` has no result")
