"""Orders that were given up too early: the venue has them after all.

The law: nobody wants such an order any more. What it fills counts and is told, what still works of it is
cancelled, and entries wait: the card may have asked for another in its place. Where what was given up would close all
that is held, entries wait before it comes back: it would close the next position.
"""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.account.margin import own_entries
from runtime.backends.base import CLOSE_IN_DOUBT, Loudness, Notice
from runtime.backends.bybit.outcomes import Verdict
from runtime.backends.bybit.outside import is_ours
from runtime.orders.events import Event, OrderCancelled, OrderFilled, OrderRejected
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderSpec, OrderType, Role

NOT_RECEIVED = "not_received"  # why an order is over that was never found at the venue
REDUCE = "reduce"  # why a person closes a part of the position
VANISHED = "vanished"  # why an order is over that was at the venue and is nowhere to be found


def was_given_up(order: Order) -> bool:
    """Return whether an order is over because it was taken not to be at the venue, or refused."""
    return order.status is OrderStatus.REJECTED or order.reason == VANISHED


def end_of_absent(order: Order, said: Verdict | None, bar: int, ts: int) -> Event:
    """Return the end of an order that is not at the venue. `said`: what was told of its submission, if anything."""
    if order.is_accepted or order.filled:
        return OrderCancelled(order_id=order.order_id, reason=VANISHED, bar=bar, ts=ts)
    code, text = ("no_answer", "never arrived") if said is None else (said.code, said.text)
    code = NOT_RECEIVED if code == "no_answer" else code
    return OrderRejected(order_id=order.order_id, code=code, text=text, bar=bar, ts=ts)


def closes_all(order: Order, ledger: Ledger) -> bool:
    """Return whether an exit is to close no less than is held."""
    return ledger.position is None or order.remaining >= ledger.position.quantity


def is_close_of_all(spec: OrderSpec, ledger: Ledger) -> bool:
    """Return whether an order is a close at a person's word, or because it is not safe, and not of a share (`reduce`)."""
    held = 0 if ledger.position is None else ledger.position.quantity
    is_share = spec.reason == REDUCE and spec.quantity < held
    return spec.role is Role.CLOSE_AT_END and not is_share


def closes_alone(order: Order, ledger: Ledger) -> bool:
    """Return whether an exit closes all that is held and nothing works that could open: done twice it closes no more."""
    return closes_all(order, ledger) and not own_entries(ledger)


def is_target_of_part(order: Order, ledger: Ledger) -> bool:
    """Return whether an order is the target of less than is held: there twice it closes lots of another part, too.

    A stop is no such order: where the first one does not come, another is to cover its lots soon.
    """
    return order.spec.role is Role.TAKE_PROFIT and not closes_all(order, ledger)


def must_not_repeat(order: Order, ledger: Ledger) -> bool:
    """Return whether an order must not be there twice: an entry; an exit or target of a part, which takes away too much.

    One at a limit rests twice, and one of all that is held would close what an entry fills beside it.
    """
    spec = order.spec
    if spec.effect is Effect.OPEN:
        return True
    if spec.role in PROTECTIVE:
        return is_target_of_part(order, ledger)
    return not closes_alone(order, ledger) or spec.order_type is OrderType.LIMIT


def closes_at_large(order: Order, ledger: Ledger) -> bool:
    """Return whether an order at market is to close no less than is held: nothing of it may act later."""
    spec = order.spec
    if spec.effect is not Effect.REDUCE or spec.role in PROTECTIVE or not is_ours(spec):
        return False
    return closes_all(order, ledger) and spec.order_type is OrderType.MARKET


def may_close_the_next(order: Order, ts: int) -> Notice:
    """Return what a person is told of a close that was given up, and may be late; entries wait a minute."""
    text = f"{order.order_id} was given up, and would close what is opened next if it is late"
    return Notice(kind=CLOSE_IN_DOUBT, loudness=Loudness.ENTRIES, text=text, ts=ts)


def came_back(order: Order, what: str, ts: int) -> Notice:
    """Return what a person is told of it; entries wait a minute."""
    text = f"{order.order_id} was given up ({order.reason}) and {what}"
    return Notice(kind="came_back", loudness=Loudness.ENTRIES, text=text, ts=ts)


def late_fill(event: Event, ledger: Ledger) -> Notice | None:
    """Return what a person is told where an event, not applied yet, fills an order that was given up."""
    if not isinstance(event, OrderFilled):
        return None
    order = ledger.orders[event.order_id]
    is_late = was_given_up(order)
    return came_back(order, f"has filled {event.quantity} lots", event.ts) if is_late else None
