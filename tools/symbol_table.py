"""What the built-in table of instruments says of a card, where nobody gave bars or facts of their own."""

from __future__ import annotations

from compiler.findings.diagnostics import Diagnostic
from compiler.pipeline import Checked

# COST: the table takes as long to load as a card to check, and every symbol of it may stand at this much.
EVERY_SYMBOL_MAY = 25.0


def findings_by_table(checked: Checked) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a card, in the order of its text, with what the table says of it."""
    found = (*checked.diagnostics, *_leverage(checked))
    return tuple(sorted(found, key=lambda d: (d.span.start, d.code, d.span.end)))


def _leverage(checked: Checked) -> list[Diagnostic]:
    graph = checked.graph
    if graph is None or graph.settings.account.max_leverage <= EVERY_SYMBOL_MAY:
        return []
    from compiler.lints.leverage_over_instrument import leverage_over
    from runtime.market.instrument_table import INSTRUMENTS

    # A card for several symbols runs on one of them: the first, unless another is said.
    facts = INSTRUMENTS.get(graph.symbols[0])
    if facts is None:
        return []
    return leverage_over(graph, checked.card, facts.symbol, facts.max_leverage)
