"""What has been so far to nodes.

* `value_when(c, x, 0)` is `latch(c, x)`, with n it is `latch(c, prev 1 (value_when(c, x, n - 1)))`
* `highest_since(c, x)` is `high_since(c, x, latch(c, 1))`: the third tells "begun" from "unknown"
"""

from __future__ import annotations

from compiler.catalog.calls import MEMORY_FUNCTIONS
from compiler.catalog.operations import Op
from compiler.catalog.types import BOOL
from compiler.lower.worded import Lowers
from compiler.syntax import tree as s
from compiler.syntax.constants import whole


def memory(expr: s.Call, lowers: Lowers) -> int:
    """Return the node of a function of what has been so far."""
    builder, span = lowers.builder, expr.span
    op = MEMORY_FUNCTIONS[expr.function][0]
    args = [lowers.expr(arg) for arg in expr.args[:2]]
    if op in (Op.HIGH_SINCE, Op.LOW_SINCE):
        true = builder.constant(1.0, BOOL, span)
        args.append(builder.make(Op.LATCH, (args[0], true), (), span))
    node = builder.make(op, args, (), span)
    times = whole(expr.args[2], lowers.resolved.params) if len(expr.args) == 3 else 0
    for _ in range(times or 0):
        before = builder.make(Op.PREV, (node,), (1,), span)
        node = builder.make(op, (args[0], before), (), span)
    return node
