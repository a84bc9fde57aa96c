"""Prices that are taken of the order they are for: of one that has not been placed there is none."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import RESTING, Verb
from compiler.catalog.builtins import ORDER_PRICE
from compiler.catalog.orders import OptionName
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, Placed, account
from compiler.lints.reasoning.branches import Known
from compiler.lints.target_sizes import Reason


def of_itself(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """A price by `order_price` of the order's own ref, where the card places no other order under it."""
    ref = action.text(OptionName.ORDER_REF)
    if ref is None or action.spec.verb is Verb.AMEND or _is_placed_elsewhere(context, action, ref):
        return
    name = f"{ORDER_PRICE}({ref})"
    none_works = Known(account(ORDER_PRICE, ref), False, -1)
    for slot, node in action.node.prices:
        written = action.written.price(slot)
        if written is None or context.possible(view, none_works, *context.reasoner.known(node)):
            continue
        yield Reason(
            written.span,
            f"`{name}` is known only while an order `{ref}` works, and no other action places one",
            f"say what the first is placed at: `{name} ?? close`",
        )


def of_an_order(context: LintContext, view: CaseView, action: Placed, index: int) -> str | None:
    """Return the ref whose `order_price` a price reads where the case can be true while none works; None if all is well."""
    node = context.node(index)
    if node.op is not Op.ACCOUNT or node.attr[0] != ORDER_PRICE:
        return None
    ref = str(node.attr[1])
    if action.spec.verb is Verb.AMEND and action.text(OptionName.ORDER_REF) == ref:
        return None  # without that order there is nothing to change either
    none_works = Known(account(ORDER_PRICE, ref), False, -1)
    return ref if context.possible(view, none_works) else None


def _is_placed_elsewhere(context: LintContext, action: Placed, ref: str) -> bool:
    return any(
        other.written is not action.written and other.text(OptionName.ORDER_REF) == ref
        for _, other in context.placed(RESTING)
    )
