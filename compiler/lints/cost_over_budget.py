"""IC801 cost-over-budget: a card that costs more per bar than its budget."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.operations import MEMORY
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.lints.context import LintContext

MAX_NODES = 5_000
MAX_FEATURES = 200
MAX_WINDOW_BARS = 4_000  # summed over all windows of the card


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield one finding for each budget the card exceeds."""
    graph = context.graph
    windows = sum(int(node.attr[0]) for node in graph.nodes if node.op in MEMORY)
    measured = (
        (len(graph.nodes), MAX_NODES, "conditions and values"),
        (len(graph.features), MAX_FEATURES, "features"),
        (windows, MAX_WINDOW_BARS, "bars of windows"),
    )
    for count, budget, what in measured:
        if count > budget:
            yield finding(
                "IC801",
                f"this card has {count} {what}; more than {budget} makes every bar slow",
                context.card.span,
                help="share conditions through `variables`, or split the card",
            )
