"""Which nodes may be infinitely long ago: bars since something that has not happened, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.catalog.builtins import may_be_never
from compiler.catalog.operations import BINARY_NUMBERS, OF_TIMES, UNARY_NUMBERS
from compiler.graph.rule_graph import Node, Op

_CARRIED = (UNARY_NUMBERS | BINARY_NUMBERS | OF_TIMES | {Op.DEFAULT, Op.PREV}) - {Op.MOD, Op.SIGN}


def never_nodes(nodes: Sequence[Node]) -> frozenset[int]:
    """Return the nodes whose value may be infinite."""
    found: set[int] = set()
    for index, node in enumerate(nodes):
        match node.op:
            case Op.ACCOUNT:
                is_one = may_be_never(str(node.attr[0]))
            case Op.SINCE:
                is_one = True
            case Op.IF | Op.LATCH | Op.HIGH_SINCE | Op.LOW_SINCE:
                is_one = any(arg in found for arg in node.args[1:])
            case _:
                is_one = node.op in _CARRIED and any(arg in found for arg in node.args)
        if is_one:
            found.add(index)
    return frozenset(found)
