"""IC506 exit-without-position-guard: an exit that is asked for while there is nothing to close."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import EXITS
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext
from compiler.lints.repairs import with_guard


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield exits whose case can be true without a position of their side."""
    for view, action in context.placed(EXITS):
        if action not in view.actions:
            continue  # `on_fill` runs when there is a position
        side = action.spec.side
        # A side that no entry of the card opens cannot be met.
        opened = side is not None and any(
            entry.spec.side is side.opposite for _, entry in context.opening()
        )
        met = ("flat", side.opposite.value) if side is not None and opened else ("flat",)
        if not context.possible_while(view, met):
            continue
        if side is not None and not context.possible_while(view, (side.value,)):
            # To ask for its side as well would ask for two things at once.
            yield finding(
                "IC506",
                f"`{action.kind}` closes a {side} position, and its condition never meets one",
                action.written.kind_span,
                labels=[Label(view.span, f"is never true while {side}")],
                help="it is refused each time and counted; which position is meant?",
            )
            continue
        guard = "position_side != flat" if side is None else f"position_side == {side}"
        is_alone = all(one.kind in EXITS and one.spec.side == side for one in view.actions)
        more = (
            "" if is_alone else " in a block of its own: here it would hold back the other actions"
        )
        yield finding(
            "IC506",
            f"`{action.kind}` can fire without a position to close",
            action.written.kind_span,
            labels=[Label(view.span, _said(context, view))],
            help=f"add `{guard}`{more}; an exit with nothing to close is refused and counted",
            fix=with_guard(context.source, view, guard) if is_alone else None,
        )


def _said(context: LintContext, view: CaseView) -> str:
    """Return what a condition says of the position: it may ask for one beside an `or`."""
    read = () if view.when is None else map(context.node, context.leaves(view.when))
    asks = any(node.op is Op.ACCOUNT and str(node.attr[0]).startswith("position_") for node in read)
    return "can be true without one" if asks else "says nothing about the position"
