"""Feature instances to feature nodes: explicit, complete, warm-up cascaded through dependencies."""

from __future__ import annotations

from compiler.catalog.source_expressions import EXPRESSION
from compiler.catalog.timeframes import interval_ms
from compiler.graph.rule_graph import FeatureNode
from compiler.resolve.scope import Instance, Resolved


def feature_nodes(resolved: Resolved, traded: str) -> tuple[FeatureNode, ...]:
    """Return the features in dependency order; `traded` is the symbol of those that name none."""
    index = {instance.id: i for i, instance in enumerate(resolved.instances)}
    nodes: list[FeatureNode] = []
    for instance in resolved.instances:
        depends = tuple((role, index[target]) for role, target in instance.depends)
        before = max(
            (_bars_on(instance.timeframe, nodes[target]) for _, target in depends), default=0
        )
        if before and _reads_values(instance):
            before -= 1  # the first value that is read is one of those that are waited for
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
                tz=instance.tz,
            )
        )
    return tuple(nodes)


def _reads_values(instance: Instance) -> bool:
    """Return whether an instance reads another one as if it were a column."""
    if instance.entry is EXPRESSION or any(spec.is_source for spec in instance.entry.depends):
        return True
    is_source = any(role == "source" for role, _ in instance.depends)
    return is_source and "source" in instance.entry.inputs


def _bars_on(timeframe: str, feature: FeatureNode) -> int:
    """Return a feature's warm-up in bars of another timeframe, rounded up."""
    own, other = interval_ms(feature.timeframe), interval_ms(timeframe)
    return -(-feature.warmup_bars * own // other)
