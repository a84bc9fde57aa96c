"""IC406 unknown-falls-through: a case that fires only because earlier ones were unknown."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext
from compiler.lints.reasoning.branches import Claim, Truth

# Longer chains have more branches than a lint should look at.
_MOST_CASES = 8


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases that are never true where all earlier ones of their block are known."""
    ask = context.reasoner.possible
    earlier: list[CaseView] = []
    for view in context.cases:
        if view.index == 0:
            earlier = []
        if view.when is None:
            continue
        asks = _asks_for_missing(context, view.when)
        if 0 < len(earlier) <= _MOST_CASES and not asks and context.reasoner.can_be_true(view.when):
            here = Claim(view.when, Truth.TRUE)
            passed = [Claim(v.when, Truth.NOT_TRUE) for v in earlier if v.when is not None]
            decided = [Claim(v.when, Truth.FALSE) for v in earlier if v.when is not None]
            if not ask([here, *decided]) and ask([here, *passed]):
                yield _report(view, earlier)
        earlier.append(view)


def _asks_for_missing(context: LintContext, node: int) -> bool:
    """Return whether a condition says itself that it is about missing values."""
    current = context.node(node)
    return current.op is Op.KNOWN or any(_asks_for_missing(context, a) for a in current.args)


def _report(view: CaseView, earlier: list[CaseView]) -> Diagnostic:
    return finding(
        "IC406",
        "this case fires only on bars where the cases before it cannot be decided",
        view.span,
        labels=[Label(v.span, "unknown there, for example during warm-up") for v in earlier[-1:]],
        help="say so with `is missing`, or require the value with `is not missing`",
    )
