"""Values with which claims hold: found in the bounds, then tried on the graph itself.

The law: what is returned was evaluated under three-valued logic and makes every claim true; where no
such values are found there is no witness, which proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence

from compiler.catalog.operations import STATEFUL
from compiler.graph.rule_graph import Node, Op
from compiler.lints.reasoning.bounds import ZERO, Closure, Key, at_least, at_most, tighten
from compiler.lints.reasoning.facts import USUAL, key_of
from compiler.optimize.arithmetic import evaluate

Values = dict[Key, float]
_TRIED = (101.0, 99.0, 110.0, 90.0, 200.0, 50.0, 1000.0, 10.0, 1.0, 0.5, 0.0, -1.0)


def numbers(closure: Closure, whole: Container[Key]) -> Values | None:
    """Return one value per variable of the bounds; None if none of the usual choices fits."""
    found: Values = {}
    state = closure.copy()
    # Multiples follow what they are multiples of.
    plain = [k for k in closure.keys if k != ZERO and not _is_multiple(k)]
    for key in plain:
        value = _choice(state, key, key in whole)
        if value is None or not _pin(state, key, value, whole):
            return None
        found[key] = value
        for other in closure.keys:
            if _is_multiple(other) and other[0] == key:  # type: ignore[index]
                if not _pin(state, other, value * float(other[1]), ()):  # type: ignore[index]
                    return None
    return found


def _is_multiple(key: Key) -> bool:
    return isinstance(key, tuple) and isinstance(key[0], tuple)


def _pin(state: Closure, key: Key, value: float, whole: Container[Key]) -> bool:
    bounds = (at_most(key, value), at_least(key, value))
    return all(state.add(tighten(bound, whole)) for bound in bounds)


def _choice(state: Closure, key: Key, is_whole: bool) -> float | None:
    """Return a plain number between the bounds of a variable."""
    high, high_open = state.bounds.get((key, ZERO), (math.inf, False))
    low, low_open = state.bounds.get((ZERO, key), (math.inf, False))
    low = -low
    if is_whole:
        first = math.floor(low) + 1 if low_open and low == math.floor(low) else low
        last = math.ceil(high) - 1 if high_open and high == math.ceil(high) else high
        value = max(0.0, first) if first != -math.inf else min(0.0, last)
        return float(value) if first <= value <= last else None
    if low == -math.inf and high == math.inf:
        return USUAL
    if low == -math.inf:
        return high - max(1.0, abs(high) * 0.01)
    if high == math.inf:
        return low + max(1.0, abs(low) * 0.01) if low else USUAL
    if low == high:
        return None if low_open or high_open else low
    middle = (low + high) / 2
    rounded = float(f"{middle:.3g}")
    return rounded if low < rounded < high else middle


def is_worked_out(node: Node) -> bool:
    """Return whether a node is what its parts make it on this bar: a value picked for it says nothing of them."""
    return bool(node.args) and node.op not in STATEFUL


def fitted(closure: Closure, whole: Container[Key], free: Sequence[Key]) -> Iterator[Values]:
    """Yield values of the variables of bounds: the usual choices, then one of `free` after the other as something else.

    What is worked out of several variables has no bounds that its parts know of: these are tried.
    """
    first = numbers(closure, whole)
    if first is not None:
        yield first
    for key in free:
        for value in _TRIED:
            state = closure.copy()
            found = numbers(state, whole) if _pin(state, key, value, whole) else None
            if found is not None:
                yield found


class Trial:
    """The nodes of a graph under values of its variables; what has none is unknown."""

    def __init__(self, nodes: Sequence[Node], values: Mapping[Key, float]) -> None:
        self._nodes = nodes
        self._values = values
        self._known: dict[int, float | None] = {}

    def value(self, index: int) -> float | None:
        """Return the value of a node; truth is 1 and 0, unknown is None."""
        if index not in self._known:
            self._known[index] = self._evaluate(index)
        return self._known[index]

    def _evaluate(self, index: int) -> float | None:
        node = self._nodes[index]
        if not is_worked_out(node):
            read = self._values.get(key_of(self._nodes, index))
            return float(node.attr[0]) if node.op is Op.CONST else read
        found = [self.value(argument) for argument in node.args]
        if node.op is Op.KNOWN:
            return float(found[0] is not None)
        if node.op is Op.DEFAULT:
            return found[1] if found[0] is None else found[0]
        if node.op is Op.IF:
            return None if found[0] is None else found[1] if found[0] == 1.0 else found[2]
        if node.op in (Op.AND, Op.OR):
            decisive = float(node.op is Op.OR)
            if decisive in found:
                return decisive
            return None if None in found else 1.0 - decisive
        if node.op is Op.NEVER and found[0] is not None:
            return float(found[0] == math.inf)
        known = [value for value in found if value is not None]
        return evaluate(node.op, tuple(known)) if len(known) == len(found) else None
