"""Whose lots are closed beside a target that the market has reached in vain: each lot once.

The law: such a target owes its lots as an exit does that was refused. What somebody closes from outside (by hand, deleveraged) is
first what an exit, then what such a target was to close, and leaves out of its layers: a back-test has closed them there. A stop of
others is for layers without a stop before that. A person's `reduce` is a share of what exits and such targets leave, and takes none
of their lots. The execution says which layers give (`gives`), so whoever applies it books the same. An order of such a target that
may be under way for more is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from runtime.account.absence import Scope
from runtime.account.booking import giving
from runtime.account.layers import ScaledPosition, Slice
from runtime.account.ledger import Ledger
from runtime.account.short import may_fill
from runtime.account.wanted import wanted
from runtime.formulas.sums import whole
from runtime.live.exits import Exits
from runtime.live.owed import closes_everything
from runtime.live.protected import claims_of_card, needless, note_protected
from runtime.live.targets import Targets
from runtime.orders.commands import CancelOrder
from runtime.orders.events import Event, OrderFilled
from runtime.orders.order_spec import OrderSpec, OrderType, RemovalMethod, Role


def attributed(event: Event, exits: Exits, targets: Targets, ledger: Ledger, ts: int) -> Event:
    """Return an event that is not applied yet with the layers that give its lots, where a target that is owed says so.

    What it closes is taken off what exits and such targets owe.
    """
    if not isinstance(event, OrderFilled):
        return event
    left = note_protected(exits, ledger, event)
    position, order = ledger.position, ledger.orders[event.order_id]
    owed = targets.owed(ledger, ts)
    if not owed or position is None or event.execution_id in order.executions:
        return event
    if order.side is position.side or not _is_by_a_person(order.spec):
        return event
    lots, method = min(event.quantity, position.quantity), order.spec.method
    bare = giving(position, order)
    if order.spec.role is Role.OUTSIDE:
        first = []
        ours = (layer for layer in position.layers if not layer.is_outside)  # theirs are off it
        left -= min(left, whole(layer.quantity for layer in ours if layer.layer_id in bare))
        for scope, part in owed.items():
            part = min(left, part)
            left -= part
            first += _taken(position, {scope: part}, method)
            targets.closed_by_others(scope, part)
        if not first:
            return event
    else:
        free = _without(position, _taken(position, owed, method), method)
        first = free.remove(lots, method)
    rest = lots - whole(one.quantity for one in first)
    others = _without(position, first, method).remove(rest, method, bare)
    return replace(event, gives=tuple(_by_layer((*first, *others)).items()))


def _is_by_a_person(spec: OrderSpec) -> bool:
    """Return whether somebody closes a part who does not know which lots an exit is to close."""
    is_reduce = spec.role is Role.CLOSE_AT_END and not closes_everything(spec)
    return spec.role is Role.OUTSIDE or is_reduce


def exiting(exits: Exits, targets: Targets, ledger: Ledger, ts: int) -> int:
    """Return the lots held that exits of the card at market, and targets that are owed, are to close: each once."""
    position, owed = ledger.position, targets.owed(ledger, ts)
    if position is None or not owed:
        return exits.of_card(ledger)
    method = RemovalMethod.FIFO
    closed = [*_taken(position, owed, method), *claims_of_card(exits, ledger, position)]
    lots = _by_layer(closed)
    return whole(min(one.quantity, lots.get(one.layer_id, 0)) for one in position.layers)


def too_many(exits: Exits, targets: Targets, ledger: Ledger) -> list[CancelOrder]:
    """Return the cancels of exits, and of targets at market, that may be under way for lots that are closed by now."""
    commands, goal, lots = needless(exits, ledger), wanted(ledger), dict[Scope, int]()
    for order in ledger.book:
        scope = order.spec.role, order.spec.layer
        if scope[0] is not Role.TAKE_PROFIT or order.spec.order_type is not OrderType.MARKET:
            continue
        if scope not in goal:  # it goes with its layer
            continue
        absence, met = ledger.absences.get(scope), targets.met.get(scope)
        if absence is not None and absence.is_passed:  # all of it: the market was beyond it at once
            most = goal[scope].lots
        else:
            most = 0 if met is None else met.short.lots
        lots[scope] = lots.get(scope, 0) + may_fill(order)
        if lots[scope] > most and "submit" in order.in_flight and order.leaving is None:
            commands.append(CancelOrder(order_id=order.order_id, reason="replaced"))
    return commands


def _taken(position: ScaledPosition, owed: dict[Scope, int], method: RemovalMethod) -> list[Slice]:
    """Return which lots of which layers targets are to close."""
    after, taken = position.clone(), list[Slice]()
    for (role, layer), lots in owed.items():
        first = [one.layer_id for one in after.uncovered(role)] if layer is None else [layer]
        taken += after.remove(lots, method, first)
    return taken


def _without(
    position: ScaledPosition, gone: Iterable[Slice], method: RemovalMethod
) -> ScaledPosition:
    after = position.clone()
    for one in gone:
        after.remove(one.quantity, method, [one.layer_id])
    return after


def _by_layer(slices: Iterable[Slice]) -> dict[str, int]:
    lots: dict[str, int] = {}
    for one in slices:
        lots[one.layer_id] = lots.get(one.layer_id, 0) + one.quantity
    return lots
