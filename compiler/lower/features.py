"""Feature instances to feature nodes: explicit, complete, warm-up cascaded through dependencies.

The law: a feature is waited for as long as what is read of it, output by output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.catalog.source_expressions import EXPRESSION, output_of
from compiler.catalog.timeframes import interval_ms
from compiler.graph.rule_graph import FeatureNode, Node, Op
from compiler.resolve.scope import Instance, Resolved

Warmups = dict[str, int]


def warmups(resolved: Resolved) -> list[Warmups]:
    """Return from which bar of its own clock on each output can be known, instance by instance."""
    index = {instance.id: i for i, instance in enumerate(resolved.instances)}
    found: list[Warmups] = []
    for instance in resolved.instances:
        before = max(
            (
                _bars_on(instance.timeframe, resolved.instances[index[target]], bars)
                for role, target in instance.depends
                for bars in _read(instance, role, found[index[target]])
            ),
            default=0,
        )
        if before and _reads_values(instance):
            before -= 1  # the first value that is read is one of those that are waited for
        params = dict(instance.params)
        found.append(
            {
                output.name: before + instance.entry.warmup_of(output, params)
                for output in instance.outputs
            }
        )
    return found


def feature_nodes(
    resolved: Resolved, traded: str, known: Sequence[Warmups], nodes: Iterable[Node]
) -> tuple[FeatureNode, ...]:
    """Return the features in dependency order; `traded` is the symbol of those that name none.

    `known` are the `warmups` of their outputs, `nodes` those that the rules read.
    """
    index = {instance.id: i for i, instance in enumerate(resolved.instances)}
    return tuple(
        FeatureNode(
            id=instance.id,
            kind=instance.entry.kind,
            type=instance.entry.type,
            symbol=instance.symbol or traded,
            timeframe=instance.timeframe,
            source=instance.source,
            params=instance.params,
            depends=tuple((role, index[target]) for role, target in instance.depends),
            outputs=tuple(output.name for output in instance.outputs),
            warmup_bars=bars,
            tz=instance.tz,
        )
        for instance, bars in zip(
            resolved.instances, _waited_for(resolved, index, known, nodes), strict=True
        )
    )


def _waited_for(
    resolved: Resolved, index: dict[str, int], known: Sequence[Warmups], nodes: Iterable[Node]
) -> list[int]:
    """Return the warm-up of the latest output that is read of each instance; of the primary if none is."""
    bars = [0] * len(known)
    for node in nodes:
        if node.op is Op.FEATURE:
            read, output = int(node.attr[0]), str(node.attr[1])
            bars[read] = max(bars[read], known[read][output])
    for place in range(len(bars) - 1, -1, -1):  # what is read stands before its readers
        instance = resolved.instances[place]
        for role, target in instance.depends if bars[place] else ():
            read = index[target]
            bars[read] = max(bars[read], *_read(instance, role, known[read]))
    return [
        most or own[instance.entry.primary(dict(instance.params)).name]
        for most, own, instance in zip(bars, known, resolved.instances, strict=True)
    ]


def _read(instance: Instance, role: str, target: Warmups) -> list[int]:
    """Return the warm-ups of the outputs that an instance reads of what has a role for it."""
    if instance.entry is EXPRESSION:
        return [target[output_of(role)]]
    columns = next(
        (spec.columns for spec in instance.entry.depends if spec.role == role), ("value",)
    )
    return [target[column] for column in columns]


def _reads_values(instance: Instance) -> bool:
    """Return whether an instance reads another one as if it were a column."""
    if instance.entry is EXPRESSION or any(spec.is_source for spec in instance.entry.depends):
        return True
    is_source = any(role == "source" for role, _ in instance.depends)
    return is_source and "source" in instance.entry.inputs


def _bars_on(timeframe: str, instance: Instance, bars: int) -> int:
    """Return bars of an instance's clock in bars of another timeframe, rounded up."""
    own, other = interval_ms(instance.timeframe), interval_ms(timeframe)
    return -(-bars * own // other)
