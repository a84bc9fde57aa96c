"""Prices of this bar that are compared with what has this bar in it: said by the rules that find it always or never so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.graph.rule_graph import Op
from compiler.lints.context import LintContext


def of_this_bar(context: LintContext, core: Sequence[int]) -> str | None:
    """Return how to ask of the bars before, where a price of this bar is compared with what has this bar in it."""
    read = [index for i in core for index in _of_now(context, i)]
    held = next((index for index in read if context.reasoner.holds_this_bar(index)), None)
    if held is None or not any(context.node(index).op is Op.BAR for index in read):
        return None
    name = context.words(held).strip("`")
    return f"`{name}` has this bar in it, too: `{name}[1]` is that of the bars before"


def _of_now(context: LintContext, index: int) -> Iterator[int]:
    """Yield what a condition reads of the bar at hand."""
    yield index
    if context.node(index).op is not Op.PREV:
        for argument in context.node(index).args:
            yield from _of_now(context, argument)
