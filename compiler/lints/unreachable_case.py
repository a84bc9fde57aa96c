"""IC403 unreachable-case: earlier cases of the block always win."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases that are true only when an earlier case of their block is."""
    for view, before in context.earlier():
        if view.when is None or not context.reasoner.can_be_true(view.when):
            continue
        for earlier in before:
            if earlier.when is not None and context.reasoner.implies(view.when, earlier.when):
                yield finding(
                    "IC403",
                    "this case can never be reached",
                    view.span,
                    labels=[Label(earlier.span, "whenever it is true, this case is true first")],
                    help="put the narrower case first, or remove one of them",
                )
                break
