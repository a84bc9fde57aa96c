"""IC705 same-bar-feedback: an action that reads what another action of its list is about to change."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.codes import finding
from compiler.diagnostics import Diagnostic, Label
from compiler.graph import Op
from compiler.lints.context import ENTRIES, EXITS, LintContext, Placed, leaves

_MOVERS = ENTRIES | EXITS | {"adjust_size"}


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield operands that read the position in a list that also trades it at market."""
    for view in context.cases:
        for position, action in enumerate(view.actions):
            mover = next(
                (a for i, a in enumerate(view.actions) if i != position and _moves(a)), None
            )
            if mover is None:
                continue
            for slot, node in action.node.prices:
                name = _reads_position(context, node)
                written = action.written.price(slot)
                if name is not None and written is not None:
                    yield finding(
                        "IC705", f"`{name}` is read here before the other action changes it",
                        written.span,
                        labels=[Label(mover.written.kind_span, "takes effect at the next open")],
                        help="every value of a bar is frozen at its close; act on the next bar, "
                        "or use `on_fill`",
                    )  # fmt: skip


def _moves(action: Placed) -> bool:
    return action.kind in _MOVERS and not action.kind.startswith("place_")


def _reads_position(context: LintContext, node: int) -> str | None:
    for leaf in leaves(context.graph, node):
        if leaf.op is Op.ACCOUNT and str(leaf.attr[0]).startswith("position_"):
            return str(leaf.attr[0])
    return None
