"""Fold: compute what is constant, drop what changes nothing.

INVARIANT: a rewrite is allowed only if both sides are unknown on exactly the same bars.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.catalog.operations import STATEFUL
from compiler.catalog.types import BOOL, NUMBER, Stage, Type
from compiler.findings.source import Span
from compiler.graph.builder import GraphBuilder
from compiler.graph.roots import sizes, states_amount
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.optimize.arithmetic import evaluate
from compiler.optimize.remap import origin, with_nodes


def fold(graph: RuleGraph) -> RuleGraph:
    """Return the graph with constants computed and idle operations removed."""
    builder = GraphBuilder()
    moved: list[int] = []
    # An amount that is computed is cut to what fits, one that is stated is refused: it stays computed.
    kept = {size.value for size in sizes(graph) if not states_amount(graph, size)}
    for index, node in enumerate(graph.nodes):
        span = origin(graph, index)
        args = tuple(moved[arg] for arg in node.args)
        is_kept = index in kept and node.stage is Stage.CONSTANT
        simpler = None if is_kept else _Rewrite(builder, node, args, span).run()
        moved.append(builder.copy(node, args, span) if simpler is None else simpler)
    return with_nodes(graph, builder.nodes, builder.origins, moved)


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """One node on its folded arguments; every method returns a simpler node or None."""

    builder: GraphBuilder
    node: Node
    args: tuple[int, ...]
    span: Span

    def run(self) -> int | None:
        op = self.node.op
        found = self._constant() if op not in STATEFUL else None
        if found is not None:
            return found
        match op:
            case Op.AND | Op.OR:
                return self._junction()
            case Op.EQ | Op.NE:
                return self._truth_compare()
            case Op.ADD | Op.SUB | Op.MUL | Op.DIV:
                return self._idle_arithmetic()
            case Op.NOT | Op.NEG | Op.ABS:
                return self._twice()
            case Op.DEFAULT:
                first, second = self.args
                return first if first == second or self._value(first) is not None else None
            case Op.IF:
                condition, value, other = self.args
                decided = self._value(condition)
                return None if decided is None else value if decided == 1.0 else other
            case Op.KNOWN:
                return self._bool(True) if self._value(self.args[0]) is not None else None
            case Op.PREV:
                return self._prev()
            case Op.HOLDS | Op.OCCURRED | Op.COUNT:
                return self._window()
            case _:
                return None

    def _arg(self, index: int) -> Node:
        return self.builder.nodes[index]

    def _value(self, index: int) -> float | None:
        node = self._arg(index)
        if node.op is not Op.CONST:
            return None
        value = node.attr[0]
        assert isinstance(value, float)
        return value

    def _bool(self, value: bool) -> int:
        return self.builder.constant(float(value), BOOL, self.span)

    def _make(self, op: Op, *args: int, attr: tuple[int, ...] = ()) -> int:
        return self.builder.make(op, args, attr, self.span)

    def _constant(self) -> int | None:
        if not self.args:
            return None
        values = [self._value(arg) for arg in self.args]
        known = tuple(value for value in values if value is not None)
        value = evaluate(self.node.op, known) if len(known) == len(values) else None
        if value is None:
            return None
        kind = BOOL if self.node.value.type is Type.BOOL else NUMBER
        return self.builder.constant(value, kind, self.span)

    def _junction(self) -> int | None:
        """Drop repeats and neutral constants; a deciding constant decides whatever is unknown."""
        op = self.node.op
        deciding = 0.0 if op is Op.AND else 1.0
        kept: list[int] = []
        for arg in self.args:
            value = self._value(arg)
            if value == deciding:
                return self._bool(deciding == 1.0)
            if value is None and arg not in kept:
                kept.append(arg)
        if not kept:
            return self._bool(deciding == 0.0)
        if len(kept) == 1:
            return kept[0]
        return self._make(op, *kept) if len(kept) < len(self.args) else None

    def _truth_compare(self) -> int | None:
        """`x == true` is `x`, `x == false` is `not x`: unknown exactly where `x` is."""
        left, right = self.args
        if self._value(left) is not None:
            left, right = right, left
        value = self._value(right)
        if value is None or self._arg(left).value.type is not Type.BOOL or value not in (0.0, 1.0):
            return None
        if (value == 1.0) is (self.node.op is Op.EQ):
            return left
        return self._twice_of(Op.NOT, left) or self._make(Op.NOT, left)

    def _idle_arithmetic(self) -> int | None:
        """`x + 0`, `x - 0`, `x * 1`, `x / 1` are `x`; `x * 0` is not 0 where `x` is unknown."""
        left, right = self.args
        idle = 0.0 if self.node.op in (Op.ADD, Op.SUB) else 1.0
        if self._value(right) == idle and self._is_same_kind(left):
            return left
        if self.node.op in (Op.ADD, Op.MUL) and self._value(left) == idle:
            return right if self._is_same_kind(right) else None
        return None

    def _is_same_kind(self, arg: int) -> bool:
        value = self._arg(arg).value
        return (value.type, value.unit) == (self.node.value.type, self.node.value.unit)

    def _twice(self) -> int | None:
        return self._twice_of(self.node.op, self.args[0])

    def _twice_of(self, op: Op, arg: int) -> int | None:
        """`not not x` and `- - x` are `x`; `abs abs x` and `abs -x` are `abs x`."""
        inner = self._arg(arg)
        if op is Op.ABS:
            if inner.op is Op.ABS:
                return arg
            return self._make(Op.ABS, inner.args[0]) if inner.op is Op.NEG else None
        return inner.args[0] if inner.op is op else None

    def _prev(self) -> int | None:
        """The past of the past is one look back."""
        bars, inner = self.node.attr[0], self._arg(self.args[0])
        assert isinstance(bars, int)
        if bars == 0:
            return self.args[0]
        if inner.op is not Op.PREV:
            return None
        more = inner.attr[0]
        assert isinstance(more, int)
        return self._make(Op.PREV, inner.args[0], attr=(bars + more,))

    def _window(self) -> int | None:
        """A window of one bar is its operand; counting one or all bars has a plainer name."""
        arg, bars = self.args[0], self.node.attr[0]
        assert isinstance(bars, int)
        if bars == 1:
            return arg
        if self.node.op is not Op.COUNT:
            return None
        if self.node.attr[1] == 1:
            return self._make(Op.OCCURRED, arg, attr=(bars,))
        if self.node.attr[1] == bars:
            return self._make(Op.HOLDS, arg, attr=(bars,))
        return None
