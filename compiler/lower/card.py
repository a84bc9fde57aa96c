"""A resolved, checked card to its rule graph.

The law: nodes are made in one order (variables, blocks, promises, levels of the risk model), so that
equal cards have equal graphs.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.findings.source import NOWHERE
from compiler.graph.roots import reached
from compiler.graph.rule_graph import RuleGraph
from compiler.lower.actions import lower_blocks, lower_invariants
from compiler.lower.expressions import ExpressionLowerer
from compiler.lower.features import feature_nodes
from compiler.lower.settings import lower_settings
from compiler.resolve.scope import Resolved


def lower(resolved: Resolved, symbol: str | None = None) -> RuleGraph:
    """Return the rule graph of a card that has no errors.

    `symbol` is the traded one; without it the card's first. What names a symbol of its own stays there:
    `BTCUSDT.close` is Bitcoin's close on whatever market the card trades.
    """
    card = resolved.card
    first = card.symbols[0] if card.symbols else ""
    traded = symbol or first
    lowerer = ExpressionLowerer(resolved)
    blocks, case_origins = lower_blocks(card, lowerer)
    invariants = lower_invariants(card, resolved.params, lowerer)
    levels = {  # by path, so that the order in which a card writes its rules makes no difference
        path: lowerer.feature(level, 0, NOWHERE)
        for path, level in sorted(resolved.risk_levels.items())
    }
    graph = RuleGraph(
        card=card.name,
        card_version=card.version,
        symbols=card.symbols if traded == first else (traded,),
        timeframe=resolved.timeframe,
        higher_timeframes=resolved.higher_timeframes,
        params=tuple((p.name, float(p.default)) for p in resolved.params.values()),
        features=(),  # below: what is waited for depends on what is read
        nodes=tuple(lowerer.builder.nodes),
        blocks=blocks,
        invariants=invariants,
        settings=lower_settings(card, resolved.params, levels),
        origins=tuple(lowerer.builder.origins),
        feature_origins=tuple(instance.span for instance in resolved.instances),
        case_origins=case_origins,
        promise_origins=tuple(promise.span for promise in card.invariants),
        variables=lowerer.variables,
    )
    read = [graph.nodes[node] for node in reached(graph)]
    return replace(graph, features=feature_nodes(resolved, traded, lowerer.warmups, read))
