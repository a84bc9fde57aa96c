"""What a change of an order comes to.

The law: an entry that moves or is to open more is held back by whatever holds a new one back; no other change is. One
that has not left leaves as it is by then. Stop and target of an entry are no venue's: they come with what it fills, so a
change of them alone is done as it is asked for, and beside a price or a size it is done with that.
"""

from __future__ import annotations

from dataclasses import replace

from runtime.orders.commands import AmendOrder, Command, SetProtection
from runtime.orders.events import OrderAmended
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec


def reaches_further(order: Order, asked: AmendOrder) -> bool:
    """Return whether a change moves an entry or makes it open more."""
    if order.spec.effect is not Effect.OPEN:
        return False
    opens = asked.opens if asked.opens is not None else asked.quantity
    is_moved = asked.limit_price not in (None, order.limit_price)
    is_moved = is_moved or asked.trigger_price not in (None, order.trigger_price)
    return is_moved or (opens is not None and opens > order.opens)


def is_wish(command: Command) -> bool:
    """Return whether no request comes of a command: protection of what is held or will be, which its orders carry out."""
    match command:
        case SetProtection():
            return True
        case AmendOrder(quantity=None, limit_price=None, trigger_price=None, stop_loss=stop):
            return stop is not None or command.take_profit is not None
        case _:
            return False


def amended(asked: AmendOrder, bar: int, ts: int, *, before_leaving: bool = False) -> OrderAmended:
    """Return that a change is done as it was asked for."""
    return OrderAmended(
        order_id=asked.order_id,
        bar=bar,
        ts=ts,
        quantity=asked.quantity,
        opens=asked.opens,
        limit_price=asked.limit_price,
        trigger_price=asked.trigger_price,
        stop_loss=asked.stop_loss,
        take_profit=asked.take_profit,
        before_leaving=before_leaving,
    )


def as_changed(order: Order) -> OrderSpec:
    """Return what an order that may still have to leave is to be placed as: its spec, with what was changed of it."""
    return replace(
        order.spec,
        quantity=order.quantity,
        carries=order.quantity - order.opens,
        limit_price=order.limit_price,
        trigger_price=order.trigger_price,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
    )
