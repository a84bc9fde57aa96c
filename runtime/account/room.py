"""Has the venue room for the stops that an entry, or a card that moves or adds one, will need?

The law: an entry that could not be protected does not leave, and a stop that could not stand is not asked for.
Every stop, and every target at market, is a conditional order of its own, and the venue takes few of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from runtime.account.absence import Scope, protects
from runtime.account.layers import ScaledPosition
from runtime.account.ledger import Ledger
from runtime.account.protection import Protection
from runtime.account.wanted import fit_in_pieces, wanted
from runtime.formulas.sums import whole
from runtime.orders.commands import SetProtection
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    Protect,
    Role,
    Side,
    TakeProfitType,
)
from runtime.orders.pieces import MOST_CONDITIONALS, pieces

MOST_ACTIVE = 500


@dataclass(frozen=True, slots=True)
class _Need:
    """A stop or target that will cover so many lots of a position of a side."""

    scope: Scope
    side: Side
    lots: int


def no_room(
    ledger: Ledger,
    asked: Collection[Scope] = (),
    *,
    changed: Order | None = None,
    gone: Collection[str] = (),
) -> str:
    """Return why the venue could not take what stands and what will come to stand, "" if it can.

    An entry that is judged stands in the ledger already; one that is `changed` is judged as it would be. `asked` are
    stops and targets that what is held is to have besides, `gone` orders whose cancel is decided and not asked yet.
    """
    orders = [
        changed if changed is not None and changed.order_id == order.order_id else order
        for order in ledger.book
        if not order.is_going and order.order_id not in gone
    ]
    count = max(_of_side(ledger, orders, side, asked) for side in Side)
    if count > MOST_CONDITIONALS:
        most = ledger.instrument.max_market_lots
        return (
            f"{count} conditional orders (stops, and targets at market, each of {most} lots at most) would "
            f"stand; the venue takes {MOST_CONDITIONALS} of a contract"
        )
    if len(orders) > MOST_ACTIVE:
        return f"{len(orders)} orders would work; the venue takes {MOST_ACTIVE} of a contract"
    return ""


def no_room_for(
    ledger: Ledger, scope: Scope, asked: Collection[Scope], gone: Collection[str]
) -> str:
    """Return why the venue could not take a stop or target that is not there yet, "" if it can or it is there.

    `asked` are those that the same close has asked for already, `gone` the orders that it cancels.
    """
    position = ledger.position
    if not ledger.in_pieces or position is None:
        return ""
    if scope in asked or scope in _held(position, ()):
        return ""  # it moves, and takes no more room
    more = [*asked, scope]
    return no_room(ledger, more, gone=gone) if scope in _held(position, more) else ""


def scopes_of(wish: SetProtection) -> list[Scope]:
    """Return the stop and target that a card's wish asks for."""
    found: list[Scope] = []
    if wish.stop_loss is not None or wish.trail is not None:
        found.append((Role.STOP_LOSS, wish.layer))
    if wish.take_profit is not None:
        found.append((Role.TAKE_PROFIT, wish.layer))
    return found


def stands_whole(ledger: Ledger) -> str:
    """Return what is told of stops above the largest market order that the venue does not take in pieces, "" for none."""
    most = ledger.instrument.max_market_lots
    larger = [
        order.order_id
        for order in ledger.book
        if protects(order, ledger.position) and order.is_armed_stop and order.remaining > most
    ]
    if not larger or fit_in_pieces(ledger, wanted(ledger)):
        return ""
    return (
        f"{', '.join(larger)}: above the largest market order of {most} lots, and in pieces more than the "
        f"{MOST_CONDITIONALS} conditional orders of a contract: it stands whole; hold less"
    )


def _of_side(ledger: Ledger, orders: Iterable[Order], side: Side, asked: Collection[Scope]) -> int:
    """Return how many conditional orders will stand where the position is of one side.

    What is held, and what working entries bring, is as many orders as it has pieces of the largest market order.
    Entries of one side share the pair of the position; of two sides one comes to be, and what protects the other
    goes with it. Where that is more than the venue takes, what stands is not cut: it stays, with what comes on top.
    """
    position = ledger.position
    turns = position is not None and position.side is not side
    stand = [o for o in orders if not (turns and protects(o, position))]
    opening = [o for o in stand if o.spec.effect is Effect.OPEN and o.to_open]
    needs = _needs(ledger, opening, side, asked)
    armed = whole(o.is_armed_stop for o in stand)
    cut = armed + whole(_more(ledger, stand, one, is_cut=True) for one in needs)
    kept = armed + whole(_more(ledger, stand, one, is_cut=False) for one in needs)
    return kept if kept <= MOST_CONDITIONALS else cut


def _needs(
    ledger: Ledger, opening: Iterable[Order], side: Side, asked: Collection[Scope]
) -> list[_Need]:
    """Return every conditional stop and target of a position of one side, with what entries will bring to it."""
    position = ledger.position
    held = _held(position, asked) if position is not None and position.side is side else {}
    own = [
        _Need((role, order.order_id), order.side, order.quantity)
        for order in opening
        if order.spec.protect is Protect.LAYER
        for role in _brings(order)
    ]
    mine = [o for o in opening if o.side is side and o.spec.protect is not Protect.LAYER]
    shared = {scope for scope in held if scope[1] is None}
    shared |= {(role, None) for order in mine for role in _brings(order)}
    coming = whole(order.to_open for order in mine)
    pair = [
        _Need(scope, side, coming + held.get(scope, _uncovered(ledger, side, scope[0])))
        for scope in shared
    ]
    coming_own = {need.scope for need in own}
    layers = [
        _Need(scope, side, lots)
        for scope, lots in held.items()
        if scope[1] is not None and scope not in coming_own
    ]
    return own + pair + layers


def _uncovered(ledger: Ledger, side: Side, role: Role) -> int:
    """Return the lots of a position of one side that no layer's own stop or target covers."""
    position = ledger.position
    if position is None or position.side is not side:
        return 0
    return whole(layer.quantity for layer in position.uncovered(role))


def _held(position: ScaledPosition, asked: Collection[Scope]) -> dict[Scope, int]:
    """Return the lots of each conditional stop and target that what is held has, or is to have."""
    found: dict[Scope, int] = {}
    for role in (Role.STOP_LOSS, Role.TAKE_PROFIT):
        rest = whole(
            x.quantity for x in position.uncovered(role) if (role, x.layer_id) not in asked
        )
        layers = [(x.layer_id, x.quantity, x.protection) for x in position.layers]
        for name, lots, held in [*layers, (None, rest, position.protection)]:
            if role is Role.TAKE_PROFIT and held.take_profit_type.rests:
                continue
            if (role, name) in asked or _has(held, role):
                found[role, name] = lots
    return found


def _has(held: Protection, role: Role) -> bool:
    """Return whether there is such a level; a trail that does not act yet will."""
    return held.level(role) is not None or (role is Role.STOP_LOSS and held.trail is not None)


def _more(ledger: Ledger, orders: Iterable[Order], need: _Need, *, is_cut: bool) -> int:
    """Return how many orders a stop or target needs besides those of it that stand.

    `is_cut`: one that is above the largest market order is cut to pieces, else it stays as it is.
    """
    stand = [
        o
        for o in orders
        if (o.spec.role, o.spec.layer) == need.scope and o.side is need.side.opposite
    ]
    most = max(1, ledger.instrument.max_market_lots)
    if is_cut:
        return max(0, len(pieces(need.lots, most)) - len(stand))
    return len(pieces(need.lots - whole(o.remaining for o in stand), most))


def _brings(order: Order) -> set[Role]:
    found, spec = set[Role](), order.spec
    if order.stop_loss is not None or spec.trail is not None:
        found.add(Role.STOP_LOSS)
    if order.take_profit is not None and spec.take_profit_type is not TakeProfitType.LIMIT:
        found.add(Role.TAKE_PROFIT)
    return found
