"""What a sum is never above or below: a level less what is never below zero, the greater of two.

Half a band's width below its middle is not above the middle, whatever the width is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from compiler.graph.rule_graph import Node, Op

_ALWAYS = {Op.ABS, Op.SQRT, Op.EXP}
_OF_BOTH = {Op.ADD, Op.MUL, Op.DIV, Op.MIN}


class Sums:
    """The nodes of one graph that a calculated node is never above, and never below."""

    def __init__(
        self,
        nodes: Sequence[Node],
        leaf_is_negative: Callable[[int], bool],
        is_ordered: Callable[[int, int], bool],
    ) -> None:
        """Take what is known of leaves: whether one may be below zero, and whether one never is above another."""
        self._nodes = nodes
        self._leaf_is_negative = leaf_is_negative
        self._is_ordered = is_ordered
        self._signs: dict[int, bool] = {}

    def ceilings(self, index: int) -> Iterator[int]:
        """Yield a node and what it is never above."""
        yield index
        node = self._nodes[index]
        if node.op is Op.SUB and not self.may_be_negative(node.args[1]):
            yield from self.ceilings(node.args[0])
        elif node.op is Op.MIN:
            for argument in node.args:
                yield from self.ceilings(argument)

    def floors(self, index: int) -> Iterator[int]:
        """Yield a node and what it is never below."""
        yield index
        node = self._nodes[index]
        if node.op is Op.ADD:
            one, two = node.args
            if not self.may_be_negative(two):
                yield from self.floors(one)
            if not self.may_be_negative(one):
                yield from self.floors(two)
        elif node.op is Op.MAX:
            for argument in node.args:
                yield from self.floors(argument)

    def may_be_negative(self, index: int) -> bool:
        """Return whether a node may be below zero while it is known."""
        if index not in self._signs:
            self._signs[index] = True  # nothing is said of what reads itself
            self._signs[index] = self._sign(self._nodes[index], index)
        return self._signs[index]

    def _sign(self, node: Node, index: int) -> bool:
        if node.op is Op.CONST:
            return float(node.attr[0]) < 0
        if node.op in _ALWAYS:
            return False
        if node.op in _OF_BOTH:
            return any(self.may_be_negative(a) for a in node.args)
        if node.op is Op.MAX:
            return all(self.may_be_negative(a) for a in node.args)
        if node.op is Op.SUB:
            return not self._is_ordered(node.args[1], node.args[0])
        return bool(node.args) or self._leaf_is_negative(index)
