"""What a node means, whatever its spelling: two nodes with equal forms say the same, missing values included.

The law: only what holds for unknown operands too is taken as equal. `a and b` is `b and a`, `close > f`
is `f < close`, `not x <= 5` is `x > 5`; sums of three keep their order, floats do not add up in any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.catalog.operations import Op
from compiler.graph.rule_graph import FeatureNode, RuleGraph

Form = str
_NEGATED = {
    Op.GT: Op.LTE, Op.LTE: Op.GT, Op.LT: Op.GTE, Op.GTE: Op.LT, Op.EQ: Op.NE, Op.NE: Op.EQ,
    Op.AND: Op.OR, Op.OR: Op.AND,
}  # fmt: skip
_MIRRORED = {Op.GT: Op.LT, Op.GTE: Op.LTE}
_EITHER_WAY = frozenset({Op.EQ, Op.NE, Op.ADD, Op.MUL, Op.MIN, Op.MAX})


def feature_forms(features: Sequence[FeatureNode]) -> list[Form]:
    """Return what each feature computes, whatever it and those it reads are called."""
    forms: list[Form] = []
    for feature in features:
        params = ",".join(f"{name}={value}" for name, value in feature.params)
        reads = ",".join(f"{role}={forms[index]}" for role, index in feature.depends)
        forms.append(
            f"{feature.type}({feature.symbol} {feature.timeframe} {feature.source};{params};{reads})"
        )
    return forms


class NormalForms:
    """The forms of a graph's nodes. `names` gives features the names by which they are compared."""

    def __init__(self, graph: RuleGraph, names: Mapping[int, str]) -> None:
        self._graph = graph
        self._names = names
        self._known: dict[tuple[int, bool], Form] = {}

    def of(self, index: int, *, negated: bool = False) -> Form:
        """Return the form of a node, or of its negation."""
        key = (index, negated)
        if key not in self._known:
            self._known[key] = self._form(index, negated)
        return self._known[key]

    def _form(self, index: int, negated: bool) -> Form:
        node = self._graph.nodes[index]
        op, args = node.op, node.args
        if op is Op.NOT:
            return self.of(args[0], negated=not negated)
        if op in _NEGATED and negated:
            op = _NEGATED[op]
        elif negated:
            return f"not({self.of(index)})"
        if op in (Op.AND, Op.OR):
            parts = sorted(set(self._joined(index, op, negated)))
            return parts[0] if len(parts) == 1 else f"{op.value}({','.join(parts)})"
        if op in _MIRRORED:
            op, args = _MIRRORED[op], args[::-1]
        if op is Op.FEATURE:
            feature, *rest = node.attr
            return f"{self._names[int(feature)]}.{rest}"
        forms = [self.of(arg) for arg in args]
        if op in _EITHER_WAY:
            forms.sort()
        kind = f":{node.value.type.value}" if op is Op.CONST else ""
        return f"{op.value}{list(node.attr)}{kind}({','.join(forms)})"

    def _joined(self, index: int, op: Op, negated: bool) -> list[Form]:
        """Return the operands of nested junctions of one kind; `op` is what they are once negated."""
        node = self._graph.nodes[index]
        here = _NEGATED[node.op] if negated and node.op in _NEGATED else node.op
        if node.op is Op.NOT:
            return self._joined(node.args[0], op, not negated)
        if here is not op or node.op not in (Op.AND, Op.OR):
            return [self.of(index, negated=negated)]
        return [form for arg in node.args for form in self._joined(arg, op, negated)]
