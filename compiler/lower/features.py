"""Feature instances to feature nodes: explicit, complete, warm-up cascaded through dependencies."""

from __future__ import annotations

from compiler.catalog.timeframes import interval_ms
from compiler.graph.rule_graph import FeatureNode
from compiler.resolve.scope import Resolved


def feature_nodes(resolved: Resolved, traded: str) -> tuple[FeatureNode, ...]:
    """Return the features in dependency order; `traded` is the symbol of those that name none."""
    index = {instance.id: i for i, instance in enumerate(resolved.instances)}
    nodes: list[FeatureNode] = []
    for instance in resolved.instances:
        depends = tuple((role, index[target]) for role, target in instance.depends)
        before = max(
            (_bars_on(instance.timeframe, nodes[target]) for _, target in depends), default=0
        )
        nodes.append(
            FeatureNode(
                id=instance.id,
                kind=instance.entry.kind,
                type=instance.entry.type,
                symbol=instance.symbol or traded,
                timeframe=instance.timeframe,
                source=instance.source,
                params=instance.params,
                depends=depends,
                outputs=tuple(output.name for output in instance.outputs),
                warmup_bars=before + instance.entry.warmup(dict(instance.params)),
            )
        )
    return tuple(nodes)


def _bars_on(timeframe: str, feature: FeatureNode) -> int:
    """Return a feature's warm-up in bars of another timeframe, rounded up."""
    own, other = interval_ms(feature.timeframe), interval_ms(timeframe)
    return -(-feature.warmup_bars * own // other)
