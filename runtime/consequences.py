"""What an event demands next: protection of what was filled, the rest of an oco group, what only makes
sense with the position, exits no larger than it, entries that turn it, orders whose time is up.

The law: pure. The commands depend on the ledger that has applied the event, and on the event; on no
price, path, clock or backend. A backend carries them out, each in its way: the simulator at once, a
venue over a wire. The answer to a command is an event; that of a simulator demands nothing further,
because one call returns everything that one event demands.

What is in flight is not demanded again, nor what was refused as it was asked. Over a wire an order has one
change in flight at a time; where there is none (`at_once`) it is kept in step whatever change of it is on its
way. What never left, cancels that were refused, and protection that was refused or ended unasked, is for a
timer to ask again: an event that did would spin on a dead link, or put a stop on a position that is gone.

INVARIANT: with the commands carried out, every exit and every protective order is of the position's
closing side and no larger than the position, and protection is what position and card ask for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from runtime.account.absence import Scope, protects
from runtime.account.ledger import Ledger
from runtime.account.margin import entries
from runtime.account.repeats import by_age, is_partly_over
from runtime.account.short import Reached, apart, may_fill, rests, rests_elsewhere
from runtime.account.uncut import closes_beside, too_large
from runtime.account.wanted import Wanted, at_market, fit_in_pieces, largest, protective_order
from runtime.formulas.sums import whole
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    ProtectionChanged,
    RequestEnded,
    RequestRefused,
    TrailMoved,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    PROTECTIVE,
    OrderType,
    Role,
)
from runtime.orders.patience import ATTEMPTS, wait_ms
from runtime.orders.pieces import pieces, shares, until_covered

_KEPT = PROTECTIVE | {Role.EXIT}  # orders that are kept in line with the position
_IDLE = frozenset({"none"})  # requests beside which an order is changed
_OVERTAKEN = _IDLE | {"amend"}  # where it is done at once


@dataclass(frozen=True, slots=True)
class _Round:
    """One asking: `gone` are orders that leave, `again` says that a timer asks, not an event."""

    ledger: Ledger
    bar: int
    ts: int
    again: bool
    gone: set[str]
    at_once: bool = False  # no wire lies between: what is demanded is done
    reached: Reached = field(default_factory=dict)


def after(
    event: Event, ledger: Ledger, *, at_once: bool = False, reached: Reached | None = None
) -> list[Command]:
    """Return what an event demands, in the order in which it is to be carried out.

    The ledger has applied the event, which was news to it. `at_once`: whoever asks does it at once.
    """
    everything = upkeep(ledger, event.bar, event.ts, at_once=at_once, reached=reached)
    match event:
        case OrderFilled():
            return list(everything)
        case BarClosed():
            return list(_closed(ledger)) if len(ledger.book) else []
        case ProtectionChanged() | TrailMoved():
            return list(everything)
        case OrderAccepted() if _is_kept(ledger.orders[event.order_id], ledger):
            return list(everything)
        case OrderAmended() | RequestRefused():
            return list(everything)  # what waited for it
        case OrderRejected() if ledger.orders[event.order_id].spec.role in PROTECTIVE:
            return list(everything)  # the market may have passed it
        case OrderCancelled() | OrderExpired() | OrderRejected():
            leaving = {order.order_id for order in ledger.book if order.leaving is not None}
            now = _Round(ledger, event.bar, event.ts, False, leaving, at_once)
            return list(_carry(now))  # the next one carries what this one did
        case RequestEnded(outcome="done"):
            return list(everything)
        case _:
            return []


def _is_kept(order: Order, ledger: Ledger) -> bool:
    """Return whether an order is kept in line with the position, or waited to be cancelled."""
    return (
        order.leaving is not None or order.spec.role in _KEPT or ledger.settings.policy.allow_flip
    )


def upkeep(
    ledger: Ledger,
    bar: int,
    ts: int,
    *,
    again: bool = False,
    at_once: bool = False,
    reached: Reached | None = None,
) -> Iterator[Command]:
    """Yield everything that is demanded by what the ledger is, however it came to be so.

    It needs no event: it is asked after a start, and by a timer or a link that is up (`again`), which
    ask for what never left and for protection that was refused or ended unasked, too. Not at the end of
    the data or of a session: what closes a position there must not be given a stop. The lots that a target was
    short of as it was `reached` are closed at market; the others are what it is for.
    """
    now = _Round(ledger, bar, ts, again, set(), at_once, reached or {})
    for order in ledger.book:
        if order.leaving is not None and order.order_id not in now.gone:
            now.gone.add(order.order_id)
            yield from _cancel(now, order, order.leaving.reason)
    yield from _over(now)
    yield from _protect(now)
    yield from _cap_exits(now)
    yield from _carry(now)


# ---------------------------------------------------------------- requests in flight


def _cancel(now: _Round, order: Order, reason: str) -> Iterator[CancelOrder]:
    """Yield the cancel of an order, unless one is on its way.

    One that was refused is asked again by a timer, ever less often: what was decided stays decided.
    """
    command = CancelOrder(order_id=order.order_id, reason=reason)
    is_waiting = "cancel" in order.unsent and not now.again
    is_asked = command != order.refused or _is_due(now, order, order.refusals)
    if not order.is_going and is_asked and not is_waiting:
        yield command


def _change(now: _Round, order: Order, command: AmendOrder) -> Iterator[AmendOrder]:
    """Yield an amendment, unless it has to wait for a verdict: then it is worked out anew.

    One that was refused is asked for again as it was by a timer alone: for protection as that may be; ever less often what
    would make a stop, target or exit smaller, which stands until then, and the total by which an entry turns what is held.
    """
    is_waiting = "amend" in order.unsent and not now.again
    if order.request not in (_OVERTAKEN if now.at_once else _IDLE) or is_waiting:
        return
    if command != order.refused or _may_ask_as_it_was(now, order):
        yield command


def _may_ask_as_it_was(now: _Round, order: Order) -> bool:
    if order.spec.role in PROTECTIVE and order.is_uncut:
        return _is_due(now, order, order.uncut)
    if order.spec.role in PROTECTIVE:
        return _may_ask(now, (order.spec.role, order.spec.layer))
    return _is_due(now, order, order.refusals)


def _is_due(now: _Round, order: Order, failed: int) -> bool:
    """Return whether a timer asks again for what was refused of an order so often in a row."""
    return now.again and now.ts - order.refused_at >= wait_ms(failed)


def _may_ask(now: _Round, scope: Scope) -> bool:
    """Return whether protection may be asked for that is not there.

    A stop three times: then the position is closed, and where that fails it comes ever less often. A target as long as the
    position is held, ever less often, and at once where the market has reached it since it was refused last: no exit is
    given up.
    """
    absence = now.ledger.absences.get(scope)
    if absence is None or not now.again:
        return absence is None
    if scope[0] is Role.STOP_LOSS:
        return absence.refusals < ATTEMPTS or absence.is_due(now.ts)
    return absence.is_due(now.ts) or now.reached.get(scope, (0, 0))[0] > absence.counted_at


# ---------------------------------------------------------------- protection


def _protect(now: _Round) -> Iterator[Command]:
    """Yield what makes the protective orders those that are wanted: one of a kind and scope, or its pieces.

    Orders of the other side protected a position that is gone, also when a new one took its place.
    """
    ledger = now.ledger
    goal, owed = apart(ledger, now.reached)
    over = (now.reached.keys() & goal.keys()) - owed.keys()  # reached as large as they are
    lacking = {scope: target.lots for scope, target in goal.items()}
    kept: dict[Scope, list[Order]] = {}
    waits: set[Scope] = set()  # until a target that is too large is gone
    for order in ledger.book:
        scope = order.spec.role, order.spec.layer
        target = goal.get(scope)
        if scope in owed and order.spec.order_type is OrderType.MARKET:
            continue  # it closes what was reached of a larger one
        is_reached = scope in over and protects(order, ledger.position)
        if is_reached:
            lacking[scope] -= may_fill(order)
        if scope in goal and closes_beside(order, ledger.position):
            waits.add(scope)
        if order.spec.role not in PROTECTIVE or order.order_id in now.gone:
            continue
        if is_reached:
            if order.amending is None and (rests(order) or rests_elsewhere(order, goal[scope])):
                yield from _cancel(now, order, "replaced")
        elif not protects(order, ledger.position):
            yield from _cancel(now, order, "position_closed")
        elif target is None or not _can_become(now, order, target):
            yield from _cancel(now, order, "replaced")
        else:
            kept.setdefault(scope, []).append(order)
    may_cut = fit_in_pieces(ledger, goal)
    for scope, orders in kept.items():
        target = goal[scope]
        stuck = too_large(orders, target.lots)
        orders = [order for order in orders if order not in stuck]
        if scope[0] is Role.STOP_LOSS:
            orders += stuck
        elif stuck:
            waits.add(scope)
            yield from (leaves for one in stuck for leaves in _cancel(now, one, "replaced"))
        if scope in waits:
            target = replace(target, lots=min(target.lots, whole(x.remaining for x in orders)))
        shared = shares(orders, target.lots, largest(ledger, target), may_cut=may_cut)
        lacking[scope] -= whole(lots for order, lots in shared if order not in stuck)
        for order, lots in until_covered(shared, target.lots) if ledger.in_pieces else shared:
            if lots:
                yield from _amend(now, order, replace(target, lots=lots))
            else:
                yield from _cancel(now, order, "replaced")
    short = {s: (lacking[s], owed.get(s, 0), s in over) for s in goal if s not in waits}
    yield from _ask_for(now, goal, short)


def _ask_for(
    now: _Round, goal: Mapping[Scope, Wanted], short: Mapping[Scope, tuple[int, int, bool]]
) -> Iterator[Command]:
    """Yield orders for lots that none covers, and at market for those met of a target, or all of it."""
    ledger, made = now.ledger, 0
    for scope, (lacking, owed, is_over) in short.items():
        target = goal[scope]
        may_ask, is_refused_there = _may_ask(now, scope), _is_passed(ledger, scope)
        left = lacking if may_ask or is_refused_there else 0
        met = owed if may_ask else 0
        if is_refused_there or is_over:
            left, met = 0, left + met
        resting = pieces(left, largest(ledger, target))
        closing = pieces(met, largest(ledger, replace(target, is_limit=False)))
        for n, lots in enumerate((*resting, *closing)):
            part, order_id = replace(target, lots=lots), ledger.made_id(made)
            spec = protective_order(ledger, scope, part, order_id, now.bar, now.ts)
            yield SubmitOrder(spec=spec if n < len(resting) else at_market(spec))
            made += 1


def _is_passed(ledger: Ledger, scope: Scope) -> bool:
    """Return whether the market is beyond a stop or target, so that the venue refuses it."""
    absence = ledger.absences.get(scope)
    return absence is not None and absence.is_passed


def _can_become(now: _Round, order: Order, target: Wanted) -> bool:
    """Return whether an order can be amended into what is wanted, or acts already."""
    if order.spec.order_type is OrderType.MARKET:
        return True
    is_moved = not target.is_limit and order.trigger_price != target.price
    if is_moved and _is_passed(now.ledger, (order.spec.role, order.spec.layer)):
        return False
    return (order.spec.order_type is OrderType.LIMIT) == target.is_limit


def _amend(now: _Round, order: Order, target: Wanted) -> Iterator[Command]:
    """Yield the amendment that gives an order its lots and price, where it has not got them."""
    price = order.limit_price if target.is_limit else order.trigger_price
    quantity = order.filled + target.lots
    if order.spec.order_type is OrderType.MARKET:
        return
    if quantity == order.quantity and price == target.price:
        return
    moved = price != target.price
    command = AmendOrder(
        order_id=order.order_id,
        quantity=None if quantity == order.quantity else quantity,
        limit_price=target.price if target.is_limit and moved else None,
        trigger_price=target.price if not target.is_limit and moved else None,
    )
    yield from _change(now, order, command)


# ---------------------------------------------------------------- the card's own exits


def _cap_exits(now: _Round) -> Iterator[Command]:
    """Shrink the card's own resting exits, newest first, to what the position still holds.

    Armed stops share with nobody; exits of a group give way to what a sibling has filled. One that has
    not arrived cannot be amended; it is capped when it does.
    """
    position = now.ledger.position
    held = room = 0 if position is None else position.quantity
    for order in by_age(now.ledger.book.orders.values(), now.ledger.orders):
        if (
            order.order_id in now.gone
            or order.is_going
            or (position is not None and not order.is_accepted)
        ):
            continue
        most = order.remaining if order.most is None else order.most - order.filled
        keeps = min(order.remaining, most, held if order.is_armed_stop else room)
        if keeps <= 0:
            yield from _cancel(now, order, "position_closed" if position is None else "reduce_only")
        elif keeps < order.remaining:
            command = AmendOrder(order_id=order.order_id, quantity=order.filled + keeps)
            yield from _change(now, order, command)
        if not order.is_armed_stop:  # what a change on its way gives up is another's
            room -= max(0, min(keeps, order.stands))


# ---------------------------------------------------------------- entries that turn the position


def _carry(now: _Round) -> Iterator[Command]:
    """Keep entries at what they are still to open; one of the other side carries what is held besides.

    That is one at market, which acts first, else the oldest. One whose cancel is on its way carries what
    it has until it is gone; one that has not arrived carries nothing yet.
    """
    if not now.ledger.settings.policy.allow_flip:
        return
    position = now.ledger.position
    held = 0 if position is None else position.quantity
    for order in entries(now.ledger):
        if not order.is_accepted or (order.order_id in now.gone and not order.is_going):
            continue
        carries = held if position is not None and order.side is not position.side else 0
        held -= carries
        quantity = order.total_with(carries)
        if order.is_going or quantity == order.quantity:
            continue
        command = AmendOrder(order_id=order.order_id, quantity=quantity, opens=order.opens)
        yield from _change(now, order, command)


# ---------------------------------------------------------------- a close


def first_close_that_demands(ledger: Ledger) -> float:
    """Return the first bar whose close could demand something if no event comes before, inf for none."""
    first = math.inf
    for order in ledger.book:
        if not order.is_own:
            continue
        if order.filled and order.spec.on_partial.cancels:
            return -math.inf
        if order.expires_bar is not None:
            first = min(first, order.expires_bar)
    return first


def _closed(ledger: Ledger) -> Iterator[Command]:
    """Yield what a close demands: who is over goes, and another carries the position that one did."""
    now = _Round(ledger, ledger.bar, ledger.ts, False, set())
    yield from _over(now)
    yield from _carry(now)


def _over(now: _Round) -> Iterator[Command]:
    """Cancel the card's orders whose time was up at the last close, and remainders that were not to go on."""
    ledger = now.ledger
    for order in ledger.book:
        if not order.is_own or order.order_id in now.gone:
            continue
        expires = order.expires_bar
        if expires is not None and ledger.bar >= expires:
            now.gone.add(order.order_id)
            yield from _cancel(now, order, "ttl")
        elif is_partly_over(order.spec, ledger.orders, ledger.bar):
            now.gone.add(order.order_id)
            yield from _cancel(now, order, "on_partial")
