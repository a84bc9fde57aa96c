"""Graph nodes as expressions a card author recognises, and their values as he reads them.

Whoever shows a node shows this text: differences, lint findings, explanations.
"""

from __future__ import annotations

import math

from compiler.catalog.builtins import PER_LOSS, PLACED_AT
from compiler.catalog.calls import MEMORY_FUNCTIONS
from compiler.catalog.operations import OF_TIMES, OPERATIONS
from compiler.catalog.timeframes import TIMEFRAMES
from compiler.catalog.types import Type, Unit, ValueType
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.syntax.printer import clock_text, day_text

_MEMORY_NAMES = {op: name for name, (op, _, _) in MEMORY_FUNCTIONS.items()}
# How tightly what stands between two operands binds.
_STRENGTH = {
    "or": 0, "and": 1, ">": 3, ">=": 3, "<": 3, "<=": 3, "==": 3, "!=": 3, "+": 4, "-": 4, "*": 5,
    "/": 5, "??": 6,
}  # fmt: skip
_ATOM = 9
MINUTES_A_DAY = 24 * 60
LAST_DAY = 84_006  # 2200-01-01: what can be written as a day


def describe(graph: RuleGraph, node: int) -> str:
    """Return the expression of a node; equal nodes give equal text, named ones the `names` of the graph."""
    return _text(graph, node)[0]


def output_name(id: str, output: str) -> str:
    """Return an output of a feature as a card reads it: its timeframe stands behind the field."""
    before, at, timeframe = id.rpartition("@")
    return f"{before}.{output}@{timeframe}" if at and timeframe in TIMEFRAMES else f"{id}.{output}"


def value_text(value: float, kind: ValueType) -> str:
    """Return a value as people read it: tokens of enums, true and false, unknown."""
    if value != value:
        return "unknown"
    if value == math.inf:
        return "never"  # of bars since something that has not happened
    if value == -math.inf:
        return "-never"
    if kind.type is Type.BOOL:
        return "true" if value else "false"
    if kind.unit is Unit.CLOCK and value.is_integer() and 0 <= value <= MINUTES_A_DAY:
        return clock_text(int(value))
    if kind.unit is Unit.DATE and value.is_integer() and 0 <= value < LAST_DAY:
        return day_text(int(value))
    if kind.type is Type.ENUM and 0 <= value < len(kind.enum):
        return kind.enum[int(value)]
    return f"{value:.10g}"


def _text(graph: RuleGraph, index: int) -> tuple[str, int]:
    """Return the text of a node and how tightly it binds."""
    node = graph.nodes[index]
    op = node.op
    if index in graph.names:
        return graph.names[index], _ATOM
    if op is Op.CONST:
        return value_text(float(node.attr[0]), node.value), _ATOM
    if op is Op.FEATURE:
        feature, output, back = node.attr
        found = graph.features[int(feature)]
        name = found.id if len(found.outputs) == 1 else output_name(found.id, str(output))
        return (f"{name}[{back}]" if back else name), _ATOM
    if op is Op.BAR:
        return str(node.attr[0]), _ATOM
    if op is Op.ACCOUNT:
        return _of_account(node), _ATOM
    if op is Op.AND and (crossing := cross(graph, node)):
        return crossing, 3
    if OPERATIONS[op].sign:
        return _infix(graph, index)
    if OPERATIONS[op].function:
        arguments = ", ".join(_text(graph, a)[0] for a in node.args)
        return f"{OPERATIONS[op].function}({arguments})", _ATOM
    if op is Op.LATCH:
        return _value_when(graph, node), _ATOM
    if op in OF_TIMES:
        arguments = ", ".join(_text(graph, a)[0] for a in read_by_times(graph, node))
        return f"{_MEMORY_NAMES[op]}({arguments}, {len(node.args)})", _ATOM
    if op in _MEMORY_NAMES:
        arguments = ", ".join(_text(graph, a)[0] for a in node.args[:2])
        return f"{_MEMORY_NAMES[op]}({arguments})", _ATOM
    operand, strength = _text(graph, node.args[0])
    bracketed = operand if strength >= 6 else f"({operand})"
    match op:
        case Op.NEG:
            return f"-{bracketed}", 6
        case Op.PREV if _has_own_clock(graph, node.args[0]):
            # `x[1]` would be the bar before of the feature's own.
            return f"({operand}, {node.attr[0]} bars of {graph.timeframe} ago)", _ATOM
        case Op.PREV:
            return f"{bracketed}[{node.attr[0]}]", 8
        case Op.KNOWN:
            return f"{bracketed} is not missing", 3
        case Op.NEVER:
            return f"{bracketed} is never", 3
        case Op.IF:
            value, other = (_bracketed(graph, arg, 0) for arg in node.args[1:])
            return f"{value} if {_bracketed(graph, node.args[0], 0)} else {other}", -1
        case Op.NOT:
            return f"not {operand if strength >= 3 else f'({operand})'}", 2
        case Op.HOLDS:
            return f"({operand}) for {node.attr[0]} bars", 2
        case Op.OCCURRED:
            return f"({operand}) within last {node.attr[0]} bars", 2
        case _:
            return f"({operand}) at least {node.attr[1]} of last {node.attr[0]} bars", 2


def _of_account(node: Node) -> str:
    builtin, ref = node.attr
    if builtin == PER_LOSS:
        return "(its price / distance to its stop)"
    if builtin == PLACED_AT:
        return "(the price at which it was placed)"
    return f"{builtin}({ref})" if ref else str(builtin)


def read_by_times(graph: RuleGraph, node: Node) -> tuple[int, ...]:
    """Return the condition and the value of a number of the last times: its newest is a latch of both."""
    return graph.nodes[node.args[0]].args


def _value_when(graph: RuleGraph, node: Node) -> str:
    """Return `value_when(c, x, n)`: of n + 1 nested nodes the innermost one has the value."""
    times, value = of_times_before(graph, node)
    back = f", {times}" if times else ""
    return f"value_when({_text(graph, node.args[0])[0]}, {_text(graph, value)[0]}{back})"


def of_times_before(graph: RuleGraph, node: Node) -> tuple[int, int]:
    """Return of how many times before the last a latch keeps the value, and the node of that value."""
    when, value = node.args
    times = 0
    while (earlier := _of_time_before(graph, when, value)) is not None:
        times, value = times + 1, earlier
    return times, value


def _of_time_before(graph: RuleGraph, when: int, index: int) -> int | None:
    """Return x where a node is `value_when(when, x)` one bar ago."""
    node = graph.nodes[index]
    if node.op is not Op.PREV or node.attr != (1,):
        return None
    kept = graph.nodes[node.args[0]]
    return kept.args[1] if kept.op is Op.LATCH and kept.args[0] == when else None


def cross(graph: RuleGraph, node: Node) -> str:
    """Return `a crosses above b` for the two comparisons that a cross is made of, else nothing.

    A cross looks one bar of the card back, where `x[1]` of a feature would be one of its own.
    """
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
    left, right = (_bracketed(graph, arg, 4) for arg in after.args)
    return f"{left} crosses {way} {right}"


def _is_before(graph: RuleGraph, old: int, now: int) -> bool:
    """Return whether a node is another one bar ago; a constant is itself."""
    node = graph.nodes[old]
    if old == now:
        return node.op is Op.CONST
    return node.op is Op.PREV and node.args == (now,) and node.attr == (1,)


def _has_own_clock(graph: RuleGraph, index: int) -> bool:
    """Return whether a node is a feature whose bars are not those of the card."""
    node = graph.nodes[index]
    if node.op is not Op.FEATURE:
        return False
    feature = graph.features[int(node.attr[0])]
    return feature.timeframe != graph.timeframe or feature.symbol not in graph.symbols[:1]


def _bracketed(graph: RuleGraph, index: int, least: int) -> str:
    text, strength = _text(graph, index)
    return text if strength >= least else f"({text})"


def _infix(graph: RuleGraph, index: int) -> tuple[str, int]:
    node = graph.nodes[index]
    symbol = OPERATIONS[node.op].sign
    strength = _STRENGTH[symbol]
    token = _enum_token(graph, index)
    parts = []
    for position, argument in enumerate(node.args):
        text, inner = _text(graph, argument)
        if token is not None and graph.nodes[argument].op is Op.CONST:
            text = token
        needs = inner < strength or (inner == strength and position > 0)
        parts.append(f"({text})" if needs else text)
    return f" {symbol} ".join(parts), strength


def _enum_token(graph: RuleGraph, index: int) -> str | None:
    """Return the word for the constant of a comparison with an enum or bool."""
    node = graph.nodes[index]
    if node.op not in (Op.EQ, Op.NE):
        return None
    constants = [graph.nodes[a] for a in node.args if graph.nodes[a].op is Op.CONST]
    others = [graph.nodes[a] for a in node.args if graph.nodes[a].op is not Op.CONST]
    if len(constants) != 1 or not others:
        return None
    other = others[0].value
    if other.type not in (Type.ENUM, Type.BOOL):
        return None
    return value_text(float(constants[0].attr[0]), other)
