"""Which actions of a card take a working order away: said by several lint rules."""

from __future__ import annotations

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName
from compiler.lints.context import Placed


def cancels(action: Placed, order: Placed) -> bool:
    """Return whether an action cancels an order: by its ref, by its group, or all there are."""
    ref, group = order.text(OptionName.ORDER_REF), order.text(OptionName.ORDER_GROUP)
    verb = action.spec.verb
    if verb is Verb.CANCEL:
        return action.text(OptionName.ORDER_REF) == ref is not None
    return verb is Verb.CANCEL_ALL and action.text(OptionName.ORDER_GROUP) in (None, group)
