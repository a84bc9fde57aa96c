"""The open of a bar: what was sent at the close before takes effect, in order.

What the jump left for it; cancels, amends; limits that the market had left behind; then exits and
entries in card order, market orders that waited for a trade before newer ones. Of limits of one side that share a
bar's volume the best price comes first, whatever their order in the card.
"""

from __future__ import annotations

from collections.abc import Sequence

from runtime.backends.sim.arrival import accept, act, amend, cancel, protect
from runtime.backends.sim.matcher import Matcher
from runtime.backends.sim.scene import Phase, Scene
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Side


def open_bar(matcher: Matcher, commands: Sequence[Command]) -> None:
    """Carry out the commands of the last close at the open of the scene's bar."""
    scene = matcher.scene
    stand_at_open(scene)
    _let_in(matcher)
    arriving: list[Order] = []
    for command in commands:
        match command:
            case CancelOrder():
                cancel(matcher, command)
            case AmendOrder():
                arriving += amend(matcher, command)
            case SetProtection():
                arriving += protect(matcher, command)
            case SubmitOrder(spec=spec):
                arriving.append(scene.ledger.orders[spec.order_id])
    # Whoever was held back for a move that was refused arrives where it stands.
    left = scene.turns.moving - {order.order_id for order in arriving}
    arriving = [o for o in scene.ledger.book if o.order_id in left] + arriving
    scene.turns.moving.clear()
    _serve_left_behind(matcher, arriving)
    arriving = [o for o in scene.ledger.book if _waits_for_a_trade(o)] + arriving
    _exit(matcher, [order for order in arriving if order.spec.effect is Effect.REDUCE])
    _enter(matcher, [order for order in arriving if order.spec.effect is Effect.OPEN])


def _enter(matcher: Matcher, entries: Sequence[Order]) -> None:
    """Let entries arrive as given; where they share a budget, limits by price among themselves."""
    shares = matcher.scene.terms.fills.uses_volume
    for order in best_first(entries) if shares else entries:
        if order.is_accepted or accept(matcher, order):
            act(matcher, order)


def _exit(matcher: Matcher, exits: Sequence[Order]) -> None:
    """Let exits arrive as given: they share the position so. Limits act after those at market."""
    limits: list[Order] = []
    for order in exits:
        if not (order.is_accepted or accept(matcher, order)):
            continue
        if order.spec.order_type is OrderType.LIMIT:
            limits.append(order)
        else:
            act(matcher, order)
    for order in best_first(limits) if matcher.scene.terms.fills.uses_volume else limits:
        act(matcher, order)


def stand_at_open(scene: Scene) -> None:
    scene.phase, scene.price, scene.place = Phase.OPEN, scene.bar.open, 0.0


def best_first(orders: Sequence[Order]) -> list[Order]:
    """Return orders as given, but the limits of one side by price among themselves."""
    made = list(orders)
    places: dict[Side, list[int]] = {}
    for index, order in enumerate(made):
        if order.spec.order_type is OrderType.LIMIT:
            places.setdefault(order.side, []).append(index)
    for slots in places.values():
        limits = sorted((orders[i] for i in slots), key=_worst)
        for index, order in zip(slots, limits, strict=True):
            made[index] = order
    return made


def _worst(order: Order) -> float:
    assert order.limit_price is not None
    return -order.side.sign * order.limit_price


def _let_in(matcher: Matcher) -> None:
    """Let in trails of the last bar, what stops that the jump met brought, stop-limits that triggered on it."""
    scene = matcher.scene
    late, scene.turns.late = scene.turns.late, {}
    matcher.teller.tighten()
    matcher.teller.woken.extend(scene.ledger.orders[order_id] for order_id in late)
    matcher.wake()


def _waits_for_a_trade(order: Order) -> bool:
    return order.is_accepted and order.spec.order_type is OrderType.MARKET


def _serve_left_behind(matcher: Matcher, arriving: Sequence[Order]) -> None:
    """Serve the limits that the market had left behind, furthest first: of a side the best price."""
    scene = matcher.scene
    book = scene.ledger.book
    moved = {order.order_id for order in arriving}
    left = [book.orders[i] for i in scene.turns.marketable if i in book and i not in moved]
    scene.turns.marketable.clear()
    if not scene.trades:
        return
    for order in sorted(left, key=lambda o: (_place(scene, o), book.arrival(o.order_id))):
        if order.order_id in book and _reaches(scene, order):
            matcher.take(order, has_rested=True)
            matcher.wake()


def _place(scene: Scene, order: Order) -> int:
    """Return how far (ticks) the last close lies within a limit: the further beyond it, the lower."""
    assert order.limit_price is not None
    ticks = scene.terms.instrument.ticks
    return int(order.side.sign) * (ticks(scene.before) - ticks(order.limit_price))


def _reaches(scene: Scene, order: Order) -> bool:
    assert order.limit_price is not None
    return order.side.sign * (order.limit_price - scene.price) > 0
