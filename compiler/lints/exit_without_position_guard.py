"""IC506 exit-without-position-guard: an exit that is asked for while there is nothing to close."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import (
    EXITS,
    LIMIT_EXITS,
    LONG_ENTRIES,
    SHORT_ENTRIES,
    LintContext,
)

_ENTRIES_OF = {"long": LONG_ENTRIES, "short": SHORT_ENTRIES}


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield exits whose case can be true without a position of their side."""
    for view, action in context.placed(EXITS | LIMIT_EXITS):
        if action not in view.actions:
            continue  # `on_fill` runs when there is a position
        side = "long" if action.kind.endswith("_long") else "short"
        other = "short" if side == "long" else "long"
        # A side that no entry of the card opens cannot be met.
        opened = action.kind != "exit_all" and any(context.placed(_ENTRIES_OF[other]))
        if not context.possible_while(view, ("flat", other) if opened else ("flat",)):
            continue
        guard = "position_side != flat" if action.kind == "exit_all" else f"position_side == {side}"
        yield finding(
            "IC506", f"`{action.kind}` can fire without a position to close",
            action.written.kind_span,
            labels=[Label(view.span, "says nothing about the position")],
            help=f"add `{guard}`; an exit with nothing to close is refused and counted",
        )  # fmt: skip
