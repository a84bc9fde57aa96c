"""Which conditions are news, true on a bar and not again before the market has changed; which are states that last."""

from __future__ import annotations

from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, conjuncts
from compiler.lints.reasoning.facts import key_of, when


def is_event(context: LintContext, view: CaseView) -> bool:
    """Return whether the market must change for the case to fire again.

    A cross, a change of a value, news of a structure, a number of a bar: not a state that lasts.
    """
    if view.when is None:
        return False
    if not context.reasoner.can_repeat(view.when):
        return True
    parts = frozenset(conjuncts(context.graph, view.when))
    return any(_is_event(context, i) or _is_nth(context, i, parts) for i in parts)


def _is_event(context: LintContext, index: int) -> bool:
    node = context.node(index)
    if node.op in (Op.NE, Op.GT, Op.LT) and _is_own_past(context, *node.args):
        return node.op is Op.NE or _counts(context, node.args[0])
    if node.op is Op.EQ:
        one, two = node.args
        return any(
            _is_news(context, a) and not _is_none(context, b) for a, b in ((one, two), (two, one))
        )
    return _is_news(context, index)


def _is_nth(context: LintContext, index: int, beside: frozenset[int]) -> bool:
    """Return whether a condition asks for one number of the times that another one beside it was true."""
    node = context.node(index)
    if node.op is not Op.EQ or not any(context.constant(arg) for arg in node.args):
        return False
    counts = (context.node(arg) for arg in node.args)
    return any(
        count.op is Op.COUNT_SINCE and beside.issuperset(conjuncts(context.graph, count.args[1]))
        for count in counts
    )


def _counts(context: LintContext, index: int) -> bool:
    while (node := context.node(index)).op is Op.PREV:
        index = node.args[0]
    return node.op is Op.FEATURE and context.facts(node).counts


def _is_none(context: LintContext, index: int) -> bool:
    """Return whether news are compared with 0, which is that there are none, or with what may be so."""
    return context.constant(index) in (None, 0.0)


def _is_own_past(context: LintContext, one: int, two: int) -> bool:
    """Return whether two nodes are one value on different bars of the card."""
    nodes = context.graph.nodes
    (bars, first), (others, second) = (when(key_of(nodes, n)) for n in (one, two))
    if first == second:
        return bars != others
    is_same = first[0] == second[0] == "feature" and first[1:3] == second[1:3]
    return is_same and bars == others and _is_on_card_bars(context, one)


def _is_news(context: LintContext, index: int) -> bool:
    node = context.node(index)
    is_read = node.op is Op.FEATURE and _is_on_card_bars(context, index)
    return is_read and context.facts(node).is_event


def _is_on_card_bars(context: LintContext, index: int) -> bool:
    """Return whether a feature has a new value on every bar, not one held for many."""
    node = context.node(index)
    if node.op is not Op.FEATURE:
        return True
    return context.feature(node).timeframe == context.graph.timeframe
