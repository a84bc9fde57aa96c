"""IC506 exit-without-position-guard: an exit that is asked for while there is nothing to close."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.codes import finding
from compiler.diagnostics import Diagnostic, Label
from compiler.lints.context import EXITS, LIMIT_EXITS, LintContext, side_is


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield exits whose case can be true without a position of their side."""
    for view, action in context.placed(EXITS | LIMIT_EXITS):
        if action not in view.actions:
            continue  # `on_fill` runs when there is a position
        side = "long" if action.kind.endswith("_long") else "short"
        others = ("flat",) if action.kind == "exit_all" else (
            "flat", "short" if side == "long" else "long"
        )  # fmt: skip
        if not context.possible(view, side_is(*others)):
            continue
        guard = "position_side != flat" if action.kind == "exit_all" else f"position_side == {side}"
        yield finding(
            "IC506", f"`{action.kind}` can fire without a position to close",
            action.written.kind_span,
            labels=[Label(view.span, "says nothing about the position")],
            help=f"add `{guard}`; an exit with nothing to close is refused and counted",
        )  # fmt: skip
