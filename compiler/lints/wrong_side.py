"""IC602 stop-wrong-side and IC603 target-wrong-side: protection that would act at once.

Of an entry it is compared with the entry's price, where it is moved (`adjust_stop`) with the close.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import Verb, actions_where
from compiler.catalog.orders import OptionName, PositionSide, PriceSlot
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.reasoning.branches import Assumption

_CLOSE = ("bar", "close")
_MOVES = (
    (actions_where(lambda s: s.verb is Verb.ADJUST_STOP), Verb.ADJUST_STOP, "IC602"),
    (actions_where(lambda s: s.verb is Verb.ADJUST_TARGET), Verb.ADJUST_TARGET, "IC603"),
)
_ENTRY = (PriceSlot.PRICE, PriceSlot.LIMIT_PRICE, PriceSlot.TRIGGER)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield stops, targets and starts of trails provably on the wrong side of their entry, and trails as far as its price."""
    for view, action in context.opening():
        if view.when is not None and not context.reasoner.can_be_true(view.when):
            continue
        for slot, code in ((PriceSlot.STOP_LOSS, "IC602"), (PriceSlot.TAKE_PROFIT, "IC603")):
            below = (slot is PriceSlot.STOP_LOSS) == action.is_long
            if not _fits(context, view, action, slot, below):
                yield _report(context, action, slot, code, below)
        start = action.number(OptionName.ACTIVATE)
        if start is not None and not _fits_at(context, view, action, start, not action.is_long):
            yield _report_start(action)
        distance = action.number(OptionName.DISTANCE)
        if distance is not None and not _fits_at(context, view, action, distance, below=True):
            yield _report_distance(action)
    yield from _moves(context)


def _moves(context: LintContext) -> Iterator[Diagnostic]:
    """Yield moves of a stop or target that no position they can meet would take."""
    for kinds, verb, code in _MOVES:
        for view, action in context.placed(kinds):
            level = action.price(PriceSlot.PRICE)
            sides = [side for side in _opened(context) if context.possible_while(view, (side,))]
            if level is None or not sides or action not in view.actions:
                continue
            if any(_may_stand(context, view, level, side, verb) for side in sides):
                continue
            written = action.written.price(PriceSlot.PRICE)
            assert written is not None
            what = "stop" if verb is Verb.ADJUST_STOP else "target"
            where = {side: _is_below(side, verb) for side in sides}
            belongs = " and ".join(
                f"{'below' if below else 'above'} the close while {side}"
                for side, below in where.items()
            )
            yield finding(
                code,
                f"the {what} can never be moved here",
                written.span,
                help=f"a {what} belongs {belongs}; on the other side it is refused",
            )


def _opened(context: LintContext) -> list[str]:
    """Return the sides that entries of the card open."""
    entries = [entry.spec.side for _, entry in context.opening()]
    return [side.value for side in PositionSide if side in entries]


def _is_below(side: str, verb: Verb) -> bool:
    return (verb is Verb.ADJUST_STOP) == (side == PositionSide.LONG.value)


def _may_stand(context: LintContext, view: CaseView, level: int, side: str, verb: Verb) -> bool:
    reasoner = context.reasoner
    beyond = reasoner.below if _is_below(side, verb) else reasoner.above
    return context.possible_while(view, (side,), beyond(level, _CLOSE, strict=True))


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
    return level is None or _fits_at(context, view, action, level, below)


def _fits_at(context: LintContext, view: CaseView, action: Placed, level: int, below: bool) -> bool:
    """Return whether a level can be below (or above) the price of its entry."""
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


def _report_start(action: Placed) -> Diagnostic:
    written = action.written.option(OptionName.ACTIVATE)
    assert written is not None
    side, where = ("long", "above") if action.is_long else ("short", "below")
    return finding(
        "IC602",
        f"the price of this {side} entry is past `activate` already: the stop trails from the fill on",
        written.span,
        help=f"a trail that waits begins {where} the entry; leave `activate` out if it is not to wait",
    )


def _report_distance(action: Placed) -> Diagnostic:
    written = action.written.option(OptionName.DISTANCE)
    assert written is not None
    side = "long" if action.is_long else "short"
    return finding(
        "IC602",
        f"the trail of this {side} entry stays behind by its whole price: it protects nothing",
        written.span,
        help="`distance` is a price difference, as `2 * atr(14)` or `close * 0.02`, no price",
    )


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
