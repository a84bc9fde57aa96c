"""What a later close says of an exit that an older one asked for: the same again, its cancel, or how much is to be held.

The law: an exit takes the place of an older one only where it is the same. Those of two actions, of two refs or of two
fills are two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compiler.catalog.actions import Verb
from compiler.catalog.orders import SizeKind
from runtime.account.ledger import Ledger
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.orders.commands import Decided, SubmitOrder
from runtime.orders.order_spec import OrderSpec, OrderType


def is_same(spec: OrderSpec, older: OrderSpec) -> bool:
    """Return whether an exit is an older one asked for again: by one action of a card, or by a person, under one ref.

    Of those at a limit a ref names one, whichever action asks; without one each close asks for another.
    """
    if older.role is not spec.role or older.order_type is not spec.order_type:
        return False
    is_named = resting_ref(spec) is not None
    if spec.order_type is not OrderType.MARKET and not is_named:
        return False
    return older.order_ref == spec.order_ref and (is_named or older.origin == spec.origin)


def resting_ref(spec: OrderSpec) -> str | None:
    """Return the ref under which an exit rests, and no other beside it; None without one, and at market."""
    return None if spec.order_type is OrderType.MARKET else spec.order_ref


def is_rest(intent: Intent) -> bool:
    """Return whether an action asks for all of the position that no other exit has."""
    return intent.action.size is not None and intent.action.size.kind is SizeKind.REST


def is_of_what_is_held(intent: Intent, ledger: Ledger) -> bool:
    """Return whether an action says how much of the position is to be held; a size that is not known says nothing."""
    if intent.spec.verb is not Verb.ADJUST_SIZE or ledger.position is None:
        return False
    is_known = intent.size is not None and math.isfinite(intent.size)
    return is_known and intent.spec.order_side in (None, ledger.position.side)


def is_replaced(outcome: Sequence[Decided] | Refused, spec: OrderSpec) -> bool:
    """Return whether an intent has come to another order under the ref of an exit that is owed."""
    if isinstance(outcome, Refused) or spec.order_ref is None:
        return False
    placed = (one.spec for one in outcome if isinstance(one, SubmitOrder))
    return any(one.order_ref == spec.order_ref and not is_same(one, spec) for one in placed)
