"""Interned nodes of a rule graph, with the type, stage and lookback of each derived in one place.

INVARIANT: equal (operation, arguments, attributes, type) is one node; an argument stands before
its user. `lookback` counts the exec bars until every input of a node can be known.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.catalog.operations import (
    BINARY_NUMBERS,
    LEAVES,
    MEMORY,
    STATEFUL,
    UNARY_NUMBERS,
)
from compiler.catalog.types import BOOL, NUMBER, Stage, Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred, binary, default, mean_type, number, unary
from compiler.catalog.units import Mismatch
from compiler.findings.source import NOWHERE, Span
from compiler.graph.rule_graph import Attr, Node, Op


class GraphBuilder:
    """Collects nodes; the same node asked for twice is one."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.origins: list[Span] = []
        self._index: dict[Node, int] = {}

    def constant(self, value: float, value_type: ValueType = NUMBER, span: Span = NOWHERE) -> int:
        """Return the node of a constant; `-0.0` is `0.0`."""
        attr = (float(value) + 0.0,)
        return self.leaf(Op.CONST, attr, value_type, Stage.CONSTANT, 0, span)

    def leaf(
        self,
        op: Op,
        attr: Attr,
        value: ValueType,
        stage: Stage,
        lookback: int,
        span: Span = NOWHERE,
    ) -> int:
        """Return the node of an operation without arguments."""
        return self._intern(Node(op, (), attr, value, stage, lookback), span)

    def make(self, op: Op, args: Sequence[int], attr: Attr = (), span: Span = NOWHERE) -> int:
        """Return the node of an operation on earlier nodes."""
        operands = [self.nodes[arg] for arg in args]
        node = Node(
            op,
            tuple(args),
            attr,
            _value(op, operands),
            _stage(op, operands),
            _lookback(op, attr, operands),
        )
        return self._intern(node, span)

    def copy(self, node: Node, args: Sequence[int], span: Span) -> int:
        """Return a node of another graph, on arguments of this one."""
        if node.op in LEAVES:
            return self._intern(node, span)
        return self.make(node.op, args, node.attr, span)

    def move(self, node: Node, args: Sequence[int], span: Span) -> int:
        """Return a node on arguments that mean what its own did: type and lookback stay."""
        moved = Node(node.op, tuple(args), node.attr, node.value, node.stage, node.lookback)
        return self._intern(moved, span)

    def _intern(self, node: Node, span: Span) -> int:
        found = self._index.get(node)
        if found is None:
            found = self._index[node] = len(self.nodes)
            self.nodes.append(node)
            self.origins.append(span)
        return found


def _stage(op: Op, operands: Sequence[Node]) -> Stage:
    stage = max((node.stage for node in operands), default=Stage.CONSTANT)
    # The past of a constant is unknown on the first bars, so it is not constant.
    return max(stage, Stage.MARKET) if op in STATEFUL else stage


def _lookback(op: Op, attr: Attr, operands: Sequence[Node]) -> int:
    most = max((node.lookback for node in operands), default=0)
    if op not in MEMORY:
        return most
    bars = attr[0]
    assert isinstance(bars, int)
    return most + bars if op is Op.PREV else max(most, 1) + bars - 1


def _value(op: Op, operands: Sequence[Node]) -> ValueType:
    if op is Op.PREV:
        return operands[0].value
    if op in UNARY_NUMBERS:
        return unary(op, _inferred(operands[0])).value
    if op in BINARY_NUMBERS:
        return _combined(op, operands)
    match op:
        case Op.DEFAULT:
            return _default(operands[0], operands[1])
        case Op.IF:
            return _default(operands[1], operands[2])
        case Op.SINCE:
            return ValueType(Type.INT, Unit.BARS, low=0.0)
        case Op.LATCH | Op.HIGH_SINCE | Op.LOW_SINCE:
            return operands[1].value
        case Op.COUNT_SINCE:
            return ValueType(Type.INT, low=0.0)
        case Op.MEAN | Op.MEDIAN:
            return mean_type(operands[0].value)
        case Op.HIGHEST | Op.LOWEST:
            return operands[0].value
        case _:
            return BOOL


def _inferred(node: Node) -> Inferred:
    if node.stage is not Stage.CONSTANT or node.value.type in (Type.BOOL, Type.ENUM):
        return Inferred(node.value)
    if node.value.unit is not Unit.PLAIN:
        return Inferred(node.value)  # an amount, a time of day: written with its unit
    constant = node.attr[0] if node.op is Op.CONST else None
    return Inferred(node.value, True, constant if isinstance(constant, float) else None)


def _combined(op: Op, operands: Sequence[Node]) -> ValueType:
    left, right = _inferred(operands[0]), _inferred(operands[1])
    try:
        return binary(op, left, right).value
    except Mismatch:
        # A quotient of a literal (`1000 / close`) has no unit of its own: the other side's holds.
        plain = left.value.unit.value == "plain"
        return number((right if plain else left).value.unit).value


def _default(one: Node, other: Node) -> ValueType:
    """Return the type of a choice between two values."""
    value, fallback = _inferred(one), _inferred(other)
    try:
        return default(value, fallback).value
    except Mismatch:
        return value.value
