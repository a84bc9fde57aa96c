"""What an event demands next: protection of what was filled, the rest of an oco group, what only makes
sense with the position, exits no larger than it, entries that turn it, orders whose time is up.

The law: pure. The commands depend on the ledger that has applied the event, and on the event; on no
price, path, clock or backend. A backend carries them out, each in its way: the simulator at once, a
venue over a wire. The answer to a command is an event; that of a simulator demands nothing further,
because one call returns everything that one event demands.

INVARIANT: with the commands carried out, every exit and every protective order is of the position's
closing side and no larger than the position, and protection is what position and card ask for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from runtime.account.ledger import Ledger
from runtime.account.margin import entries
from runtime.formulas.sums import whole
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderFilled,
    ProtectionChanged,
    RequestEnded,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    PROTECTIVE,
    Effect,
    OnPartial,
    OrderSpec,
    OrderType,
    Role,
    TakeProfitType,
)  # fmt: skip

_Key = tuple[Role, str | None]
_KEPT = PROTECTIVE | {Role.EXIT}  # orders that are kept in line with the position


@dataclass(frozen=True, slots=True)
class Wanted:
    """A protective order that the position should have."""

    lots: int
    price: float
    is_limit: bool


def after(event: Event, ledger: Ledger) -> list[Command]:
    """Return what an event demands, in the order in which it is to be carried out.

    The ledger has applied the event, which was news to it.
    """
    match event:
        case OrderFilled():
            return list(upkeep(ledger, event.bar, event.ts))
        case BarClosed():
            return list(_over_at_close(event, ledger)) if len(ledger.book) else []
        case ProtectionChanged():
            return list(upkeep(ledger, event.bar, event.ts))
        case OrderAccepted() if _is_kept(ledger.orders[event.order_id], ledger):
            return list(upkeep(ledger, event.bar, event.ts))
        case OrderAmended() | RequestRefused():
            return list(upkeep(ledger, event.bar, event.ts))  # what waited for it
        case RequestEnded(outcome="done"):
            return list(upkeep(ledger, event.bar, event.ts))
        case _:
            return []


def _is_kept(order: Order, ledger: Ledger) -> bool:
    """Return whether an order is kept in line with the position."""
    return order.spec.role in _KEPT or ledger.settings.policy.allow_flip


def upkeep(ledger: Ledger, bar: int, ts: int) -> Iterator[Command]:
    """Yield what brings protection and exits in line with the position, however they got out of it.

    It needs no event: after a start, a reconciliation or a refused request it is asked again.
    """
    gone = set[str]()
    for order in ledger.book:
        if order.leaving is not None and order.order_id not in gone:
            gone.add(order.order_id)
            yield from _cancel(order, order.leaving.reason)
    yield from _protect(ledger, bar, ts, gone)
    yield from _cap_exits(ledger, gone)
    if ledger.settings.policy.allow_flip:
        yield from _carry(ledger, gone)


# ---------------------------------------------------------------- requests in flight


def _cancel(order: Order, reason: str) -> Iterator[CancelOrder]:
    """Yield the cancel of an order, unless one is on its way or was refused as it is."""
    command = CancelOrder(order_id=order.order_id, reason=reason)
    if not order.is_going and command != order.refused:
        yield command


def _change(order: Order, command: AmendOrder) -> Iterator[AmendOrder]:
    """Yield an amendment, unless it has to wait for a verdict: then it is worked out anew.

    One that was refused is not asked for again as it was.
    """
    if order.request == "none" and command != order.refused:
        yield command


# ---------------------------------------------------------------- protection


def wanted(ledger: Ledger) -> dict[_Key, Wanted]:
    """Return the protective orders the position should have."""
    position = ledger.position
    if position is None:
        return {}
    found: dict[_Key, Wanted] = {}
    for scope, held in ledger.protection.items():  # layers first, the position's own pair last
        layer = None if scope is None else position.layer(scope)
        for role, price in (
            (Role.STOP_LOSS, ledger.stop_price(scope)),
            (Role.TAKE_PROFIT, ledger.target_price(scope)),
        ):
            if price is None:
                continue
            covered = position.uncovered(role) if layer is None else [layer]
            lots = whole(x.quantity for x in covered)
            if lots:
                is_limit = (
                    role is Role.TAKE_PROFIT and held.take_profit_type == TakeProfitType.LIMIT
                )
                found[role, scope] = Wanted(lots, price, is_limit)
    return found


def _protect(ledger: Ledger, bar: int, ts: int, gone: set[str]) -> Iterator[Command]:
    """Yield what makes the protective orders those that are wanted: at most one of a kind and scope.

    Orders of the other side protected a position that is gone, also when a new one took its place.
    """
    goal, position = wanted(ledger), ledger.position
    existing = {
        (order.spec.role, order.spec.layer): order
        for order in ledger.book
        if order.spec.role in PROTECTIVE and order.order_id not in gone
    }
    kept: set[_Key] = set()
    for key, order in existing.items():
        target = goal.get(key)
        if position is None or order.side is position.side:
            yield from _cancel(order, "position_closed")
        elif target is None or (order.spec.order_type is OrderType.LIMIT) != target.is_limit:
            yield from _cancel(order, "replaced")
        else:
            kept.add(key)
            yield from _amend(order, target)
    missing = [(key, target) for key, target in goal.items() if key not in kept]
    for number, (key, target) in enumerate(missing):
        yield SubmitOrder(spec=_spec(ledger, key, target, ledger.made_id(number), bar, ts))


def _amend(order: Order, target: Wanted) -> Iterator[Command]:
    """Yield the amendment that gives an order its lots and price, where it has not got them."""
    price = order.limit_price if target.is_limit else order.trigger_price
    quantity = order.filled + target.lots
    if quantity == order.quantity and price == target.price:
        return
    moved = price != target.price
    command = AmendOrder(
        order_id=order.order_id,
        quantity=None if quantity == order.quantity else quantity,
        limit_price=target.price if target.is_limit and moved else None,
        trigger_price=target.price if not target.is_limit and moved else None,
    )
    yield from _change(order, command)


def _spec(ledger: Ledger, key: _Key, target: Wanted, order_id: str, bar: int, ts: int) -> OrderSpec:
    position = ledger.position
    assert position is not None
    role, scope = key
    layer = position.layers[-1] if scope is None else position.layer(scope)
    assert layer is not None
    return OrderSpec(
        order_id=order_id,
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.LIMIT if target.is_limit else OrderType.STOP_MARKET,
        quantity=target.lots,
        role=role,
        limit_price=target.price if target.is_limit else None,
        trigger_price=None if target.is_limit else target.price,
        reduce_only=True,
        layer=scope,
        parent_id=layer.order_id,
        created_bar=bar,
        created_at=ts,
        reason=role.value,
    )


# ---------------------------------------------------------------- the card's own exits


def _cap_exits(ledger: Ledger, gone: set[str]) -> Iterator[Command]:
    """Shrink the card's own resting exits, newest first, to what the position still holds.

    One that has not arrived cannot be amended; it is capped when it does.
    """
    position = ledger.position
    room = 0 if position is None else position.quantity
    for order in ledger.book:
        if order.spec.role is not Role.EXIT or order.spec.order_type is OrderType.MARKET:
            continue
        if (
            order.order_id in gone
            or order.is_going
            or (position is not None and not order.is_accepted)
        ):
            continue
        if room <= 0:
            yield from _cancel(order, "position_closed" if position is None else "reduce_only")
        elif order.remaining > room:
            command = AmendOrder(order_id=order.order_id, quantity=order.filled + room)
            yield from _change(order, command)
            room = 0
        else:
            room -= order.remaining


# ---------------------------------------------------------------- entries that turn the position


def _carry(ledger: Ledger, gone: set[str]) -> Iterator[Command]:
    """Keep entries at what they are still to open; one of the other side carries what is held besides.

    That is one at market, which acts first, else the oldest.
    """
    position = ledger.position
    held = 0 if position is None else position.quantity
    for order in entries(ledger):
        if order.order_id in gone or order.is_going:
            continue
        carries = held if position is not None and order.side is not position.side else 0
        held -= carries
        quantity = order.filled + max(0, order.opens - order.opened) + carries
        if not order.is_accepted or quantity == order.quantity:
            continue
        command = AmendOrder(order_id=order.order_id, quantity=quantity, opens=order.opens)
        yield from _change(order, command)


# ---------------------------------------------------------------- a close


def first_close_that_demands(ledger: Ledger) -> float:
    """Return the first bar whose close could demand something if no event comes before, inf for none."""
    first = math.inf
    for order in ledger.book:
        if not order.is_own:
            continue
        if order.filled and order.spec.on_partial == OnPartial.CANCEL:
            return -math.inf
        if order.expires_bar is not None:
            first = min(first, order.expires_bar)
    return first


def _over_at_close(event: BarClosed, ledger: Ledger) -> Iterator[Command]:
    """Cancel the card's orders whose time is up, and remainders that are not to go on."""
    for order in ledger.book:
        if not order.is_own:
            continue
        expires = order.expires_bar
        if expires is not None and event.bar >= expires:
            yield from _cancel(order, "ttl")
        elif order.filled and order.spec.on_partial == OnPartial.CANCEL:
            yield from _cancel(order, "on_partial")
