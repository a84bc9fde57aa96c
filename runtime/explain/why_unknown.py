"""Why the value of a node is unknown: the first cause, in the words of the card."""

from __future__ import annotations

from compiler.catalog.builtins import builtin
from compiler.graph.describe import describe
from compiler.graph.rule_graph import Op, RuleGraph
from runtime.rules.begun_before import counts_by
from runtime.rules.node_values import NodeValues


def why_unknown(graph: RuleGraph, index: int, values: NodeValues) -> str:
    """Return the first cause of an unknown value, "" for a known one."""
    value = values.value(index)
    if value == value:
        return ""
    node = graph.nodes[index]
    match node.op:
        case Op.FEATURE:
            if values.bar + 1 < node.lookback:
                return f"`{describe(graph, index)}` warms up until bar {node.lookback - 1}"
            text = f"`{describe(graph, index)}` has no value at this close"
            span = counts_by(graph.features[int(node.attr[0])])
            if span and not values.was_known(index):
                text += (
                    f": it counts by the {span}, and one that began before the first bar is unknown"
                )
            return text
        case Op.BAR:
            return f"`{node.attr[0]}` has no series"
        case Op.ACCOUNT:
            name = str(node.attr[0])
            return f"`{name}`: {builtin(name).doc}"
        case Op.PREV | Op.HOLDS | Op.OCCURRED | Op.COUNT:
            if values.bar + 1 < node.lookback:
                return f"`{describe(graph, index)}` warms up until bar {node.lookback - 1}"
        case Op.MEAN | Op.MEDIAN | Op.HIGHEST | Op.LOWEST:
            known = sum(1 for arg in node.args if values.value(arg) == values.value(arg))
            return f"`{describe(graph, index)}` has {known} of its {len(node.args)} values"
    causes = (why_unknown(graph, arg, values) for arg in node.args)
    return next(filter(None, causes), f"`{describe(graph, index)}` has no result")
