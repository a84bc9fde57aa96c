"""What is told of what an applied event says is given up: nobody asks for it again, or it is refused again and again."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.account.absence import LOST
from runtime.account.ledger import Ledger
from runtime.account.turning import is_exit_over, owes, refused_to_turn, unopened
from runtime.backends.base import HELD_BACK
from runtime.decide.refusals import RefusalCode
from runtime.engine import Engine
from runtime.live.owed import ended_by_venue, fell_short
from runtime.orders.commands import AmendOrder
from runtime.orders.events import (
    Event,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    RequestEnded,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Role
from runtime.orders.patience import ATTEMPTS


def refused_again(event: Event, ledger: Ledger) -> str:
    """Return what is told of a cancel that an applied event says was refused, or lost, twice or more, "" for all else.

    The first refusal may be a race with its end, and is asked again in a second. Of an order that nobody has heard of
    the venue says no more than that: once is enough, while it is sought.
    """
    if not isinstance(event, RequestRefused | RequestEnded):
        return ""
    if event.request != "cancel" or not _has_failed(event, ledger):
        return ""
    order, code = ledger.orders[event.order_id], getattr(event, "code", LOST)
    refusals = order.refusals
    if code == RefusalCode.UNKNOWN_REF and not order.is_accepted and refusals > 2:
        return ""
    said = f"the cancel of {event.order_id} was refused {refusals} times ({code})"
    return said if refusals > 1 else ""


def _has_failed(event: RequestRefused | RequestEnded, ledger: Ledger) -> bool:
    """Return whether a request was refused, or left and was not carried out."""
    order = ledger.orders[event.order_id]
    is_counted = order.refusals > 0 and order.refused_at == event.ts
    return isinstance(event, RequestRefused) or (event.outcome == LOST and is_counted)


def given_up(event: Event, engine: Engine) -> Iterator[tuple[str, str]]:
    """Yield what is told, as (kind, text), of what an applied event says is given up and nothing asks for again.

    A rule asks again at its next close; for an entry of `on_fill` or `rearm` there is no other, be it refused or be
    nobody in the book for it. One at market that was to turn the position is told, too: what it was to close is an exit of
    its own then. So is every entry that rested and that the venue has ended unasked: nobody looks whether one that stood
    stands still. A change of the card that never left is asked again while it may.
    """
    ended = engine.ledger.orders.get(getattr(event, "order_id", ""))
    if ended is not None and is_exit_over(ended, event):
        yield from _closed_beside(ended, engine.ledger)
    match event:
        case OrderRejected() | OrderCancelled() | OrderExpired() if _is_unturned(event, engine):
            order = engine.ledger.orders[event.order_id]
            name = order.spec.name
            said = f"`{name}` ({order.spec.reason}) was to turn the position and did not: {order.reason}"
            yield (
                "entry_lost",
                f"{said}; it is to open {order.to_open} of {order.opens} lots no more",
            )
            yield from _closed_beside(order, engine.ledger)
        case OrderFilled():
            order = engine.ledger.orders[event.order_id]
            if order.fills[-1] is event:
                yield from _closed_instead(order, engine.ledger)
        case OrderRejected(code=code, text=text):
            order = engine.ledger.orders[event.order_id]
            is_entry = order.spec.effect is Effect.OPEN and order.leaving is None
            if is_entry and engine.is_asked_once(order):
                name = order.spec.name
                said = f"`{name}` ({order.spec.reason}) follows a fill and is not asked for again"
                why = f"held back, {text}" if code in (HELD_BACK, "too_old") else f"{code}, {text}"
                yield "entry_lost", f"{said}: {why}"
        case OrderCancelled() | OrderExpired():
            text = _ended_unasked(engine.ledger.orders[event.order_id], engine)
            if text:
                yield "entry_lost", text
        case RequestRefused(request="amend", code="too_old"):
            order = engine.ledger.orders[event.order_id]
            name = order.spec.name
            text = "its change never left, and entries were held back for too long"
            yield "change_lost", f"`{name}` stays as it was: {text}"
        case RequestRefused(request="amend") | RequestEnded(request="amend") if _has_failed(
            event, engine.ledger
        ):
            order, code = engine.ledger.orders[event.order_id], getattr(event, "code", LOST)
            if order.refusals == ATTEMPTS and (text := _not_as_it_should(order)):
                yield "change_lost", f"{text}: {code}, again and again; it is asked for again"
        case _:
            pass


def _not_as_it_should(order: Order) -> str:
    """Return what is told of an order whose size the venue does not bring in line with what is held, "" of any other."""
    if lots := refused_to_turn(order):
        return f"`{order.spec.name}` was to turn what is held with {lots} lots and has {order.quantity}"
    if order.spec.role is Role.EXIT and order.is_uncut:
        cut = order.refused
        left = cut.quantity if isinstance(cut, AmendOrder) and cut.quantity else 0
        return f"`{order.spec.name}` is to close {left - order.filled} lots and stands with {order.remaining}"
    return ""


def _closed_beside(order: Order, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield what is told of the entries of an ended order's close that had filled before it ended."""
    for other in ledger.orders.values():
        if other.spec.created_at == order.spec.created_at:
            yield from _closed_instead(other, ledger)


def _closed_instead(order: Order, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield what is told of an entry that has closed what a lost turn, or exit, of its close was to close."""
    if lots := unopened(order, ledger):
        name = order.spec.name
        said = f"`{name}` ({order.spec.reason}) closed {lots} lots that another of its close was to"
        yield "entry_lost", f"{said}, and opens {order.opens - lots} of {order.opens}"


def _ended_unasked(order: Order, engine: Engine) -> str:
    """Return what is told at once of an entry that has ended with less than its size, "" where nothing is."""
    is_once = engine.is_asked_once(order)
    is_short = fell_short(order) and is_once
    if order.spec.effect is not Effect.OPEN or not (is_short or ended_by_venue(order)):
        return ""
    again = "it is not asked for again"
    if not is_once:
        again = "its rule asks again where it holds at a close"
    name = order.spec.name
    said = f"the venue has ended `{name}` ({order.spec.reason}) unasked ({order.reason})"
    return f"{said}, {order.remaining} of {order.quantity} lots open; {again}"


def _is_unturned(event: OrderRejected | OrderCancelled | OrderExpired, engine: Engine) -> bool:
    order = engine.ledger.orders[event.order_id]
    return owes(order) and order.to_open > 0
