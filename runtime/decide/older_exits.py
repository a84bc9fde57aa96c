"""Exits of older closes that are still to close something: what a close decides counts with them.

The law: an exit at market is asked for until it is done, so what it is to close is closed for whoever reads how much is
held. Whether its request acts yet, or another in its place, nobody knows: nothing leaves beside it that is as large as
what is held. In a back-test every order of an older close has arrived, and there are none.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.orders.order_spec import OrderSpec


@dataclass(frozen=True, slots=True)
class OlderExit:
    """An exit at market of an older close, with the lots that it is still to close, in doubt or owed."""

    spec: OrderSpec
    lots: int
