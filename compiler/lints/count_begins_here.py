"""IC411 count-begins-here: a count that begins anew wherever it is asked for, or takes the bar before the entry along."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.operations import STATEFUL
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, holding
from compiler.lints.reasoning.branches import Claim, Truth


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield counts of a condition, each at the first case that asks for it."""
    seen: set[int] = set()
    for view in context.cases:
        if view.when is None or not context.reasoner.can_be_true(view.when):
            continue
        for index in _asked(context, view.when):
            if index not in seen:
                seen.add(index)
                yield from _told(context, view, index)


def _asked(context: LintContext, when: int) -> Iterator[int]:
    """Yield the counts that a condition reads as they are on the bar at hand."""
    todo, seen = [when], set[int]()
    while todo:
        index = todo.pop()
        node = context.node(index)
        if index in seen:
            continue
        seen.add(index)
        if node.op in (Op.COUNT_SINCE, Op.SINCE):
            yield index
        elif node.op not in STATEFUL:
            todo += reversed(node.args)  # what a memory reads is asked on other bars too


def _told(context: LintContext, view: CaseView, index: int) -> Iterator[Diagnostic]:
    node = context.node(index)
    begin = node.args[0]
    place, _ = context.standing(view, index)
    if view.when is not None and context.reasoner.implies(view.when, begin):
        value = "0 or 1" if node.op is Op.COUNT_SINCE else "0"
        yield finding(
            "IC411",
            f"where this case is true, so is {context.words(begin)}: the count begins anew on that bar, and is {value}",
            place,
            help="count since something that lies further back, or ask for the count as it was before: "
            "`count_since(…)[1]`",
        )
    elif node.op is Op.COUNT_SINCE and _is_flat(context, begin):
        both = [Claim(begin, Truth.TRUE), Claim(node.args[1], Truth.TRUE)]
        if context.reasoner.possible(both):
            yield finding(
                "IC411",
                "this counts the bar on which the entry was decided, too: the position was flat at its close",
                place,
                help="of the position alone it is `count_since(position_side == flat, position_side != flat and "
                f"{_condition(context, node.args[1])})`",
                severity=Severity.INFO,
            )


def _is_flat(context: LintContext, index: int) -> bool:
    """Return whether a condition is true on every bar at whose close the position is flat, and on no other."""
    possible = context.reasoner.possible
    return not possible([Claim(index, Truth.NOT_TRUE)], [holding("flat")]) and not any(
        possible([Claim(index, Truth.TRUE)], [holding(side)]) for side in ("long", "short")
    )


def _condition(context: LintContext, index: int) -> str:
    text = context.words(index).strip("`")
    return f"({text})" if context.node(index).op is Op.OR else text
