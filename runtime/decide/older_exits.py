"""Exits of older closes that are still to close something: what a close decides counts with them.

The law: an exit at market is asked for until it is done, so what it is to close is closed for whoever reads how much is
held. Whether its request acts yet, or another in its place, nobody knows: nothing leaves beside it that is as large as
what is held. One at a limit that the venue has ended unasked comes again, so it stands for what a close decides: it has
its lots, and its ref is taken. In a back-test every order of an older close has arrived, and there are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OnLiveRef, OptionName
from runtime.decide.intent import Intent
from runtime.orders.order_spec import OrderSpec, OrderType, Role


@dataclass(frozen=True, slots=True)
class OlderExit:
    """An exit of an older close, with the lots that it is still to close: at market in doubt or owed, at a limit owed.

    `is_once`: it follows a fill, so its action asks for another when it asks again. `is_resized`: this close has asked for
    the size, which no order of it has.
    """

    spec: OrderSpec
    lots: int
    is_once: bool = False
    is_resized: bool = False

    @property
    def rests(self) -> bool:
        """Return whether it waits for a price when it has come again."""
        return self.spec.order_type is not OrderType.MARKET

    def is_asked_again_by(self, intent: Intent) -> bool:
        """Return whether an intent is its own action again, under its ref."""
        is_one = self.spec.origin == intent.origin and self.spec.order_ref == intent.order_ref
        return is_one and self.spec.role is Role.EXIT and not self.is_once


def lots_held(held: int, older: Iterable[OlderExit], intent: Intent) -> tuple[int, int]:
    """Return of how many of the held lots a share is one, and how many of these an older exit of its own action closes.

    What the others are still to close counts as closed, as it is in a back-test by then.
    """
    mine = others = 0
    for one in older:
        if one.is_asked_again_by(intent):
            mine += one.lots
        else:
            others += one.lots
    left = max(0, held - others)
    return left, min(left, mine)


def names(intent: Intent, spec: OrderSpec) -> bool:
    """Return whether an intent cancels an order of a spec."""
    match intent.spec.verb:
        case Verb.CANCEL:
            return spec.order_ref is not None and spec.order_ref == intent.order_ref
        case Verb.CANCEL_ALL:
            group, side = intent.text(OptionName.ORDER_GROUP), intent.text(OptionName.SIDE)
            return group in (None, spec.order_group) and side in (None, spec.side.value)
        case _:
            return False


def replaces(intent: Intent) -> bool:
    """Return whether a placement changes what is under its ref, or takes its place."""
    return OnLiveRef(intent.word(OptionName.ON_LIVE_REF)).replaces


def takes_its_place(intent: Intent, *, is_once: bool, rests: bool) -> bool:
    """Return whether an intent may ask for an exit that is owed again: by a rule, or under a ref that it replaces.

    What follows a fill (`is_once`) is another exit else, and late lots are. `rests`: it is at a limit.
    """
    if intent.spec.verb is not Verb.EXIT:
        return False
    return not is_once or (rests and intent.late is None and replaces(intent))
