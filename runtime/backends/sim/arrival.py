"""What happens to commands when they reach the market at the open.

The law: nothing sent at a close is in effect before the next open, and nothing that arrives there gets
a gift from the jump: a limit that only the jump made marketable fills at its own price.
"""

from __future__ import annotations

from runtime.account.margin import missing_margin
from runtime.account.standing import wished
from runtime.backends.sim.matcher import Matcher
from runtime.backends.sim.scene import Scene
from runtime.backends.sim.teller import ended
from runtime.orders.changes import amended
from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection
from runtime.orders.events import (
    OrderAccepted,
    OrderRejected,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    OrderType,
    Role,
    TimeInForce,
    reference_price,
)


def cancel(matcher: Matcher, command: CancelOrder) -> None:
    """Cancel a working order, or refuse: it may have been filled on the jump."""
    scene = matcher.scene
    if command.order_id not in scene.ledger.book:
        _refuse(matcher, command.order_id, "cancel", "unknown_ref")
        return
    matcher.teller.tell(ended(command, scene.bar_index, scene.ts))


def amend(matcher: Matcher, command: AmendOrder) -> list[Order]:
    """Change an order; returns it where its limit moved, for then it arrives like a new one."""
    scene = matcher.scene
    order = scene.ledger.orders.get(command.order_id)
    if order is None or not order.is_accepted or command.order_id not in scene.ledger.book:
        _refuse(matcher, command.order_id, "amend", "unknown_ref")
        return []
    if command.quantity is not None and command.quantity <= order.filled:
        # The jump filled more than the order was to have in all: what is left goes.
        matcher.teller.cancel(order, "amend_order")
        return []
    left = (order.quantity if command.quantity is None else command.quantity) - order.filled
    limit = order.limit_price if command.limit_price is None else command.limit_price
    price = reference_price(limit, None, scene.price)
    if not order.is_armed_stop and missing_margin(scene.ledger, order, price, left) is not None:
        _refuse(matcher, command.order_id, "amend", "no_margin")
        return []
    matcher.teller.tell(amended(command, scene.bar_index, scene.ts))
    matcher.wake()
    if order.is_terminal:
        return []
    if order.is_armed_stop:
        _meet_trigger(matcher, order)
        return []
    return [order] if command.limit_price is not None else []


def protect(matcher: Matcher, command: SetProtection) -> list[Order]:
    """Move stop, target and trail; a stop that is breached acts at once, a limit target is returned."""
    scene = matcher.scene
    moved = wished(scene.ledger, command, scene.price, scene.bar_index, scene.ts)
    if moved is None:
        return []  # what it was meant for ended on the jump
    named = ((Role.STOP_LOSS, command.stop_loss), (Role.TAKE_PROFIT, command.take_profit))
    roles = [role for role, level in named if level is not None]
    if command.trail is not None or command.removes_trail:
        roles.append(Role.STOP_LOSS)
    matcher.teller.tell(moved, moved=roles)
    woken = matcher.teller.woken
    arriving = [order for order in woken if order.spec.order_type is OrderType.LIMIT]
    for order in arriving:
        woken.remove(order)
    matcher.wake()
    return arriving


def accept(matcher: Matcher, order: Order) -> bool:
    """Take a new order in; returns whether it works from here on."""
    scene = matcher.scene
    if order.order_id not in scene.ledger.book:
        return False  # cancelled before it arrived
    refusal = _refusal(scene, order)
    if refusal is not None:
        code, text = refusal
        matcher.teller.emit(
            OrderRejected(
                order_id=order.order_id, code=code, text=text, bar=scene.bar_index, ts=scene.ts
            )
        )
        return False
    matcher.teller.tell(
        OrderAccepted(
            order_id=order.order_id,
            exchange_order_id=order.order_id,
            bar=scene.bar_index,
            ts=scene.ts,
        )
    )
    matcher.wake()
    # An exit is gone already where older ones cover the whole position.
    return order.order_id in scene.ledger.book


def act(matcher: Matcher, order: Order) -> None:
    """Let an order do at the open what it can do there."""
    if order.order_id not in matcher.scene.ledger.book:
        return
    if order.spec.order_type is OrderType.MARKET:
        serve_market(matcher, order)
    elif order.is_armed_stop:
        _meet_trigger(matcher, order)
    else:
        _enter_limit(matcher, order)


def serve_market(matcher: Matcher, order: Order) -> None:
    """Fill a market order at the open; where nothing trades it waits, a working order like others."""
    if not matcher.scene.trades:
        return
    matcher.market(order)
    matcher.wake()
    if order.order_id in matcher.scene.ledger.book:  # a reduction larger than what was left
        matcher.teller.cancel(order, "position_closed")


def _enter_limit(matcher: Matcher, order: Order) -> None:
    """Decide a limit that arrives, new or moved: by the last close first, then by the open."""
    scene, limit = matcher.scene, order.limit_price
    assert limit is not None
    sign = order.side.sign
    was_marketable = sign * (limit - scene.before) > 0
    if was_marketable and order.spec.post_only:
        matcher.teller.cancel(order, "post_only_would_cross")
        return
    scene.turns.done.discard(order.order_id)
    reach = sign * (limit - scene.price)
    if not scene.trades or reach <= 0:
        matcher.leave(order)  # one exactly at the open rests there: it is met where the path begins
    elif was_marketable:
        matcher.take_or_leave(order)
    else:
        _fill_as_if_rested(matcher, order)
    matcher.wake()


def _fill_as_if_rested(matcher: Matcher, order: Order) -> None:
    is_fok = order.spec.time_in_force is TimeInForce.FOK
    if not (is_fok and matcher.offered(order, matcher.serving(order)) < order.remaining):
        matcher.rest(order)
    matcher.leave(order)


def _refuse(matcher: Matcher, order_id: str, request: str, code: str) -> None:
    scene = matcher.scene
    matcher.teller.emit(
        RequestRefused(
            order_id=order_id, request=request, code=code, bar=scene.bar_index, ts=scene.ts
        )
    )


def _refusal(scene: Scene, order: Order) -> tuple[str, str] | None:
    if order.spec.effect is Effect.REDUCE:
        position = scene.ledger.position
        if position is None or position.side is order.side:
            return "nothing_to_reduce", "there is no position to reduce"
        return None
    if order.limit_price is None or order.is_armed_stop:
        # A market order was sized at the close and is taken at a worse open too; a stop is judged when
        # it triggers.
        return None
    # One that came to carry a position when it was decided carries what is still there.
    position = scene.ledger.position
    closes = 0 if position is None or position.side is order.side else position.quantity
    lots = min(order.remaining, order.to_open + closes)
    missing = missing_margin(scene.ledger, order, order.limit_price, lots)
    return None if missing is None else ("no_margin", missing)


def _meet_trigger(matcher: Matcher, order: Order) -> None:
    """A stop that the open is already beyond triggers at once."""
    if matcher.scene.trades and matcher.scene.is_passed(order):
        matcher.turn(order)
