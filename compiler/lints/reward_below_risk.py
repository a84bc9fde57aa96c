"""IC606 reward-below-risk: a target that is closer than its stop."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ATTACHED
from compiler.catalog.orders import PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext, Placed
from compiler.lints.reasoning.bounds import Key


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries whose stop and target are fixed multiples of the entry price."""
    for _, action in context.opening():
        stop, target = (action.written.price(slot) for slot in ATTACHED)
        distances = _distances(context, action)
        if stop is None or target is None or distances is None:
            continue
        risk, reward = distances
        if 0 < reward < risk * (1 - 1e-9):
            yield finding(
                "IC606",
                f"this risks {risk * 100:.2f} % to win {reward * 100:.2f} %",
                target.span,
                labels=[Label(stop.span, "the stop")],
                help=f"it has to win more than {risk / (risk + reward) * 100:.0f} % of its trades "
                "to gain anything, before costs",
            )


def _distances(context: LintContext, action: Placed) -> tuple[float, float] | None:
    """Return stop and target distance as fractions of the entry, when all are multiples of it."""
    nodes = [action.price(s) for s in ATTACHED]
    entry = next(
        (n for s in (PriceSlot.PRICE, PriceSlot.TRIGGER) if (n := action.price(s)) is not None),
        None,
    )
    factors = []
    at_close: tuple[Key | None, float, float] = (("bar", "close"), 1.0, 0.0)
    for node in [*nodes, entry]:
        # A market order is expected at the close.
        key, factor, constant = at_close if node is None else context.reasoner.linear(node)
        if constant != 0.0 or key is None or factor <= 0:
            return None
        factors.append((key, factor))
    if len({key for key, _ in factors}) != 1:
        return None
    (_, stop), (_, target), (_, at) = factors
    sign = 1.0 if action.is_long else -1.0
    return sign * (at - stop) / at, sign * (target - at) / at
