"""IC607 exit-fraction-repeats: a partial exit that fires again on every bar."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import EXITS, RESTING
from compiler.catalog.orders import SizeKind
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext, account, at_least
from compiler.lints.events import is_event


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield partial market exits whose case may stay true after they acted."""
    for view, action in context.placed(EXITS - RESTING):
        size = action.node.size
        if size is None or action not in view.actions or is_event(context, view):
            continue
        fraction = context.constant(size.value)
        if size.kind is not SizeKind.POSITION_FRACTION or (
            fraction is not None and fraction >= 1.0
        ):
            continue
        if not context.possible(view, at_least(account("exits_since_entry"), 1)):
            continue
        assert action.written.size is not None
        share = "a part" if fraction is None else f"{fraction * 100:g} %"
        yield finding(
            "IC607",
            f"this closes {share} of what is left on every bar the condition holds",
            action.written.size.span,
            labels=[Label(view.span, "can stay true for many bars")],
            help="add `exits_since_entry == 0` to do it once, or use a cross",
        )
