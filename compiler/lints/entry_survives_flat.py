"""IC513 entry-survives-flat: an order that adds to a position and outlives it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES, RESTING
from compiler.catalog.orders import AT_ONCE, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.lints.context import LintContext


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield resting additions to a position that do not say what becomes of them when it closes."""
    for view, action in context.placed(RESTING & ENTRIES):
        if action.written.option(OptionName.ON_FLAT) is not None or action not in view.actions:
            continue
        if action.text(OptionName.TTL_TYPE) in AT_ONCE or view.when is None:
            continue
        if context.possible_while(view, ("flat",)) or not context.may_scale_in(view, action):
            continue
        yield finding(
            "IC513",
            "this adds to a position, and keeps working when the position is closed",
            action.written.kind_span,
            help="say `on_flat: cancel`, or `on_flat: keep` if it may open the next position",
        )
