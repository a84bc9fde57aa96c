"""A turn at market that a close refuses beside an older exit, which may still close what it would turn.

The law: it is the way out of what is held. Its rule asks again at the next close where it holds; where it does not, what it
was to close is owed as an exit, of the position it was to turn, less what is still to be closed by then. What it was to open
is lost, and told. So is one that follows a fill and waited for an answer until it was given up. One that rests at a price
is no way out until it fills.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from compiler.catalog.actions import Verb
from runtime.account.ledger import Ledger
from runtime.backends.base import Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import RefusalCode, Refused
from runtime.engine import Outcome
from runtime.formulas.sums import whole
from runtime.live.exits import Exits
from runtime.live.owed import Attempt, Owed
from runtime.live.same_exit import is_of_what_is_held
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Origin, Role


@dataclass(frozen=True, slots=True)
class Unturned:
    """What a refused turn was to close, as an exit without a name, of the position of that number."""

    spec: OrderSpec
    position: int


def was_to_turn(intent: Intent, ledger: Ledger) -> bool:
    """Return whether an intent asks at market for the other side of what is held, where the policy lets it turn that."""
    position, side = ledger.position, intent.spec.order_side
    is_other = position is not None and side is position.side.opposite
    opens = intent.spec.verb is Verb.ADJUST_SIZE or (
        intent.spec.verb is Verb.ENTER and intent.spec.order_type is OrderType.MARKET
    )
    return is_other and opens and ledger.settings.policy.allow_flip


def unturned(
    intent: Intent, refused: Refused, ledger: Ledger, exits: Exits, ts: int
) -> Unturned | None:
    """Return what a turn that a close refused beside an older exit was to close; None for any other, and for nothing."""
    position = ledger.position
    if refused.kind is not RefusalCode.VENUE_UNCERTAIN or not was_to_turn(intent, ledger):
        return None
    lots = left(ledger, exits, ledger.bar)
    if position is None or lots <= 0:
        return None
    spec = OrderSpec(
        order_id="",
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=lots,
        role=Role.EXIT,
        reduce_only=True,
        created_bar=ledger.bar,
        created_at=ts,
        reason=intent.kind,
        origin=Origin(offset=intent.origin.offset),
    )
    return Unturned(spec, position.number)


def hand_over(
    one: Unturned | None,
    outcomes: Iterable[tuple[Intent, Outcome]],
    ledger: Ledger,
    exits: Exits,
    handed: int = 0,
) -> int:
    """Owe what a refused turn was to close and nobody else closes; return how many lots that are.

    A target size of what is held that this close has taken says what is to be held instead. Turns of one close were to close
    the same lots: `handed` are those of others of it.
    """
    position = ledger.position
    if one is None or position is None or position.number != one.position:
        return 0
    if any(not isinstance(o, Refused) and is_of_what_is_held(i, ledger) for i, o in outcomes):
        return 0
    lots = min(one.spec.quantity - handed, left(ledger, exits, ledger.bar + 1))
    if lots <= 0:
        return 0
    name = _name(ledger, exits)
    spec = replace(one.spec, order_id=name, quantity=lots)
    exits.owed[name] = Owed(spec, lots, Attempt(name, name, one.position), 0)
    return lots


def _name(ledger: Ledger, exits: Exits) -> str:
    """Return a name of its own: more than one may be handed over before the next close."""
    taken = {one.first for one in exits.attempts()}
    first = name = ledger.naming.of("t", ledger.bar)
    n = 0
    while name in taken or f"{name}r0" in ledger.orders:
        n += 1
        name = f"{first}s{n}"
    return name


def given_up(
    told: Notice, intent: Intent, refused: Refused, ledger: Ledger, exits: Exits
) -> Notice:
    """Owe what a turn that waited for an answer and is given up was to close; return what is told of it."""
    lots = hand_over(unturned(intent, refused, ledger, exits, told.ts), (), ledger, exits)
    return replace(told, text=told.text + closed_instead(lots))


def closed_instead(lots: int) -> str:
    """Return what is told of the lots that a lost turn was to close and that an exit closes."""
    return f"; {lots} lots that it was to close are closed by an exit of its own" if lots else ""


def left(ledger: Ledger, exits: Exits, bar: int) -> int:
    """Return the lots held that nothing asked for at market before the close of a bar is still to close."""
    held = 0 if ledger.position is None else ledger.position.quantity
    return held - whole(lots for _, lots in exits.still_closing(ledger, bar))
