"""Group: inside an `and` or `or`, what depends on the market alone becomes one operand, in front.

The market's part is a column computed in bulk, so on most bars the account stage reads one value
and is done. Kleene's `and` and `or` do not care about order or nesting.
"""

from __future__ import annotations

from compiler.catalog.types import Stage
from compiler.graph.builder import GraphBuilder
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.optimize.remap import origin, with_nodes


def group(graph: RuleGraph) -> RuleGraph:
    """Return the graph with mixed junctions split by stage."""
    builder = GraphBuilder()
    moved: list[int] = []
    for index, node in enumerate(graph.nodes):
        args = [moved[arg] for arg in node.args]
        span = origin(graph, index)
        if node.op in (Op.AND, Op.OR):
            market = [arg for arg in args if builder.nodes[arg].stage is not Stage.ACCOUNT]
            account = [arg for arg in args if builder.nodes[arg].stage is Stage.ACCOUNT]
            if account and len(market) > 1:
                args = [builder.make(node.op, market, (), span), *account]
            elif account:
                args = [*market, *account]
        moved.append(builder.move(node, args, span))
    return with_nodes(graph, builder.nodes, builder.origins, moved)
