"""What has been so far to nodes.

* `value_when(c, x, 0)` is `latch(c, x)`, with n it is `latch(c, prev 1 (value_when(c, x, n - 1)))`
* `mean_when(c, x, n)` is `mean` of `value_when(c, x, 0)` to `value_when(c, x, n - 1)`, of one time that value alone
* `highest_since(c, x)` is `high_since(c, x, latch(c, 1))`: the third tells "begun" from "unknown"
"""

from __future__ import annotations

from compiler.catalog.calls import MEMORY_FUNCTIONS
from compiler.catalog.operations import OF_TIMES, Op
from compiler.catalog.types import BOOL
from compiler.findings.source import Span
from compiler.lower.worded import Lowers
from compiler.syntax import tree as s
from compiler.syntax.constants import whole


def memory(expr: s.Call, lowers: Lowers) -> int:
    """Return the node of a function of what has been so far."""
    builder, span = lowers.builder, expr.span
    op = MEMORY_FUNCTIONS[expr.function][0]
    if op in OF_TIMES:
        return _of_times(op, expr, lowers)
    args = [lowers.expr(arg) for arg in expr.args[:2]]
    if op in (Op.HIGH_SINCE, Op.LOW_SINCE):
        true = builder.constant(1.0, BOOL, span)
        args.append(builder.make(Op.LATCH, (args[0], true), (), span))
    node = builder.make(op, args, (), span)
    times = whole(expr.args[2], lowers.resolved.params) if len(expr.args) == 3 else 0
    for _ in range(times or 0):
        node = _time_before(node, args[0], lowers, span)
    return node


def _of_times(op: Op, expr: s.Call, lowers: Lowers) -> int:
    """Return the node of a number of the values at the last times of a condition."""
    builder, span = lowers.builder, expr.span
    condition, value = (lowers.expr(arg) for arg in expr.args[:2])
    found = [builder.make(Op.LATCH, (condition, value), (), span)]
    times = whole(expr.args[2], lowers.resolved.params)
    while len(found) < (times or 1):
        found.append(_time_before(found[-1], condition, lowers, span))
    return found[0] if len(found) == 1 else builder.make(op, found, (), span)


def _time_before(node: int, condition: int, lowers: Lowers, span: Span) -> int:
    """Return the node of what another one was when the condition was true the time before."""
    before = lowers.builder.make(Op.PREV, (node,), (1,), span)
    return lowers.builder.make(Op.LATCH, (condition, before), (), span)
