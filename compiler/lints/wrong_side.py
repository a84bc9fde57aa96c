"""IC602 stop-wrong-side and IC603 target-wrong-side: protection that would act at once."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES
from compiler.catalog.orders import PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.reasoning.branches import Assumption

_CLOSE = ("bar", "close")
_ENTRY = (PriceSlot.PRICE, PriceSlot.LIMIT_PRICE, PriceSlot.TRIGGER)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield stops and targets that are provably on the wrong side of their entry."""
    for view, action in context.placed(ENTRIES):
        if view.when is not None and not context.reasoner.can_be_true(view.when):
            continue
        for slot, code in ((PriceSlot.STOP_LOSS, "IC602"), (PriceSlot.TAKE_PROFIT, "IC603")):
            below = (slot is PriceSlot.STOP_LOSS) == action.is_long
            if not _fits(context, view, action, slot, below):
                yield _report(context, action, slot, code, below)


def _entry_node(action: Placed) -> int | None:
    """Return the node of the price an entry is expected at; None for the close."""
    for slot in _ENTRY:
        node = action.price(slot)
        if node is not None:
            return node
    return None


def _fits(
    context: LintContext, view: CaseView, action: Placed, slot: PriceSlot, below: bool
) -> bool:
    level = action.price(slot)
    if level is None:
        return True
    entry = _entry_node(action)
    reasoner = context.reasoner
    assume: list[Assumption] = []
    if entry is None:
        close = reasoner.below if below else reasoner.above
        assume.append(close(level, _CLOSE, strict=True))
    elif below:
        assume.append(reasoner.compared(level, entry, strict=True))
    else:
        assume.append(reasoner.compared(entry, level, strict=True))
    # Prices are positive: a multiple of one price compared with another is decided by that.
    return context.possible(view, *assume)


def _report(
    context: LintContext, action: Placed, slot: PriceSlot, code: str, below: bool
) -> Diagnostic:
    written = action.written.price(slot)
    assert written is not None
    side = "long" if action.is_long else "short"
    what = "stop" if slot is PriceSlot.STOP_LOSS else "target"
    entry = next((p for n in _ENTRY if (p := action.written.price(n))), None)
    labels = [Label(entry.span, "the entry")] if entry is not None else []
    return finding(
        code,
        f"the {what} of this {side} entry can never be {'below' if below else 'above'} it",
        written.span,
        labels=labels,
        help=f"the {what} of a {side} entry belongs {'below' if below else 'above'} its price"
        + ("" if entry is not None else " (the close, for a market order)"),
    )
