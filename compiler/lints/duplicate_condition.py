"""IC407 duplicate-condition: one compound condition written out in two blocks."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.findings.source import Span
from compiler.lints.context import LintContext
from compiler.syntax.tree import All, Any, Between, Cross, Expr, Near, Not, Window


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the second and later copies of a condition of some size."""
    first: dict[Expr, tuple[str, Span]] = {}
    for view in context.cases:
        if view.case is None:
            continue
        for part in _compound(view.case.when):
            block, span = first.setdefault(part, (view.block.id, part.span))
            if block != view.block.id:
                yield finding(
                    "IC407",
                    "this condition is written out in two blocks",
                    part.span,
                    labels=[Label(span, "the same condition")],
                    help="give it a name under `variables` and use the name in both",
                )
                break


def _compound(expr: Expr) -> Iterator[Expr]:
    """Yield a condition and its parts, largest first, that are worth a name."""
    if isinstance(expr, All | Any):
        if any(item.span != expr.span for item in expr.items):  # not one word that asks for several
            yield expr
        for item in expr.items:
            yield from _compound(item)
    elif isinstance(expr, Window | Near | Between | Cross):
        yield expr
    elif isinstance(expr, Not):
        yield from _compound(expr.operand)
