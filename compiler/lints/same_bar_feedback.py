"""IC705 same-bar-feedback: an action that reads what another action of its list is about to change."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.orders import OrderType
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.findings.source import Span
from compiler.graph.rule_graph import Op
from compiler.lints.context import LintContext, Placed, leaves

# What an action at market changes, at the next open. An exit leaves the average entry as it is.
_CHANGED_BY_EXIT = frozenset(
    {"position_size_usdt", "position_qty", "position_unrealized_pnl", "exits_since_entry"}
)
_CHANGED_BY_ENTRY = _CHANGED_BY_EXIT | {
    "position_avg_entry",
    "position_layers",
    "position_unrealized_pct",
    "entries_since_flat",
}


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield prices and sizes that read the position in a list that also trades it at market."""
    for view in context.cases:
        for action in view.actions:
            for span, node in _operands(action):
                for mover in view.actions:
                    name = None if mover is action else _read_and_changed(context, mover, node)
                    if name is not None:
                        yield _report(name, span, mover)
                        break


def _operands(action: Placed) -> Iterator[tuple[Span, int]]:
    for slot, node in action.node.prices:
        written = action.written.price(slot)
        if written is not None:
            yield written.span, node
    if action.node.size is not None and action.written.size is not None:
        yield action.written.size.span, action.node.size.value


def _read_and_changed(context: LintContext, mover: Placed, node: int) -> str | None:
    """Return the name of a value below a node that an action of the same list changes."""
    if mover.spec.order_type is not OrderType.MARKET:
        return None
    changed = _CHANGED_BY_EXIT if mover.spec.reduce_only else _CHANGED_BY_ENTRY
    for leaf in map(context.node, leaves(context.graph, node)):
        if leaf.op is Op.ACCOUNT and leaf.attr[0] in changed:
            return str(leaf.attr[0])
    return None


def _report(name: str, span: Span, mover: Placed) -> Diagnostic:
    return finding(
        "IC705",
        f"`{name}` is read here before the other action changes it",
        span,
        labels=[Label(mover.written.kind_span, "takes effect at the next open")],
        help="every value of a bar is frozen at its close; act on the next bar, or use `on_fill`",
    )
