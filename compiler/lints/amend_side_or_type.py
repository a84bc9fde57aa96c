"""IC510 amend-side-or-type: an amend may move an order, never make another one of it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ATTACHED, Verb, actions_where
from compiler.catalog.orders import OptionName, PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext, Placed


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield price keys of an amend that the order it names does not have."""
    placed: dict[str, list[Placed]] = {}
    for _, action in context.placed():
        ref = action.text(OptionName.ORDER_REF)
        if action.spec.rests and ref is not None:
            placed.setdefault(ref, []).append(action)
    for _, action in context.placed(actions_where(lambda spec: spec.verb is Verb.AMEND)):
        orders = placed.get(action.text(OptionName.ORDER_REF) or "", [])
        for price in action.written.prices:
            if price.slot in ATTACHED or not orders:
                continue
            if not any(_has(order, price.slot) for order in orders):
                order = orders[0]
                yield finding(
                    "IC510",
                    f"`{price.slot}` would change what kind of order `{order.text(OptionName.ORDER_REF)}` is",
                    price.key_span,
                    labels=[Label(order.written.kind_span, f"placed here by `{order.kind}`")],
                    help="cancel it and place another one",
                )


def _has(order: Placed, slot: PriceSlot) -> bool:
    if slot is PriceSlot.LIMIT_PRICE:
        return order.price(slot) is not None
    return slot in order.spec.order_prices
