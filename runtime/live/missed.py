"""What a rule asked for and a session did not do, where the rule does not ask again at its next close.

The law: a rule asks again as long as it holds. One that holds at one close alone (a cross, a bracket of which the other
half stands) does not, and what was to come of it is missed: that is told, quietly, once. What a decision refuses as in
a back-test is part of the strategy; an order that it has made passed all that, whoever refuses it then, and where the
book has too little for it, a back-test has filled it. What crosses or takes at once by the card's own condition, and what
a person or a halt holds back is known to who did: neither is told. A turn that is refused by facts of the contract is: it
was the way out of what is held, and facts change while a session runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from runtime.account.ledger import Ledger
from runtime.account.turning import turns
from runtime.backends.base import HELD_BACK, Loudness, Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import RefusalCode, Refused
from runtime.engine import Engine
from runtime.live.asked_later import kind_of_loss
from runtime.live.exits import Exits
from runtime.live.owed import CROSSES, fell_short
from runtime.live.unturned import (
    Unturned,
    closed_instead,
    hand_over,
    left,
    unturned,
    was_to_turn,
)
from runtime.orders.events import Event, OrderCancelled, OrderExpired, OrderRejected
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Origin

# Refusals by facts of the contract, which the venue may have changed since a back-test.
_OF_FACTS = frozenset(
    {
        RefusalCode.OVER_MAX_POSITION,
        RefusalCode.OVER_MAX_LEVERAGE,
        RefusalCode.OVER_RISK_TIER,
    }
)


@dataclass(frozen=True, slots=True)
class Missing:
    """What came to nothing: the order, "" where none was made, the kind of notice and its words.

    `is_short`: it has ended with less than its size, which may be something; `loudness`: of the notice; `turn`: what it was
    to close; `name`: of that, as a person calls it.
    """

    order_id: str
    kind: str
    text: str
    is_short: bool = False
    loudness: Loudness = Loudness.NOTE
    turn: Unturned | None = None
    name: str = ""

    def has_come(self, order: Order | None) -> bool:
        """Return whether its order has filled after all what it is missed for."""
        if order is None:
            return False
        return not order.remaining if self.is_short else bool(order.filled)


@dataclass(slots=True)
class Missed:
    """What came to nothing since the last close that was decided on, by the action that asked for it."""

    open: dict[Origin, Missing] = field(default_factory=dict)

    def heard(self, event: Event, engine: Engine, *, is_passing: bool) -> None:
        """Take an event that was applied; `is_passing`: what holds entries back, if anything, passes by itself."""
        if not isinstance(event, OrderRejected | OrderCancelled | OrderExpired):
            return
        order = engine.ledger.orders[event.order_id]
        spec, is_held = order.spec, order.reason == HELD_BACK
        is_entry = spec.effect is Effect.OPEN and not turns(spec)  # of a turn it is told at once
        is_of_rule = is_entry and not engine.is_asked_once(order)
        if not is_of_rule or order.leaving is not None or (is_held and not is_passing):
            return
        name = spec.name
        if not isinstance(event, OrderRejected):
            if fell_short(order):
                left = f"{order.remaining} of {order.quantity} lots open"
                text = f"`{name}` ({spec.reason}): {order.reason}, {left}"
                self.open[spec.origin] = Missing(spec.order_id, "entry_lost", text, is_short=True)
        elif event.code != CROSSES:  # which a simulator says, too
            text = f"`{name}` ({spec.reason}): {event.code}, {event.text}"
            self.open[spec.origin] = Missing(spec.order_id, "entry_lost", text)

    def decided(
        self, engine: Engine, ts: int, waits: Collection[Intent], exits: Exits
    ) -> Iterator[Notice]:
        """Yield what is told after a close at `ts` that was decided on: what came to nothing, and no rule asks again.

        `waits`: intents that are asked for when there is an answer. What a turn was to close is owed then, by `exits`.
        """
        asked, handed = {intent.origin for intent, _ in engine.outcomes}, 0
        for origin, one in self.open.items():
            has_come = one.has_come(engine.ledger.orders.get(one.order_id))
            if origin not in asked and not has_come:
                lots = hand_over(one.turn, engine.outcomes, engine.ledger, exits, handed)
                handed += lots
                text = f"{one.text}; its rule does not ask again" + closed_instead(lots)
                yield Notice(kind=one.kind, loudness=one.loudness, text=text, ts=ts)
        self.open = {}
        for intent, outcome in engine.outcomes:
            if any(intent is one for one in waits) or not isinstance(outcome, Refused):
                continue
            name, is_once = intent.order_ref or intent.kind, engine.asks_once(intent)
            turn = unturned(intent, outcome, engine.ledger, exits, ts)
            if outcome.is_passing and not is_once:
                text = f"`{name}`: {outcome.code}, {outcome.text}"
                lost = Missing("", kind_of_loss(intent), text, turn=turn, name=name)
                if turn is not None:
                    lost = replace(lost, kind="entry_lost", loudness=Loudness.ALARM)
                self.open[intent.origin] = lost
            elif turn is not None:  # it follows a fill: told as lost already
                if lots := hand_over(turn, (), engine.ledger, exits):
                    text = f"`{name}` was to turn the position{closed_instead(lots)}"
                    yield Notice(kind="entry_lost", loudness=Loudness.ALARM, text=text, ts=ts)
            elif outcome.kind in _OF_FACTS and was_to_turn(intent, engine.ledger):
                said = f"`{name}` was to turn the position, which stays: {outcome.code}, {outcome.text}"
                lost = Missing("", "entry_lost", said, loudness=Loudness.ALARM)
                if is_once:
                    yield Notice(kind=lost.kind, loudness=lost.loudness, text=said, ts=ts)
                else:
                    self.open[intent.origin] = lost

    def turns(self, ledger: Ledger) -> list[str]:
        """Return the turns, by ref or kind, of which what they were to close is owed at the next close or before."""
        return [one.name for one in self.open.values() if _is_of(one.turn, ledger)]

    def lots(self, ledger: Ledger, exits: Exits) -> int:
        """Return the lots that these were to close and that nobody closes yet."""
        most = [one.turn.spec.quantity for one in self.open.values() if _is_of(one.turn, ledger)]
        return max(0, min(max(most), left(ledger, exits, ledger.bar + 1))) if most else 0

    def dismiss(self, name: str) -> None:
        """Take a person's cancel of a turn: what it was to close is not owed."""
        for origin, one in self.open.items():
            if one.turn is not None and one.name == name:
                self.open[origin] = replace(one, turn=None)

    def ending(self, ledger: Ledger, exits: Exits, ts: int) -> Iterator[Notice]:
        """Owe what turns were to close, and yield what is told of it: a session that ends opens nothing at a next close."""
        handed = 0
        for origin, one in list(self.open.items()):
            if one.turn is not None and (lots := hand_over(one.turn, (), ledger, exits, handed)):
                handed += lots
                del self.open[origin]
                text = f"{one.text}; the session ends{closed_instead(lots)}"
                yield Notice(kind=one.kind, loudness=one.loudness, text=text, ts=ts)


def _is_of(turn: Unturned | None, ledger: Ledger) -> TypeGuard[Unturned]:
    position = ledger.position
    return turn is not None and position is not None and position.number == turn.position
