"""IC608 averaging-down-no-stop: adding to a losing position that may have no stop."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.codes import finding
from compiler.diagnostics import Diagnostic, Label
from compiler.lints.bounds import Difference
from compiler.lints.context import ENTRIES, LintContext, account
from compiler.lints.entry_without_stop import adds_to_protected

_CLOSE = ("bar", "close")


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries below (for shorts above) the average entry where no stop is certain."""
    if context.graph.settings.risk.stop_loss is not None:
        return
    average = account("position_avg_entry")
    for view, action in context.placed(ENTRIES):
        if view.when is None or action.price("stop_loss") is not None:
            continue
        if not context.reasoner.can_be_true(view.when) or adds_to_protected(context, view, action):
            continue
        better = (
            Difference(average, _CLOSE, 0.0) if action.is_long else Difference(_CLOSE, average, 0.0)
        )
        if not context.possible(view, better):
            yield finding(
                "IC608", "this adds to a losing position that may have no stop",
                action.written.kind_span,
                labels=[Label(view.span, "only true at a loss")],
                help="give the entries of this side a `stop_loss`, or the card a `risk_model`",
            )  # fmt: skip
