"""IC308 missing-never-handled: a value that is often missing, used for a price without a guard."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.orders import PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.graph.rule_graph import Node, Op
from compiler.lints.context import CaseView, LintContext, leaves
from compiler.lints.reasoning.branches import Claim, Known, Truth
from compiler.lints.reasoning.facts import key_of

# Entries that are known after warm-up but missing again and again: empty zones, no gap, no block.
_OFTEN_MISSING = frozenset(
    {"derived_zone", "zone", "fair_value_gap", "order_block", "breaker_block", "liquidity_zones"}
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield prices that read a slot which is often empty, in a case that does not ask."""
    for view in context.cases:
        for action in view.actions:
            for slot, node in action.node.prices:
                written = action.written.price(slot)
                name = _unguarded(context, view, node)
                if (
                    name is not None
                    and written is not None
                    and slot
                    in (
                        PriceSlot.PRICE,
                        PriceSlot.TRIGGER,
                    )
                ):
                    yield finding(
                        "IC308",
                        f"`{name}` is missing on many bars, and nothing here asks",
                        written.span,
                        help="an unknown price is refused and counted; require `is not missing`, "
                        "or give another value with `??`",
                    )


def _unguarded(context: LintContext, view: CaseView, node: int) -> str | None:
    graph = context.graph
    for index in leaves(graph, node):
        leaf = graph.nodes[index]
        if leaf.op is not Op.FEATURE or not _is_slot(context, leaf):
            continue
        feature = graph.features[int(leaf.attr[0])]
        if any(Op.DEFAULT is graph.nodes[i].op for i in _above(context, node)):
            return None
        missing = Known(key_of(graph.nodes, index), False, -1)
        claims = [Claim(view.when, Truth.TRUE)] if view.when is not None else []
        if context.reasoner.possible(claims, (missing,)) and not _asked(context, view, feature.id):
            return f"{feature.id}.{leaf.attr[1]}"
    return None


def _is_slot(context: LintContext, leaf: Node) -> bool:
    feature = context.graph.features[int(leaf.attr[0])]
    return feature.type in _OFTEN_MISSING and leaf.value.type == "number"


def _asked(context: LintContext, view: CaseView, feature_id: str) -> bool:
    """Return whether the condition looks at the same feature at all (`any_active`, a state, …)."""
    if view.when is None:
        return False
    graph = context.graph
    return any(
        leaf.op is Op.FEATURE and graph.features[int(leaf.attr[0])].id == feature_id
        for leaf in map(context.node, leaves(graph, view.when))
    )


def _above(context: LintContext, node: int) -> Iterator[int]:
    yield node
    for argument in context.node(node).args:
        yield from _above(context, argument)
