"""Lots that fill after their order's `on_fill` was asked for: the cancel was on its way, and a fill that wins counts.

The law: each lot is followed once. What is measured by the fill is asked for again, of the late lots alone, at
the close that hears of them: an exit, whole or as a share, a size of `fill`, a target size. What an order asks for
whatever it fills (an amount, a stop, a cancel) it has asked for. Late lots join the order that follows the others
where that still works; where that change comes to nothing they are asked for anew. One at market cannot be changed:
they have an order of their own beside it, under the same ref.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from compiler.catalog.actions import Verb
from compiler.catalog.orders import SizeKind
from runtime.account.ledger import Ledger
from runtime.account.turning import surplus
from runtime.decide.intent import Intent, Late
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import AmendOrder, Decided
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType

_ALL = (None, SizeKind.REST)


@dataclass(frozen=True, slots=True)
class Asking:
    """An order that asks at this close, of so many lots; `since` is the close at which it asked first.

    `missed`: lots of earlier closes that an action, by its number, has not followed.
    """

    order: Order
    lots: int
    since: int | None = None
    missed: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Followed:
    """What was asked for of an order that may fill once more: since which close, of how many lots."""

    since: int
    lots: int
    filled: int
    missed: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joining:
    """Late lots of an order on their way into another one, and the total of that one with them."""

    order_id: str
    action: int
    lots: int
    total: int


@dataclass(slots=True)
class LateFills:
    """What is known of orders that have asked and may fill once more, by order id."""

    followed: dict[str, Followed] = field(default_factory=dict)
    joining: dict[str, Joining] = field(default_factory=dict)

    def has_asked(self, order: Order) -> bool:
        """Return whether an order has asked before it was whole."""
        return order.order_id in self.followed

    def asks(self, order: Order) -> bool:
        """Return whether an order that has asked has lots that nothing follows yet."""
        before = self.followed[order.order_id]
        return order.filled > before.filled or bool(before.missed)

    def ask(self, order: Order, ledger: Ledger) -> Asking:
        """Return what an order asks of at this close, and note that it has."""
        before, lots = self.followed.pop(order.order_id, None), _measure(order, ledger)
        if ledger.in_pieces and (order.remaining or before is not None):
            self.followed = {a: b for a, b in self.followed.items() if a in ledger.orders}
            since = ledger.bar if before is None else before.since
            self.followed[order.order_id] = Followed(since, lots, order.filled)
        if before is None:
            return Asking(order, lots or order.filled)
        return Asking(order, lots - before.lots, before.since, before.missed)

    def note(self, intent: Intent, outcome: Sequence[Decided] | Refused) -> str | None:
        """Take what came of an intent of late lots; return the order that is to ask again for it."""
        late = intent.late
        if late is None:
            return None
        action = intent.origin.action
        if isinstance(outcome, Refused):
            is_missed = outcome.is_passing or outcome.code == RefusalCode.IN_FLIGHT
            return self._miss(late.order_id, action, late.lots) if is_missed else None
        for one in outcome:
            if isinstance(one, AmendOrder) and one.quantity is not None:
                self.joining[one.order_id] = Joining(late.order_id, action, late.lots, one.quantity)
        return None

    def missed(self, ledger: Ledger) -> Iterator[str]:
        """Yield the orders whose late lots were to join another that did not take them."""
        for order_id, joining in list(self.joining.items()):
            order = ledger.orders.get(order_id)
            is_short = order is not None and order.quantity < joining.total
            if order is None or not is_short or joining.order_id not in self.followed:
                del self.joining[order_id]  # it took them, or nobody asks for them any more
            elif order.is_terminal or order.amending is None:
                del self.joining[order_id]
                if order.filled >= order.quantity or not order.is_terminal:
                    yield self._miss(joining.order_id, joining.action, joining.lots)

    def _miss(self, order_id: str, action: int, lots: int) -> str:
        missed = self.followed[order_id].missed
        missed[action] = missed.get(action, 0) + lots
        return order_id


def of_late_lots(ledger: Ledger, asking: Asking, intents: Iterable[Intent]) -> list[Intent]:
    """Return what is asked for again of an order's `on_fill`, of its late lots alone."""
    found: list[Intent] = []
    for intent in intents:
        lots = max(0, asking.lots) + asking.missed.get(intent.origin.action, 0)
        late = _late(asking.order, lots, _follower(ledger, asking, intent))
        again = _again(replace(intent, late=late), lots, ledger)
        if lots and again is not None:
            found.append(again)
    return found


def _late(order: Order, lots: int, follower: Order | None) -> Late:
    if follower is None:
        return Late(order.order_id, lots)
    if follower.spec.order_type is OrderType.MARKET:
        return Late(order.order_id, lots, beside=follower.order_id)
    return Late(order.order_id, lots, joins=follower.order_id)


def _again(intent: Intent, lots: int, ledger: Ledger) -> Intent | None:
    verb, size, value = intent.spec.verb, intent.action.size, intent.size
    kind = None if size is None else size.kind
    if verb is Verb.ADJUST_SIZE or (verb is Verb.EXIT and kind in _ALL):
        return intent
    if kind is SizeKind.FILL and verb in (Verb.EXIT, Verb.ENTER):
        return replace(intent, size=ledger.instrument.base(lots))
    if verb is not Verb.EXIT or size is None or value is None:
        return None
    if kind is SizeKind.POSITION_FRACTION and math.isfinite(value):
        part = math.floor(lots * min(1.0, max(0.0, value)) + 1e-9)
        action = replace(intent.action, size=replace(size, kind=SizeKind.FILL))
        return replace(intent, action=action, size=ledger.instrument.base(part))
    # An amount is the total of the one exit that has it: that may have found too little.
    return intent if intent.late is not None and intent.late.joins is not None else None


def _follower(ledger: Ledger, asking: Asking, intent: Intent) -> Order | None:
    """Return the working order that an action has made of the lots before."""
    order = None if intent.order_ref is None else ledger.book.by_ref(intent.order_ref)
    if order is None or asking.since is None or order.spec.origin != intent.origin:
        return None
    return order if order.spec.created_bar >= asking.since else None


def _measure(order: Order, ledger: Ledger) -> int:
    """Return the lots that an order's `on_fill` is about: of an entry those it opened, and was to."""
    is_entry = order.spec.effect is Effect.OPEN
    return max(0, order.opened - surplus(order, ledger)) if is_entry else order.filled
