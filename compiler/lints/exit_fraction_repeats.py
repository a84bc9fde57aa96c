"""IC607 exit-fraction-repeats: a partial exit that fires again on every bar."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import EXITS, RESTING
from compiler.catalog.orders import SizeKind
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, account, at_least, at_most
from compiler.lints.events import is_event

_EXITS = account("exits_since_entry")
_MOST_EXITS = 8


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
        first = _first(context, view)
        if not context.possible(view, at_least(_EXITS, first + 1)):
            continue
        assert action.written.size is not None
        share = "a part" if fraction is None else f"{fraction * 100:g} %"
        yield finding(
            "IC607",
            f"this closes {share} of what is left on every bar the condition holds",
            action.written.size.span,
            labels=[Label(view.span, "can stay true for many bars")],
            help=f"add `exits_since_entry == {first}` to do it once, or use a cross",
        )


def _first(context: LintContext, view: CaseView) -> int:
    """Return after how few partial exits of the position the case can be true: its own comes on top of them."""

    def after(count: int) -> bool:
        return context.possible(view, at_least(_EXITS, count), at_most(_EXITS, count))

    return next((count for count in range(_MOST_EXITS) if after(count)), _MOST_EXITS)
