"""IC509 marketable-limit: a limit that always crosses the market when it is placed."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import actions_where
from compiler.catalog.orders import OrderType, PriceSlot, Side
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.lints.certain_refusals import is_outside_band
from compiler.lints.context import LintContext

_CLOSE = ("bar", "close")
_LIMITS = actions_where(lambda spec: spec.order_type is OrderType.LIMIT)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield limit prices that are provably on the far side of the close."""
    for view, action in context.placed(_LIMITS):
        price, written = action.price(PriceSlot.PRICE), action.written.price(PriceSlot.PRICE)
        if price is None or written is None or action not in view.actions:
            continue
        buys = action.spec.order_side is Side.BUY
        bound = context.reasoner.below if buys else context.reasoner.above
        if view.when is not None and not context.reasoner.can_be_true(view.when):
            continue
        if is_outside_band(context, view, action):
            continue  # said by entry-never-placed
        if not context.possible(view, bound(price, _CLOSE)):
            where = "above" if buys else "below"
            yield finding(
                "IC509",
                f"this limit is always {where} the close, so it fills at once as taker",
                written.span,
                help="use a market order if that is meant, or put the limit on the other side",
            )
