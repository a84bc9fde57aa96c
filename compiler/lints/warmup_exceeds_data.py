"""IC702 warmup-exceeds-data: whether the bars at hand suffice for what a card reads, clock by clock."""

from __future__ import annotations

from collections.abc import Callable

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import NOWHERE
from compiler.graph.rule_graph import RuleGraph


def warmup_exceeds(graph: RuleGraph, bars: Callable[[str, str], int]) -> list[Diagnostic]:
    """Return one finding per feature that no bar of the data can make known.

    `bars(symbol, timeframe)` says how many closed bars of a clock the data have.
    """
    found = []
    for index, feature in enumerate(graph.features):
        have, need = bars(feature.symbol, feature.timeframe), feature.warmup_bars
        if have >= need:
            continue
        origins = graph.feature_origins
        found.append(
            finding(
                "IC702",
                f"`{feature.id}` is known from bar {need:,} of {feature.timeframe} on; "
                f"the data of {feature.symbol} have {have:,}",
                origins[index] if index < len(origins) else NOWHERE,
                help="bring more data, or shorten its look back",
            )
        )
    return found
