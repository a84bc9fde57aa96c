"""Exits of older closes that are still to close something: what a close decides counts with them.

The law: an exit at market is asked for until it is done, so what it is to close is closed for whoever reads how much is
held. Whether its request acts yet, or another in its place, nobody knows: nothing leaves beside it that is as large as
what is held. In a back-test every order of an older close has arrived, and there are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runtime.decide.intent import Intent
from runtime.orders.order_spec import OrderSpec, Role


@dataclass(frozen=True, slots=True)
class OlderExit:
    """An exit at market of an older close, with the lots that it is still to close, in doubt or owed.

    `is_once`: it follows a fill, so its action asks for another when it asks again.
    """

    spec: OrderSpec
    lots: int
    is_once: bool = False

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
