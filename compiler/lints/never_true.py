"""IC401 never-true: a condition whose parts contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.rule_graph import Op
from compiler.lints.clock_spans import ClockSpan, clock_spans
from compiler.lints.context import CaseView, LintContext, conjuncts
from compiler.lints.out_of_range_literal import impossible_literals
from compiler.lints.this_bar import of_this_bar
from compiler.lints.unknown_order_ref import unknown_refs


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases, and alternatives inside them, that no market can make true."""
    literals = {index for index, _ in impossible_literals(context)}
    for view in context.cases:
        if view.when is None or context.node(view.when).op is Op.CONST:
            continue
        if not context.reasoner.can_be_true(view.when):
            yield from _report(
                context, view, view.when, literals, "this condition can never be true"
            )
            continue
        for alternative in _alternatives(context, view.when):
            if not context.reasoner.can_be_true(alternative):
                text = "this alternative can never be true"
                yield from _report(context, view, alternative, literals, text)


def _report(
    context: LintContext, view: CaseView, node: int, literals: set[int], text: str
) -> Iterator[Diagnostic]:
    core = context.reasoner.core(list(conjuncts(context.graph, node)))
    if set(core) & literals:
        return  # said more narrowly: a number out of range
    if any(unknown_refs(context, index) for index in core):
        return  # said more narrowly: an order that nobody places
    # A between is two comparisons in one place; what a variable says is shown in the variable.
    spans = list(dict.fromkeys(context.standing(view, i)[0] for i in core))
    labels = [
        Label(
            span,
            "never true"
            if len(core) == 1
            else "contradicts the rest"
            if len(spans) == 1
            else "this"
            if n == 0
            else "and this contradict each other",
        )
        for n, span in enumerate(spans)
    ]
    place, used = (view.span, None) if node == view.when else context.standing(view, node)
    labels += [] if used is None else [Label(used, "used here")]
    midnight = _over_midnight(context, view, core)
    if midnight is not None:
        labels = []
    yield finding(
        "IC401",
        text,
        place,
        labels=labels,
        help=of_this_bar(context, core)
        or "change or remove one of the comparisons that exclude each other"
        if midnight is None
        else f"a span over midnight is written `{midnight.half_open}`",
        fix=None if midnight is None else midnight.fix(context.source),
    )


def _over_midnight(context: LintContext, view: CaseView, core: Sequence[int]) -> ClockSpan | None:
    """Return `time_utc between 22:00 and 02:00`, where that is what can never be true."""
    if view.case is None:
        return None
    spans = [found for found in clock_spans(view.case.when) if found.end < found.begin]
    read = {context.node(leaf).attr[0] for i in core for leaf in context.leaves(i)}
    return spans[0] if spans and read == {spans[0].name} else None


def _alternatives(context: LintContext, node: int) -> Iterator[int]:
    """Yield the operands of every `or` inside a condition."""
    current = context.node(node)
    if current.op is Op.OR:
        yield from current.args
    if current.op in (Op.AND, Op.OR, Op.NOT):
        for argument in current.args:
            yield from _alternatives(context, argument)
