"""IC409 out-of-range-literal: a comparison with a number that the value can never reach."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.graph.rule_graph import Node, Op
from compiler.lints.context import LintContext, conjuncts


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield comparisons of one bounded value with a constant that decide themselves.

    An error where a case can never be true because of one, as for any condition that never is.
    """
    deciding = _deciding(context)
    for index, leaf in impossible_literals(context):
        low, high = context.node(leaf).value.low, context.node(leaf).value.high
        bounds = " and ".join(
            text
            for text in (
                f"never below {low:g}" if low is not None else "",
                f"never above {high:g}" if high is not None else "",
            )
            if text
        )
        yield finding(
            "IC409",
            "this comparison can never be true",
            context.origin(index),
            help=f"{context.words(leaf)} is {bounds}{_note(context.node(leaf))}",
            severity=Severity.ERROR if index in deciding else None,
        )


def _deciding(context: LintContext) -> set[int]:
    """Return the comparisons that alone keep a whole case from ever being true."""
    found: set[int] = set()
    for view in context.cases:
        if view.when is not None and not context.reasoner.can_be_true(view.when):
            found.update(context.reasoner.core(list(conjuncts(context.graph, view.when))))
    return found


def _note(leaf: Node) -> str:
    is_weekday = leaf.op is Op.BAR and leaf.attr[0] in ("weekday_utc", "now_weekday_utc")
    return ": Monday is 0, Sunday is 6" if is_weekday else ""


def impossible_literals(context: LintContext) -> Iterator[tuple[int, int]]:
    """Yield (comparison, bounded leaf) where bounds alone make the comparison false."""
    for index, node in enumerate(context.graph.nodes):
        if node.op not in _MIRROR:
            continue
        left, right = node.args
        pair: tuple[int, int, Op] = (left, right, node.op)
        if context.node(left).op is Op.CONST:
            pair = (right, left, _MIRROR[node.op])
        leaf, constant, op = pair
        value = context.constant(constant)
        if value is not None and context.node(leaf).op is not Op.CONST:
            if _never(context.node(leaf), op, value):
                yield index, leaf


_MIRROR = {Op.GT: Op.LT, Op.GTE: Op.LTE, Op.LT: Op.GT, Op.LTE: Op.GTE, Op.EQ: Op.EQ}


def _never(leaf: Node, op: Op, value: float) -> bool:
    low, high = leaf.value.low, leaf.value.high
    match op:
        case Op.GT:
            return high is not None and value >= high
        case Op.GTE:
            return high is not None and value > high
        case Op.LT:
            return low is not None and value <= low
        case Op.EQ:
            return (low is not None and value < low) or (high is not None and value > high)
        case _:
            return low is not None and value < low
