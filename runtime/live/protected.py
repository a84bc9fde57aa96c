"""What protection, or somebody from outside, has closed meanwhile of the lots that an exit owes.

The law: each lot once, in every layer. An exit at market that is owed, or in doubt, was to close certain lots at its close, by
its method: those that their stop or target closes first are closed, and no lots of another layer in their place. An order cannot be
made smaller where nobody knows whether it is there: it is cancelled, and what is left is asked for when it has ended.
What is closed from outside (by hand, deleveraged) while an exit is owed, or of unknown fate, is what that was to close, in
whatever layer and at whatever price: a person is told to close it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runtime.account.booking import giving
from runtime.account.layers import ScaledPosition, Slice
from runtime.account.ledger import Ledger
from runtime.formulas.sums import whole
from runtime.live.exits import Exits
from runtime.live.owed import PROTECTED, Owed, is_exit, is_way_out, still
from runtime.orders.commands import CancelOrder
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import PROTECTIVE, OrderSpec, OrderType, Role


def note_protected(exits: Exits, ledger: Ledger, event: OrderFilled) -> int:
    """Take what a stop, a target or somebody else closes, by an execution that is not applied yet, off what exits are to close.

    Return what somebody else closes beyond that.
    """
    position, order = ledger.position, ledger.orders[event.order_id]
    if position is None or event.execution_id in order.executions:
        return 0
    if order.spec.role is Role.OUTSIDE and order.side is not position.side:
        theirs = whole(layer.quantity for layer in position.layers if layer.is_outside)
        lots = min(event.quantity, position.quantity) - theirs
        return _take_off(exits, ledger, position, max(0, lots))
    if order.spec.role not in PROTECTIVE:
        return 0
    after = position.clone()
    closed = after.remove(event.quantity, order.spec.method, giving(position, order))
    left = {one.layer_id: _lots(after, one.layer_id) for one in closed}
    for name, claims in _claims(exits, ledger, position.clone()):
        over = 0
        for layer, lots in ((one.layer_id, one.quantity) for one in claims):
            if layer in left:
                over += max(0, lots - left[layer])
                left[layer] = max(0, left[layer] - lots)
        _take(exits, name, over)
    _drop_empty(exits)
    return 0


def _drop_empty(exits: Exits) -> None:
    exits.owed = {name: one for name, one in exits.owed.items() if one.lots > 0}


def _take(exits: Exits, name: str, lots: int) -> None:
    """Take lots that another has closed off an exit that is owed, or off one that has not ended and what waits for it."""
    if lots and name in exits.owed:
        one = exits.owed[name]
        exits.owed[name] = replace(one, lots=one.lots - lots)
    elif lots and name in exits.tried:
        tried = exits.tried[name]
        exits.tried[name] = replace(tried, closed=tried.closed + lots)
        exits.done_by(name, lots)


def _take_off(exits: Exits, ledger: Ledger, position: ScaledPosition, lots: int) -> int:
    """Take lots that somebody else closes off what is owed and off exits of unknown fate, the earlier asked for first.

    One that waits out a ban, or whose answer is still out, is such an exit: it may not have left. Return those that are
    beyond these.
    """
    asked = [
        (one.spec.created_at, name, _beyond(one, exits, ledger))
        for name, one in exits.owed.items()
        if one.last.position == position.number
    ]
    asked += [
        (order.spec.created_at, order.order_id, still(order, exits.tried[order.order_id]))
        for order in ledger.book
        if order.order_id in exits.tried
        and ("submit" in order.doubts or "submit" in order.in_flight)
        and (is_exit(order.spec) or is_way_out(order.spec, position))
    ]
    for _, name, claim in sorted(asked):
        done = min(lots, claim)
        lots -= done
        _take(exits, name, done)
    _drop_empty(exits)
    return lots


def needless(exits: Exits, ledger: Ledger) -> list[CancelOrder]:
    """Return the cancels of exits in doubt of which protection has closed lots: sent again as they are, they would close others.

    One that the venue is known to have is let be for the rest: it closes no lots later than it did.
    """
    asked = ((ledger.orders[name], tried) for name, tried in exits.tried.items() if tried.closed)
    return [
        CancelOrder(order_id=order.order_id, reason=PROTECTED)
        for order, tried in asked
        if order.leaving is None and ("submit" in order.in_flight or not still(order, tried))
    ]


def _lots(position: ScaledPosition, layer_id: str) -> int:
    layer = position.layer(layer_id)
    return 0 if layer is None else layer.quantity


def _claims(
    exits: Exits, ledger: Ledger, position: ScaledPosition
) -> Iterator[tuple[str, list[Slice]]]:
    """Yield which lots of which layers each exit at market is still to close, the earlier asked for first."""
    asked: list[tuple[int, str, OrderSpec, int]] = [
        (one.spec.created_at, name, one.spec, _beyond(one, exits, ledger))
        for name, one in exits.owed.items()
        if one.spec.order_type is OrderType.MARKET and one.last.position == position.number
    ]
    asked += [
        (
            order.spec.created_at,
            order.order_id,
            order.spec,
            still(order, exits.tried.get(order.order_id)),
        )
        for order in ledger.book
        if is_way_out(order.spec, position)
    ]
    for _, name, spec, lots in sorted(asked, key=lambda one: one[0]):
        first = [] if spec.layer is None else [spec.layer]
        taken = position.remove(lots, spec.method, first)
        yield name, taken


def claims_of_card(exits: Exits, ledger: Ledger, position: ScaledPosition) -> Iterator[Slice]:
    """Yield which lots exits of the card at market are still to close, as far as these are held."""
    for name, claims in _claims(exits, ledger, position.clone()):
        spec = exits.owed[name].spec if name in exits.owed else ledger.orders[name].spec
        if spec.role is Role.EXIT:
            yield from claims


def _beyond(one: Owed, exits: Exits, ledger: Ledger) -> int:
    """Return the lots that an exit is to close besides those of the exits that it waits for: they are the same lots."""
    older = (ledger.orders[order_id] for order_id in one.last.after)
    theirs = whole(still(order, exits.tried.get(order.order_id)) for order in older)
    return max(0, one.lots - theirs)
