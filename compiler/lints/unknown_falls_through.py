"""IC406 unknown-falls-through: a case that fires only because an earlier one was unknown."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.codes import finding
from compiler.diagnostics import Diagnostic, Label
from compiler.lints.branches import Claim, Truth
from compiler.lints.context import LintContext


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield later cases that are true together with an earlier one unless that one is unknown."""
    views = context.cases
    ask = context.reasoner.possible
    for position, view in enumerate(views):
        if view.when is None or not context.reasoner.can_be_true(view.when):
            continue
        for earlier in views[:position]:
            if earlier.block is not view.block or earlier.when is None:
                continue
            here = Claim(view.when, Truth.TRUE)
            passed = ask([here, Claim(earlier.when, Truth.NOT_TRUE)])
            if passed and not ask([here, Claim(earlier.when, Truth.FALSE)]):
                yield finding(
                    "IC406",
                    "this case fires only on bars where the case before it cannot be decided",
                    view.span,
                    labels=[Label(earlier.span, "unknown there, for example during warm-up")],
                    help="say so with `is missing`, or require the value with `is not missing`",
                )
                break
