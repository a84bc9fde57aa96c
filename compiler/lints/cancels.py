"""Which actions of a card take a working order away: said by several lint rules."""

from __future__ import annotations

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName
from compiler.lints.context import CaseView, Placed


def cancels(action: Placed, order: Placed) -> bool:
    """Return whether an action cancels an order: by its ref, by its group, or all there are."""
    ref, group = order.text(OptionName.ORDER_REF), order.text(OptionName.ORDER_GROUP)
    verb = action.spec.verb
    if verb is Verb.CANCEL:
        return action.text(OptionName.ORDER_REF) == ref is not None
    if verb is not Verb.CANCEL_ALL or action.text(OptionName.ORDER_GROUP) not in (None, group):
        return False
    return action.text(OptionName.SIDE) in (None, order.spec.order_side)


def cleared(view: CaseView, order: Placed) -> bool:
    """Return whether a case takes away what it placed before, then places it: an earlier action of it is such a cancel.

    What a fill asks for may have been placed at the very close of the cancel, which does not reach it.
    """
    for action in view.actions:
        if action.written is order.written:
            return False
        if cancels(action, order):
            return any(one.written is order.written for one in view.actions)
    return False
