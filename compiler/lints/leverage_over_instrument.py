"""IC706 leverage-over-instrument: a card's leverage against what its instrument may stand at."""

from __future__ import annotations

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import NOWHERE
from compiler.graph.rule_graph import RuleGraph
from compiler.syntax.tree import Card

_KEY = "account.max_leverage"


def leverage_over(
    graph: RuleGraph, card: Card | None, symbol: str, most: float
) -> list[Diagnostic]:
    """Return the finding that every entry is refused, as the instrument allows less leverage."""
    asked = graph.settings.account.max_leverage
    if asked <= most:
        return []
    settings = () if card is None else card.settings
    span = next((setting.span for setting in settings if setting.path == _KEY), NOWHERE)
    return [
        finding(
            "IC706",
            f"`max_leverage` {asked:g} is more than the {most:g} that {symbol} may stand at",
            span,
            help=f"every position stands at `max_leverage`, so every entry is refused; {most:g} or less",
        )
    ]
