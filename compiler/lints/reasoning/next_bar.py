"""Literals moved one bar on: what a condition would say on the next bar, in the values of this one.

A value that looks back on the next bar looks at this bar: `x[1]` there is `x` here, the number of the
bar is one more. Everything else on the next bar is a variable of its own, ("at", -1, variable), about
which the same facts hold. INVARIANT: a link is made only where it is exact.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.bar_clock import steps_of
from compiler.graph.rule_graph import RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Difference, Key
from compiler.lints.reasoning.branches import Branch, Known, Literal, OneOf, Relation
from compiler.lints.reasoning.facts import ago, multiple, when

# A variable of the next bar as factor * variable of this bar + constant.
_Form = tuple[Key, float, float]


class NextBar:
    """Moves branches of one graph one bar on."""

    def __init__(self, graph: RuleGraph) -> None:
        self._graph = graph
        self._steps: dict[str, int] = {}

    def moved(self, branch: Branch) -> Iterator[Branch]:
        """Yield the branch one bar on, once per way the clock may go (an hour may wrap around)."""
        for steps in self._clocks(branch):
            self._steps = steps
            yield tuple(self._literal(literal) for literal in branch)

    def _clocks(self, branch: Branch) -> Iterator[dict[str, int]]:
        named = {key[1] for literal in branch for key in _keys(literal) if key[0] == "bar"}
        ways: list[dict[str, int]] = [{}]
        for name in sorted(str(n) for n in named):
            steps = steps_of(name, self._graph.timeframe)
            if steps:
                ways = [{**way, name: step} for way in ways for step in steps]
        yield from ways

    def _literal(self, literal: Literal) -> Literal:
        match literal:
            case Relation(bounds, node):
                return Relation(tuple(self._bound(item) for item in bounds), node)
            case OneOf(key, allowed, node):
                return OneOf(self._same(key), allowed, node)
            case Known(key, is_known, node):
                return Known(self._same(key), is_known, node)

    def _bound(self, item: Difference) -> Difference:
        left, more = self._side(item.left)
        right, less = self._side(item.right)
        return Difference(left, right, item.limit - more + less, item.strict)

    def _side(self, key: Key) -> tuple[Key, float]:
        if key == ZERO:
            return ZERO, 0.0
        assert isinstance(key, tuple)
        base, factor = (key[0], float(key[1])) if isinstance(key[0], tuple) else (key, 1.0)
        moved, more_factor, constant = self._form(base)
        return multiple(moved, factor * more_factor), factor * constant

    def _same(self, key: Key) -> Key:
        """Return the variable for a claim that is not about a number."""
        moved, _, constant = self._form(key)
        return moved if constant == 0.0 else ago(-1, key)

    def _form(self, key: Key) -> _Form:
        bars, there = when(key)
        if bars:
            return ago(bars - 1, there), 1.0, 0.0
        if there[0] == "bar" and str(there[1]) in self._steps:
            return key, 1.0, float(self._steps[str(there[1])])
        back = self._shorter_look_back(there)
        return (ago(-1, key) if back is None else back), 1.0, 0.0

    def _shorter_look_back(self, key: tuple[Key, ...]) -> Key | None:
        """Look back one bar less, where the feature has a bar on every bar of the card."""
        if key[0] != "feature":
            return None
        _, index, output, back = key
        assert isinstance(index, int)
        assert isinstance(back, int)
        feature = self._graph.features[index]
        own = feature.timeframe == self._graph.timeframe
        own = own and feature.symbol in self._graph.symbols[:1]
        return ("feature", index, output, back - 1) if own and back else None


def _keys(literal: Literal) -> Iterator[tuple[Key, ...]]:
    """Yield the variables of a literal that are not multiples of others."""
    match literal:
        case Relation(bounds):
            found = [side for item in bounds for side in (item.left, item.right)]
        case OneOf(key) | Known(key):
            found = [key]
    for key in found:
        if isinstance(key, tuple):
            yield key[0] if isinstance(key[0], tuple) else key
