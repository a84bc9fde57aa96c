"""IC501 unknown-order-ref: cancel, amend or question of an order that no action places."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ABOUT_ORDERS
from compiler.catalog.calls import ORDER_BUILTINS
from compiler.catalog.orders import OptionName
from compiler.findings.codes import finding
from compiler.findings.collected import listed, rename
from compiler.findings.diagnostics import Diagnostic, Fix
from compiler.findings.source import Span
from compiler.findings.suggest import closest
from compiler.graph.rule_graph import Op
from compiler.lints.context import LintContext
from compiler.syntax.tree import Action, BuiltinRef, Card, Name
from compiler.syntax.walker import subexpressions


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield refs that are used but never placed."""
    placed = _placed(context)
    for ref, span in _used(context):
        if ref in placed:
            continue
        of_rungs = _of_rungs(context, ref)
        if len(of_rungs) > 1:
            yield finding(
                "IC501",
                f"this asks for one order, and several are called after `{ref}`",
                span,
                help=f"name one of them: `{of_rungs[0]}` … `{of_rungs[-1]}`",
            )
            continue
        near = closest(ref, placed)
        yield finding(
            "IC501",
            f"no action places an order with the ref `{ref}`",
            span,
            help=f"did you mean `{near}`?" if near else listed(placed),
            fix=_fix(context, span, ref, near),
        )


def unknown_refs(context: LintContext, node: int) -> bool:
    """Return whether a condition asks for an order that no action places."""
    read = (context.node(leaf) for leaf in context.leaves(node))
    refs = {
        str(leaf.attr[1])
        for leaf in read
        if leaf.op is Op.ACCOUNT and leaf.attr[0] in ORDER_BUILTINS
    }
    return bool(refs - set(_placed(context)))


def _placed(context: LintContext) -> list[str]:
    return [
        ref
        for _, a in context.placed()
        if not a.spec.names_live_order and (ref := a.text(OptionName.ORDER_REF))
    ]


def _of_rungs(context: LintContext, ref: str) -> list[str]:
    """Return what a ladder calls the orders of a ref: they are written at one place."""
    found: dict[Span, list[str]] = {}
    for _, action in context.placed():
        option = action.written.option(OptionName.ORDER_REF)
        name = action.text(OptionName.ORDER_REF) or ""
        if option is not None and name.startswith(f"{ref}_") and name[len(ref) + 1 :].isdigit():
            found.setdefault(option.span, []).append(name)
    return max(found.values(), key=len, default=[])


def _fix(context: LintContext, span: Span, ref: str, near: str | None) -> Fix | None:
    if near is None:
        return None
    text = context.source.slice(span)
    # The card says something now, if nothing useful: another ref is another card.
    return rename(span, text.replace(ref, near, 1), safe=False) if ref in text else None


def _used(context: LintContext) -> Iterator[tuple[str, Span]]:
    for _, action in context.placed(ABOUT_ORDERS):
        option = action.written.option(OptionName.ORDER_REF)
        if option is not None and isinstance(option.value, str):
            yield option.value, option.span
    for expr in _expressions(context.card):
        if isinstance(expr, BuiltinRef) and expr.ref is not None:
            yield expr.ref, expr.span
        elif isinstance(expr, Name) and expr.head in ORDER_BUILTINS and expr.field is not None:
            yield expr.field, expr.span  # `order_pending(dip)`


def _expressions(card: Card) -> Iterator[object]:
    for variable in card.variables:
        yield from subexpressions(variable.value)
    for block in card.blocks:
        for case in block.cases:
            yield from subexpressions(case.when)
            for action in case.emit:
                yield from _of_action(action)


def _of_action(action: Action) -> Iterator[object]:
    for price in action.prices:
        yield from subexpressions(price.value)
    if action.size is not None:
        yield from subexpressions(action.size.value)
