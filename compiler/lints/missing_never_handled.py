"""IC308 missing-never-handled: a value that is often unknown, used for a price without a guard.

Of an output that one side of its indicator alone knows (`sar.long`) every price is looked at, stops too.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.builtins import ORDER_PRICE
from compiler.catalog.orders import PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Span
from compiler.graph.describe import output_name
from compiler.graph.rule_graph import Node, Op
from compiler.lints.context import CaseView, LintContext, Placed, leaves
from compiler.lints.own_prices import of_an_order, of_itself
from compiler.lints.reasoning.branches import Claim, Known, Truth
from compiler.lints.reasoning.facts import key_of

# Entries that are known after warm-up but missing again and again: empty zones, no gap, no block.
_OFTEN_MISSING = frozenset(
    {"derived_zone", "zone", "fair_value_gap", "order_block", "breaker_block", "liquidity_zones"}
)
_CHOOSING = frozenset({Op.DEFAULT, Op.IF})  # another value is there where this one is unknown
_PLACES = (PriceSlot.PRICE, PriceSlot.TRIGGER)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield prices that read a value which is often unknown, in a case that does not ask."""
    for view in context.cases:
        for action in view.actions:
            for slot, node in action.node.prices:
                written = action.written.price(slot)
                if written is None:
                    continue
                if (ref := _order_that_may_be_gone(context, view, action, node)) is not None:
                    name = f"{ORDER_PRICE}({ref})"
                    yield _finding(
                        written.span, f"`{name}` is missing while no order `{ref}` works", name
                    )
                leaf = _unguarded(context, view, node)
                if leaf is None:
                    continue
                name = name_of(context, leaf)
                if _is_of_one_side(context, leaf):
                    yield _finding(
                        written.span, f"`{name}` is known on one side of the market alone", name
                    )
                elif slot in _PLACES:
                    yield _finding(written.span, f"`{name}` is missing on many bars", name)


def _finding(span: Span, what: str, name: str) -> Diagnostic:
    return finding(
        "IC308",
        f"{what}, and nothing here asks",
        span,
        help="while it is unknown this is refused (`unknown_price`) and counted; require "
        f"`{name} is not missing`, or give another value with `??`",
    )


def _order_that_may_be_gone(
    context: LintContext, view: CaseView, action: Placed, node: int
) -> str | None:
    """Return the ref of an order whose price is read, and that may not work; None where the card cares for it."""
    if any(context.node(i).op in _CHOOSING for i in _above(context, node)):
        return None
    if any(True for _ in of_itself(context, view, action)):
        return None  # told as an order that is never placed
    refs = (of_an_order(context, view, action, leaf) for leaf in leaves(context.graph, node))
    return next((ref for ref in refs if ref is not None), None)


def _unguarded(context: LintContext, view: CaseView, node: int) -> Node | None:
    graph = context.graph
    for index in leaves(graph, node):
        leaf = graph.nodes[index]
        if not is_often_unknown(context, leaf):
            continue
        if any(graph.nodes[i].op in _CHOOSING for i in _above(context, node)):
            return None
        missing = Known(key_of(graph.nodes, index), False, -1)
        claims = [Claim(view.when, Truth.TRUE)] if view.when is not None else []
        if context.reasoner.possible(claims, (missing,)) and not _asked(context, view, leaf):
            return leaf
    return None


def name_of(context: LintContext, leaf: Node) -> str:
    """Return a feature's value as a card names it."""
    return output_name(context.feature(leaf).id, str(leaf.attr[1]))


def is_often_unknown(context: LintContext, leaf: Node) -> bool:
    """Return whether a feature's value is missing again and again, not while it warms up alone."""
    if leaf.op is not Op.FEATURE:
        return False
    return _is_slot(context, leaf) or _is_of_one_side(context, leaf)


def _is_slot(context: LintContext, leaf: Node) -> bool:
    return context.feature(leaf).type in _OFTEN_MISSING and leaf.value.type == "number"


def _is_of_one_side(context: LintContext, leaf: Node) -> bool:
    return context.facts(leaf).one_side


def _asked(context: LintContext, view: CaseView, read: Node) -> bool:
    """Return whether the condition looks at the same feature at all (`any_active`, a state, …)."""
    if view.when is None:
        return False
    return any(
        leaf.op is Op.FEATURE and leaf.attr[0] == read.attr[0]
        for leaf in map(context.node, leaves(context.graph, view.when))
    )


def _above(context: LintContext, node: int) -> Iterator[int]:
    yield node
    for argument in context.node(node).args:
        yield from _above(context, argument)
