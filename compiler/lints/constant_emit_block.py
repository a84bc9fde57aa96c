"""IC408 constant-emit-block: a block that acts on every bar."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import Verb
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext
from compiler.lints.reasoning.branches import Claim, Truth

_QUIET = frozenset({Verb.NOTHING})


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases that are true on every bar and place, close or move something."""
    for view in context.cases:
        if acts_on_every_bar(context, view):
            yield finding(
                "IC408",
                f"block `{view.block.id}` acts on every bar",
                view.span,
                help="add the condition under which it should act",
            )


def acts_on_every_bar(context: LintContext, view: CaseView) -> bool:
    """Return whether a case is true on every bar and does something that matters."""
    if view.when is None or all(a.spec.verb in _QUIET for a in view.actions):
        return False
    node = context.node(view.when)
    if node.op is Op.CONST:
        return bool(node.attr[0] == 1.0)
    return not context.reasoner.possible([Claim(view.when, Truth.NOT_TRUE)])
