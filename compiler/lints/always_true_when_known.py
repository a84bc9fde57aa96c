"""IC402 always-true-when-known: a comparison that says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.never import never_nodes
from compiler.graph.rule_graph import Op
from compiler.lints.constant_emit_block import acts_on_every_bar
from compiler.lints.context import LintContext, conjuncts
from compiler.lints.reasoning.branches import Claim, Truth
from compiler.lints.this_bar import of_this_bar


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield conditions and parts of them that are never false, and `??` behind what is always there."""
    yield from _idle_defaults(context)
    seen: set[int] = set()
    for view in context.cases:
        if view.when is None or acts_on_every_bar(context, view):
            continue
        if not context.reasoner.can_be_true(view.when):
            continue  # said by never-true
        for part in conjuncts(context.graph, view.when):
            node = context.node(part)
            if part in seen or node.op in (Op.CONST, Op.KNOWN, Op.OCCURRED, Op.COUNT):
                continue
            seen.add(part)
            if context.reasoner.can_be_false(part) or _asks_the_only_word(context, part):
                continue
            if (of_before := of_this_bar(context, [part])) is not None:
                help = of_before
            elif context.reasoner.possible([Claim(part, Truth.UNKNOWN)]):
                help = "it only waits until the value is known; write `is not missing` if meant so"
            else:
                help = "remove it: it is true on every bar"
            place, used = context.standing(view, part)
            yield finding(
                "IC402",
                "this condition is true whenever it is known",
                place,
                labels=[] if used is None else [Label(used, "used here")],
                help=help,
            )


def _idle_defaults(context: LintContext) -> Iterator[Diagnostic]:
    """Yield `x ?? y` whose x is never missing: y is never taken."""
    for index, node in enumerate(context.graph.nodes):
        if node.op is not Op.DEFAULT or context.reasoner.can_be_missing(node.args[0]):
            continue
        value = context.words(node.args[0])
        may_be_never = node.args[0] in never_nodes(context.graph.nodes)
        yield finding(
            "IC402",
            f"{value} is never missing: what stands behind `??` is never taken",
            context.origin(index),
            help="before it has happened it is infinitely long ago; `is never` asks for that"
            if may_be_never
            else "remove it",
        )


def _asks_the_only_word(context: LintContext, part: int) -> bool:
    """`position_layer_0_ref == dip` in a card with one ref asks whether there is a layer."""
    return any(len(context.node(a).value.enum) == 1 for a in context.node(part).args)
