"""What one execution does to a position: what it closes, what it opens, what protection it brings.

The law: an execution against the position closes first, and what exceeds it opens the other side (the
account is netted); what closes realizes by the average.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from runtime.account.layers import PositionLayer, ScaledPosition, Slice
from runtime.account.protection import Protection, stop_price
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import OrderFilled, ProtectionChanged
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, Role, Trail
from runtime.orders.trailing import Following, in_place_of, resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One execution as it was booked. Quantities in lots, money in quote."""

    event: OrderFilled
    position: ScaledPosition | None
    held_lots: int = 0  # of the position, after the execution
    closed: tuple[Slice, ...] = ()
    closed_lots: int = 0
    average: float = 0.0  # of the position that was reduced
    realized: float = 0.0  # before fees
    has_ended: bool = False  # the position that was there is closed
    opened: str | None = None  # the layer that grew
    opened_lots: int = 0
    is_new_layer: bool = False
    is_first_entry: bool = False  # no other fill of the order entered this position
    may_set: bool = False  # levels: the order's first lots at all, or the position's
    is_trailed: bool = False  # by a stop whose trail was the tighter
    brought: ProtectionChanged | None = None


def book(
    position: ScaledPosition | None,
    order: Order,
    event: OrderFilled,
    instrument: Instrument,
    positions: int,
) -> Booking:
    """Change a position by an execution of an order that has counted it, and return what happened.

    `positions` is how many there were so far.
    """
    closed: tuple[Slice, ...] = ()
    closed_lots, average, realized = 0, 0.0, 0.0
    has_ended = False
    if position is not None and position.side is not order.side:
        closed_lots = min(event.quantity, position.quantity)
        average = position.avg_entry_price
        realized = position.profit(closed_lots, event.price)
        closed = tuple(_taken(position, order, event, closed_lots))
        if not position.quantity:
            position, has_ended = None, True
    opened_lots = event.quantity - closed_lots
    layer, is_new, is_first, may_set = None, False, False, False
    if opened_lots:
        if position is None:
            position = ScaledPosition(
                order.spec.symbol, order.side, instrument, event.bar, event.ts, positions + 1
            )
            may_set = True
        may_set = may_set or not order.layers
        is_first = order.counted_in != position.number
        layer, is_new = _enter(position, order, event, opened_lots)
    return Booking(
        event=event,
        position=position,
        held_lots=0 if position is None else position.quantity,
        closed=closed,
        closed_lots=closed_lots,
        average=average,
        realized=realized,
        has_ended=has_ended,
        opened=None if layer is None else layer.layer_id,
        opened_lots=opened_lots,
        is_new_layer=is_new,
        is_first_entry=is_first,
        may_set=may_set,
    )


def _taken(
    position: ScaledPosition, order: Order, event: OrderFilled, lots: int
) -> Iterator[Slice]:
    """Take lots out of the layers that the execution names, else as the order says."""
    method = order.spec.method
    for layer, part in event.gives:
        lots -= part
        yield from position.remove(part, method, [layer])
    if lots:
        yield from position.remove(lots, method, giving(position, order))


def giving(position: ScaledPosition, order: Order) -> list[str]:
    """Return the layers an order takes from before any other: those it belongs to.

    What others close is first what others have opened: the stop of a layer of the card would shrink to what is left
    of it, and as many lots that nobody has a stop for would stay. A stop of theirs is else for what has none of ours.
    """
    if order.spec.layer is not None:
        return [order.spec.layer]
    role = order.spec.role
    if role is Role.OUTSIDE:
        if theirs := [layer.layer_id for layer in position.layers if layer.is_outside]:
            return theirs
        role = Role.STOP_LOSS if order.spec.trigger_price is not None else role
    if role in PROTECTIVE:
        return [layer.layer_id for layer in position.uncovered(role)]
    return []


def _enter(
    position: ScaledPosition, order: Order, event: OrderFilled, lots: int
) -> tuple[PositionLayer, bool]:
    held = position.layer_of(order.order_id)
    if held is None:
        order.layers += 1
    name = order.order_id if order.layers == 1 else f"{order.order_id}.{order.layers}"
    position.add_layer(
        PositionLayer(
            layer_id=name,
            order_id=order.order_id,
            order_ref=order.spec.order_ref,
            number=order.number,
            quantity=lots,
            entry_price=event.price,
            entry_bar_index=event.bar,
            entry_time=event.ts,
            is_outside=order.spec.role is Role.OUTSIDE,
        )
    )
    layer = position.layer(name)
    assert layer is not None
    return layer, held is None


def protection_of(booking: Booking, order: Order) -> ProtectionChanged | None:
    """Return what an execution makes of the protection of the position or of its layer, None for nothing.

    It is a part of booking the fill: a journal that ends with a fill has its stop. An entry that only
    nets an opposite position brings nothing.
    """
    position, role = booking.position, order.spec.role
    if position is None:
        return None
    if role in PROTECTIVE and order.spec.layer is None and not position.uncovered(role):
        held = position.protection
        left = replace(held, trail=None) if booking.is_trailed else held.without(role)
        return _changed(booking, held, left, None)
    layer = position.layer_of(order.order_id)
    if layer is None or booking.opened is None or order.spec.effect is not Effect.OPEN:
        return None
    planned = Protection(order.stop_loss, order.take_profit, order.spec.take_profit_type)
    if order.spec.protect.is_by_layer:
        held, scope, is_first = layer.protection, layer.layer_id, booking.is_new_layer
    else:
        held, scope, is_first = position.protection, None, booking.may_set
    after = held.after_fill(planned, is_first=is_first)
    if is_first and order.spec.trail is not None:
        entry = position.avg_entry_price if scope is None else layer.entry_price
        after = replace(after, trail=_trail(booking, order, order.spec.trail, after, entry))
    return _changed(booking, held, after, scope)


def _trail(
    booking: Booking, order: Order, asked: Trail, protection: Protection, entry: float
) -> Following:
    """Return the trail that an entry brings: it begins at the price of the fill, before slippage."""
    position, event = booking.position, booking.event
    assert position is not None
    sign, tick = order.side.sign, position.instrument.tick
    stop = stop_price(protection.stop_loss, sign, entry, tick)
    new = resolved(asked, sign, entry, stop, tick)
    price = position.instrument.on_grid(event.price - sign * event.slippage)
    return in_place_of(protection.trail, new, sign, price, tick, since=event.ts, bar=event.bar)


def _changed(
    booking: Booking, before: Protection, after: Protection, scope: str | None
) -> ProtectionChanged | None:
    if after == before:
        return None
    return ProtectionChanged(
        stop_loss=after.stop_loss,
        take_profit=after.take_profit,
        layer=scope,
        bar=booking.event.bar,
        ts=booking.event.ts,
        take_profit_type=after.take_profit_type,
        trail=after.trail,
    )
