"""The jump: from the last traded close to the open, over what was working already.

The law: a limit that the jump passes stood in the book and fills at its own price; a stop acts at the
open, its consequences for others from where it stood; what lies beyond the last close on the
marketable side waits for the open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from runtime.account.standing import is_trailed_later
from runtime.backends.sim.alternatives import Way
from runtime.backends.sim.line import LIMIT_KIND, Line, Meeting, Precedence, meetings
from runtime.backends.sim.scene import Phase, Scene
from runtime.orders.commands import AmendOrder, Command, SetProtection
from runtime.orders.order import Order
from runtime.orders.order_spec import Level, LevelKind, Role


def begin(scene: Scene, commands: Sequence[Command], postponed: Set[str]) -> None:
    """Stand at the last traded close; hold back what waits for the open.

    Those are limits that are marketable at the close, and limits on their way to a price that the jump
    passes as well: they arrive there. One on its way elsewhere is met where it stands: what was sent at
    the close is not in effect before the open. Protection `postponed` to this bar arrives there, too; a stop
    that a trail is to tighten there stands where it stood.
    """
    scene.phase, scene.price, scene.place = Phase.JUMP, scene.before, -1.0
    for order in scene.ledger.book:
        if order.is_accepted and _rests(order) and scene.is_passed(order):
            scene.turns.marketable.add(order.order_id)
        if order.order_id in postponed and _rests(order):
            scene.turns.moving.add(order.order_id)
        elif order.order_id in postponed and is_trailed_later(scene.ledger, order):
            scene.turns.trailed_later.add(order.order_id)
        elif order.order_id in postponed:
            scene.turns.late[order.order_id] = 0
    for order, price in _moves(scene, commands):
        sign = order.side.sign
        if sign * (price - scene.before) <= 0 < sign * (price - scene.bar.open):
            scene.turns.moving.add(order.order_id)


def _rests(order: Order) -> bool:
    return order.limit_price is not None and not order.is_armed_stop


def _moves(scene: Scene, commands: Sequence[Command]) -> Iterator[tuple[Order, float]]:
    """Yield the resting orders whose limit is to move, with the price they are to have."""
    for command in commands:
        match command:
            case AmendOrder(order_id=order_id, limit_price=price) if price is not None:
                found = scene.ledger.book.orders.get(order_id)
            case SetProtection(take_profit=Level(kind=LevelKind.LEVEL, value=price)):
                found = scene.ledger.protective(Role.TAKE_PROFIT, command.layer)
            case _:
                continue
        if found is not None and _rests(found) and found.limit_price != price:
            yield found, price


def line_of(scene: Scene, mark_before: float, mark_open: float) -> Line:
    """Return the way of the jump; without a last close it stands at the open."""
    return Line(scene.before, scene.bar.open, mark_before, mark_open, -1.0)


def other_ways(scene: Scene, line: Line) -> tuple[Way, ...]:
    """Return the other ways to tell a jump by its orders alone: one, or none.

    PESSIMISTIC about what is known: nobody traded on the way, so whether a stop or what else the jump
    passed came first is a rule, not a fact. Limits among themselves keep price and age in any case.
    """
    met = sorted(meetings(scene, line, (0.0, line.start)), key=_nearest)
    if len(met) < 2 or all(one.kind == LIMIT_KIND for one in met):
        return ()
    is_stop = met[0].kind < LIMIT_KIND
    return (Way(precedence=Precedence.STOPS_LAST if is_stop else Precedence.STOPS_FIRST),)


def _nearest(met: Meeting) -> tuple[int, float, int, int]:
    return met.rank(Precedence.NEAREST)
