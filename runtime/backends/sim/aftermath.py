"""What follows from a fill: protection of what was entered, the rest of an oco group, what only makes
sense with the position.

INVARIANT: after `follow_up` every exit and every protective order is of the position's own closing
side and no larger than the position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.backends.sim.protection import sync
from runtime.orders.events import OrderAmended, ProtectionChanged
from runtime.orders.order_spec import Effect, OrderType, Role, Side

if TYPE_CHECKING:
    from runtime.backends.sim.walk import Walk
    from runtime.orders.order import Order


def follow_up(walk: Walk, order: Order, held_before: Side | None, *, had_layer: bool) -> None:
    """Draw the consequences of one fill; `held_before` is the side of the position before it.

    `had_layer` says that the order had entered that position already.
    """
    position = walk.ledger.position
    has_turned = held_before is not None and (position is None or position.side is not held_before)
    if order.spec.effect is Effect.OPEN and position is not None and position.side is order.side:
        # An order brings its stop and target once, with its first fill: later fills of it must not
        # undo what was moved since. An entry that only nets an opposite position brings nothing.
        if has_turned or not had_layer:
            _protect(walk, order)
    if order.spec.oco and order.spec.order_group is not None:
        for member in walk.ledger.book.by_group(order.spec.order_group):
            if member is not order:
                walk.cancel(member, "oco")
    if has_turned:
        closed(walk, but=order)
    refresh(walk)


def _protect(walk: Walk, order: Order) -> None:
    if order.stop_loss is None and order.take_profit is None:
        return
    scope = order.order_id if order.spec.protect == "layer" else None
    held = walk.ledger.protection.get(scope)
    brings_target = order.take_profit is not None or held is None
    walk.emit(
        ProtectionChanged(
            stop_loss=order.stop_loss or (held.stop_loss if held else None),
            take_profit=order.take_profit or (held.take_profit if held else None),
            layer=scope,
            bar=walk.bar_index,
            ts=walk.now,
            take_profit_type=(
                order.spec.take_profit_type
                if brings_target or held is None
                else held.take_profit_type
            ),
        )
    )


def closed(walk: Walk, but: Order | None = None) -> None:
    """Cancel what only makes sense with a position: exits, and entries with on_flat: cancel.

    `but` is the entry that turned the position: it belongs to the new one.
    """
    for order in list(walk.ledger.book):
        if order is but:
            continue
        if order.spec.role is Role.EXIT:
            walk.cancel(order, "position_closed")
        elif order.spec.role is Role.ENTRY and order.spec.on_flat == "cancel":
            walk.cancel(order, "on_flat")


def refresh(walk: Walk) -> None:
    """Bring protection in line with the position; what is breached already acts at once."""
    created, moved = sync(walk.ledger, walk.emit, walk.numbering, walk.bar_index, walk.now)
    cap_exits(walk)
    for order_id in moved:
        walk.used.since[order_id] = walk.at  # what the bar did before it stood there is not its
    postponed = walk.rules.settings.execution.attached == "next_bar"
    for order_id in created:
        if postponed:
            walk.used.done.add(order_id)
            walk.used.postponed.add(order_id)
        elif order_id in walk.ledger.book:
            _act_if_breached(walk, walk.ledger.orders[order_id])


def _act_if_breached(walk: Walk, order: Order) -> None:
    level = order.trigger_price if order.trigger_price is not None else order.limit_price
    assert level is not None
    walk.used.since[order.order_id] = walk.at
    sign = order.side.sign  # of the exit: a sell closes a long
    is_stop = order.spec.role is Role.STOP_LOSS
    if sign * (walk.price - level) >= 0 if is_stop else sign * (level - walk.price) >= 0:
        walk.used.breached.add(order.order_id)
        if order.spec.order_type is OrderType.LIMIT:
            walk.cross(order)
        else:
            walk.turn(order)


def cap_exits(walk: Walk) -> None:
    """Shrink the card's own resting exits, newest first, to what the position still holds.

    One that has not arrived cannot be amended; it is capped when it does.
    """
    position = walk.ledger.position
    room = 0 if position is None else position.quantity
    for order in [o for o in walk.ledger.book if o.spec.role is Role.EXIT]:
        if order.spec.order_type is OrderType.MARKET:
            continue
        if position is not None and not order.is_accepted:
            continue
        if room <= 0:
            walk.cancel(order, "position_closed")
        elif order.remaining > room:
            quantity = order.filled + room
            walk.emit(
                OrderAmended(
                    order_id=order.order_id, bar=walk.bar_index, ts=walk.now, quantity=quantity
                )
            )
            room = 0
        else:
            room -= order.remaining
