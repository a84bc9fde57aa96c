"""Figures of closed trades that an entry reads: before a first trade none of them is known."""

from __future__ import annotations

from compiler.catalog.builtins import OF_CLOSED_TRADES
from compiler.graph.rule_graph import Op
from compiler.lints.certain_refusals import numbers_of
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.reasoning.branches import Assumption, Known
from compiler.lints.reasoning.facts import key_of


def before_trades(context: LintContext) -> list[Assumption]:
    """Return what holds before a first trade was closed: no figure of the last trades is known."""
    nodes = context.graph.nodes
    return [
        Known(key_of(nodes, index), False, -1)
        for index, node in enumerate(nodes)
        if node.op is Op.ACCOUNT and node.attr[0] in OF_CLOSED_TRADES
    ]


def of_closed_trades(context: LintContext, view: CaseView, action: Placed) -> str | None:
    """Return the first figure of closed trades that an entry reads, as the card writes it."""
    roots = [*([] if view.when is None else [view.when]), *numbers_of(action)]
    for root in roots:
        for leaf in context.leaves(root):
            node = context.node(leaf)
            if node.op is Op.ACCOUNT and node.attr[0] in OF_CLOSED_TRADES:
                return context.words(leaf)
    return None
