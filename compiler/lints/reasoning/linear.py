"""Numeric nodes as factor * variable + constant, and comparisons of them as difference bounds."""

from __future__ import annotations

from compiler.graph.never import never_nodes
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Difference, Key
from compiler.lints.reasoning.facts import ago, key_of, multiple

LinearForm = tuple[Key | None, float, float]


class Linear:
    """The linear form of every node of one graph, each worked out once."""

    def __init__(self, graph: RuleGraph) -> None:
        self._nodes = graph.nodes
        self._forms: dict[int, LinearForm] = {}
        self.never = never_nodes(graph.nodes)

    def form(self, index: int) -> LinearForm:
        """Return (variable, factor, constant) with node = factor * variable + constant."""
        found = self._forms.get(index)
        if found is None:
            found = self._forms[index] = self._form(index)
        return found

    def _form(self, index: int) -> LinearForm:
        node = self._nodes[index]
        if node.op is Op.CONST:
            return None, 0.0, float(node.attr[0])
        if node.op is Op.NEG:
            key, factor, constant = self.form(node.args[0])
            return key, -factor, -constant
        if node.op in (Op.ADD, Op.SUB, Op.MUL, Op.DIV):
            one, two = self.form(node.args[0]), self.form(node.args[1])
            combined = _combine(node.op, one, two)
            if combined is not None:
                return combined
        if node.op is Op.PREV:
            key, factor, constant = self.form(node.args[0])
            if key is not None:
                return ago(int(node.attr[0]), key), factor, constant
        return key_of(self._nodes, index), 1.0, 0.0

    def relation(self, op: Op, left: int, right: int) -> tuple[Difference, ...]:
        """Return the constraints that `left op right` puts on variables; `!=` is two relations."""
        assert op is not Op.NE
        if op in (Op.GT, Op.GTE):
            op, left, right = (Op.LT if op is Op.GT else Op.LTE), right, left
        one = self.at_most(left, right, strict=op is Op.LT)
        return (one, self.at_most(right, left)) if op is Op.EQ else (one,)

    def at_most(self, small: int, large: int, strict: bool = False) -> Difference:
        """Return the constraint small <= large (or <); none where both may be never.

        Never is not below never and one more: no difference of two such is bounded.
        """
        if small in self.never and large in self.never:
            return Difference(ZERO, ZERO, 0.0)
        a, ka, ca = self.form(small)
        b, kb, cb = self.form(large)
        if a is not None and a == b:
            a, ka, b = (a, ka - kb, None) if ka != kb else (None, 0.0, None)
        left = ZERO if a is None else multiple(a, ka)
        right = ZERO if b is None else multiple(b, kb)
        return Difference(left, right, cb - ca, strict)


def _combine(op: Op, one: LinearForm, two: LinearForm) -> LinearForm | None:
    """Return the linear form of one op two, None where it is not one of a single variable."""
    if op in (Op.ADD, Op.SUB):
        sign = 1.0 if op is Op.ADD else -1.0
        if two[0] is None:
            return one[0], one[1], one[2] + sign * two[2]
        if one[0] is None:
            return two[0], sign * two[1], one[2] + sign * two[2]
        return None
    if op is Op.MUL and one[0] is None:
        one, two = two, one
    if two[0] is not None:
        return None
    factor = two[2]
    if op is Op.DIV:
        if factor == 0.0:
            return None
        factor = 1.0 / factor
    if factor == 0.0:
        return None
    return one[0], one[1] * factor, one[2] * factor
