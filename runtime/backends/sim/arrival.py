"""What happens to commands when they reach the market at the open: amends, placements, cancels."""

from __future__ import annotations

from runtime.backends.sim.walk import Walk, ended
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderRejected,
    ProtectionChanged,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, TakeProfitType


def arrive(walk: Walk, command: Command) -> None:
    """Carry out one command at the open of the walk's bar."""
    match command:
        case CancelOrder():
            _cancel(walk, command)
        case AmendOrder():
            _amend(walk, command)
        case SetProtection():
            _protect(walk, command)
        case SubmitOrder():
            _place(walk, walk.ledger.orders[command.spec.order_id])


def _refuse(walk: Walk, order_id: str, request: str, code: str) -> None:
    walk.emit(
        RequestRefused(
            order_id=order_id, request=request, code=code, bar=walk.bar_index, ts=walk.ts
        )
    )


def _cancel(walk: Walk, command: CancelOrder) -> None:
    if command.order_id not in walk.ledger.book:
        _refuse(walk, command.order_id, "cancel", "unknown_ref")
        return
    walk.emit(ended(command, walk.bar_index, walk.ts))


def _amend(walk: Walk, command: AmendOrder) -> None:
    order = walk.ledger.orders.get(command.order_id)
    if order is None or command.order_id not in walk.ledger.book:
        _refuse(walk, command.order_id, "amend", "unknown_ref")
        return
    if command.quantity is not None and command.quantity <= order.filled:
        _refuse(walk, command.order_id, "amend", "not_amendable")
        return
    price = command.limit_price or order.limit_price or command.trigger_price or order.trigger_price
    left = (order.quantity if command.quantity is None else command.quantity) - order.filled
    if walk.ledger.missing_margin(order, price or walk.price, left) is not None:
        _refuse(walk, command.order_id, "amend", "no_margin")
        return
    walk.tell(
        OrderAmended(
            order_id=command.order_id, bar=walk.bar_index, ts=walk.ts, quantity=command.quantity,
            limit_price=command.limit_price, trigger_price=command.trigger_price,
            stop_loss=command.stop_loss, take_profit=command.take_profit,
        )
    )  # fmt: skip
    if order.is_terminal or order.is_armed_stop:
        return
    if command.limit_price is not None:
        walk.enter_market(order)


def _protect(walk: Walk, command: SetProtection) -> None:
    held = walk.ledger.protection.get(command.layer)
    if walk.ledger.position is None:
        return
    walk.tell(
        ProtectionChanged(
            stop_loss=command.stop_loss or (held.stop_loss if held else None),
            take_profit=command.take_profit or (held.take_profit if held else None),
            layer=command.layer, bar=walk.bar_index, ts=walk.ts,
            take_profit_type=held.take_profit_type if held else TakeProfitType.MARKET,
        )
    )  # fmt: skip


def _place(walk: Walk, order: Order) -> None:
    if order.order_id not in walk.ledger.book:
        return  # cancelled before it arrived
    refusal = _refusal(walk, order)
    if refusal is not None:
        code, text = refusal
        walk.emit(
            OrderRejected(
                order_id=order.order_id, code=code, text=text, bar=walk.bar_index, ts=walk.ts
            )
        )
        return
    walk.tell(
        OrderAccepted(
            order_id=order.order_id, exchange_order_id=order.order_id, bar=walk.bar_index,
            ts=walk.ts,
        )
    )  # fmt: skip
    if order.order_id not in walk.ledger.book:
        return  # an exit, and older ones cover the whole position already
    if order.spec.order_type is OrderType.MARKET:
        walk.market(order)
        if order.order_id in walk.ledger.book:  # a reduction larger than what was left
            walk.cancel(order, "position_closed")
    elif order.is_armed_stop:
        _meet_trigger(walk, order)
    else:
        walk.enter_market(order)


def _refusal(walk: Walk, order: Order) -> tuple[str, str] | None:
    if order.spec.effect is Effect.REDUCE:
        position = walk.ledger.position
        if position is None or position.side is order.side:
            return "nothing_to_reduce", "there is no position to reduce"
        return None
    price = order.limit_price or order.trigger_price or walk.price
    missing = walk.ledger.missing_margin(order, price, order.remaining)
    return None if missing is None else ("no_margin", missing)


def _meet_trigger(walk: Walk, order: Order) -> None:
    """A stop that the open is already beyond triggers at once."""
    trigger = order.trigger_price
    assert trigger is not None
    if order.side.sign * (walk.price - trigger) >= 0:
        walk.turn(order)
