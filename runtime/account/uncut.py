"""Stops and targets that the venue does not make smaller: at their price they would close what is not their own.

The law: the change is asked for on; refused as often as is borne, another of the right size takes the place.
"""

from __future__ import annotations

from runtime.account.absence import protects
from runtime.account.layers import ScaledPosition
from runtime.formulas.sums import whole
from runtime.orders.order import Order
from runtime.orders.patience import ATTEMPTS


def too_large(orders: list[Order], lots: int) -> list[Order]:
    """Return the stops or targets of one scope of so many lots that the venue did not make smaller.

    A stop of the right size is placed beside them, and they are cancelled when it stands: its lots are never open. A target
    is cancelled first: two would close more than they are for.
    """
    if whole(order.remaining for order in orders) <= lots:
        return []
    return [o for o in orders if o.uncut >= ATTEMPTS and (o.is_uncut or o.leaving is not None)]


def closes_beside(order: Order, position: ScaledPosition | None) -> bool:
    """Return whether an order that leaves is a target that was not made smaller: it may fill beside another in its place."""
    is_target = order.is_target and order.leaving is not None and order.uncut >= ATTEMPTS
    return is_target and protects(order, position)
