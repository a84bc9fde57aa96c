"""IC610 fixed-exit-on-fill: an exit for the money an entry cost, at a price at which that is other lots."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES, EXITS
from compiler.catalog.orders import SizeKind
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.rule_graph import ActionNode
from compiler.lints.context import LintContext

# An exit for so much less is meant as a part, for so much more is capped to what is there.
_NEAR = 0.1


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield exits in `on_fill` whose amount in usdt is about that of the entry that filled."""
    for _, entry in context.placed(ENTRIES):
        bought = _usdt(context, entry.node)
        if bought is None or entry.written.size is None:
            continue
        for written, node in zip(entry.written.on_fill, entry.node.on_fill, strict=True):
            sold = _usdt(context, node) if node.kind in EXITS else None
            if sold is None or written.size is None or abs(sold / bought - 1) > _NEAR:
                continue
            yield finding(
                "IC610",
                f"{sold:g} usdt are other lots at another price: this exit leaves a rest, or nothing",
                written.size.span,
                labels=[
                    Label(entry.written.size.span, "what was bought, at the price of the entry")
                ],
                help="`size: fill` takes the lots that were bought, `size_pct: 1` closes the position",
            )


def _usdt(context: LintContext, action: ActionNode) -> float | None:
    size = action.size
    if size is None or size.kind is not SizeKind.USDT:
        return None
    return context.constant(size.value)
