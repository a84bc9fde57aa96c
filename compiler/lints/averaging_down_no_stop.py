"""IC608 averaging-down-no-stop: adding to a losing position that may have no stop."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed, account
from compiler.lints.protection import is_unprotected
from compiler.lints.reasoning.bounds import Difference

_CLOSE = ("bar", "close")


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries below (for shorts above) the average entry where no stop is certain."""
    for view, action in context.opening():
        if is_unprotected(context, view, action) and adds_at_a_loss(context, view, action):
            yield finding(
                "IC608",
                "this adds to a losing position that may have no stop",
                action.written.kind_span,
                labels=[Label(view.span, "only true at a loss")],
                help="give the entries of this side a `stop_loss`, or the card a `risk_model`",
            )


def adds_at_a_loss(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether the case is true only while the close is worse than the average entry."""
    if view.when is None or not context.reasoner.can_be_true(view.when):
        return False
    average = account("position_avg_entry")
    better = (
        Difference(average, _CLOSE, 0.0) if action.is_long else Difference(_CLOSE, average, 0.0)
    )
    return not context.possible(view, better)
