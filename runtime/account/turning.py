"""Entries at market that turn a position: one order that closes what is held and opens its own size.

The law: what such an order carries to close is owed as an exit is, whatever becomes of the order; what it was to open is
an entry. One that rests at a price is no way out until it fills, and owes nothing until then; filled, it owes what it was
to grow by and did not. What a turn, at market or resting, opens beyond what it was to open is a surplus: somebody else had
closed what it was to close. That is taken back.
"""

from __future__ import annotations

from dataclasses import replace

from runtime.account.ledger import Ledger
from runtime.formulas.sums import whole
from runtime.orders.commands import AmendOrder
from runtime.orders.events import (
    Event,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
)
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    TOO_FAR,
    Effect,
    OnPartial,
    OrderSpec,
    OrderType,
    Origin,
    Role,
    Side,
    TimeInForce,
)

# Why a session itself takes an entry back: nobody has said that what it was to close is to stay.
_BY_THE_SESSION = frozenset({"halted", "limit", "stop"})


def turns(spec: OrderSpec) -> bool:
    """Return whether an order is an entry at market that closes an opposite position first."""
    return spec.effect is Effect.OPEN and spec.order_type is OrderType.MARKET and spec.carries > 0


def owes(order: Order) -> bool:
    """Return whether a turning order that has ended was still wanted: neither the card nor a person took it back."""
    if not turns(order.spec):
        return False
    return order.leaving is None or order.leaving.reason in _BY_THE_SESSION


def lots_to_close(order: Order, ledger: Ledger) -> int:
    """Return the lots of the opposite position that a turning order was to close and has not, 0 where none is held."""
    position = ledger.position
    if position is None or position.side is order.side:
        return 0
    carries, closed = order.quantity - order.opens, order.filled - order.done
    return min(position.quantity, max(0, carries - closed))


def is_as_large(order: Order, ledger: Ledger) -> bool:
    """Return whether a turning order that has filled nothing carries all that is held, as when it was asked for."""
    position = ledger.position
    if position is None or position.side is order.side or order.filled:
        return False
    is_the_same = min(layer.entry_time for layer in position.layers) <= order.spec.created_at
    return is_the_same and order.quantity - order.opens == position.quantity


def left_to_close(order: Order, ledger: Ledger) -> OrderSpec | None:
    """Return what a turning order that has ended leaves to close, as an exit; None where nothing."""
    lots = lots_to_close(order, ledger) if owes(order) else 0
    return as_exit(order.spec, lots) if lots else None


def as_exit(spec: OrderSpec, lots: int) -> OrderSpec:
    """Return what a turning order was to close as an exit of its own: none of what the entry brings, no rule behind it.

    Its origin names the place in the card and no action: what follows the entry's fill does not follow this one's.
    """
    return replace(
        spec,
        effect=Effect.REDUCE,
        role=Role.EXIT,
        reduce_only=True,
        quantity=lots,
        carries=0,
        order_ref=None,
        time_in_force=TimeInForce.GTC,
        order_group=None,
        oco=False,
        stop_loss=None,
        take_profit=None,
        trail=None,
        ttl_bars=None,
        on_partial=OnPartial.CONTINUE,
        rearm=None,
        origin=Origin(offset=spec.origin.offset),
    )


def left_as_filled(order: Order, ledger: Ledger) -> int:
    """Return the lots that a turn which rested leaves to close, filled: its total was to grow with the position and did not."""
    position, spec = ledger.position, order.spec
    if position is None or position.side is order.side or not ledger.settings.policy.allow_flip:
        return 0
    rested = spec.effect is Effect.OPEN and spec.order_type is not OrderType.MARKET
    is_filled = order.status is OrderStatus.FILLED and order.leaving is None
    if not (rested and is_filled and order.totals):
        return 0
    total, opens = order.totals[-1]
    return min(position.quantity, max(0, total - opens - (order.filled - order.opened)))


def is_two(spec: OrderSpec, ledger: Ledger) -> bool:
    """Return whether a turning order leaves as two, its exit and then its entry: as one it is above the venue's largest.

    The exit is cut as any is. Where the fate of a request is unknown the entry could not leave by itself, and what an entry of
    its own close has still to open no exit can close yet.
    """
    if ledger.position is None or ledger.position.side is spec.side:
        return False
    is_large = spec.quantity > ledger.instrument.max_market_lots
    return ledger.in_pieces and turns(spec) and is_large and not ledger.book.is_unsure


def surplus(order: Order, ledger: Ledger) -> int:
    """Return the lots that an entry has opened beyond what it was to open, where entries may turn a position."""
    may_turn = ledger.settings.policy.allow_flip and order.spec.effect is Effect.OPEN
    return max(0, order.done - order.opens) if may_turn else 0


def refused_to_turn(order: Order) -> int:
    """Return the total that was refused of an entry by which it turns what is held, 0 for what the card asked for."""
    asked = order.refused
    if isinstance(asked, AmendOrder) and asked.opens == order.opens:
        return asked.quantity or 0
    return 0


def unopened(order: Order, ledger: Ledger) -> int:
    """Return the lots that an entry at market has closed in place of a turn or exit of its close that did not.

    Nobody opens them.
    """
    is_entry = order.spec.effect is Effect.OPEN and order.spec.order_type is OrderType.MARKET
    if not is_entry or not order.is_terminal or not order.netted:
        return 0
    beside = [
        other
        for other in ledger.orders.values()
        if other.side is order.side and other.spec.created_bar == order.spec.created_bar
        if (turns(other.spec) and other is not order) or _exits_beside(other, order)
    ]
    is_over = all(other.is_terminal for other in beside)
    if not is_over or not any(_was_to_close_more(other) for other in beside):
        return 0
    return max(0, order.netted - whole(surplus(other, ledger) for other in beside))


def is_exit_over(order: Order, event: Event) -> bool:
    """Return whether an event, applied, has ended an exit of the card at market; nothing that it fills later does."""
    if isinstance(event, OrderFilled | OrderAmended):  # the venue makes it as small as it finds
        return _is_exit(order) and order.status is OrderStatus.FILLED
    return _is_exit(order) and isinstance(event, OrderRejected | OrderCancelled | OrderExpired)


def _is_exit(order: Order) -> bool:
    return order.spec.role is Role.EXIT and order.spec.order_type is OrderType.MARKET


def _exits_beside(order: Order, entry: Order) -> bool:
    """Return whether an order is an exit that the close of an entry has asked for; one that repeats it is not."""
    return _is_exit(order) and order.spec.created_at == entry.spec.created_at


def _was_to_close_more(order: Order) -> bool:
    """Return whether a turn or exit that has ended, and that nobody took back, has left something undone."""
    if turns(order.spec):
        return owes(order) and order.to_open > 0
    return order.leaving is None and order.filled < order.spec.quantity


def to_close_now(order: Order, ledger: Ledger) -> OrderSpec | None:
    """Return the exit of what the newest execution of a turn leaves to close of the position; None where nothing."""
    lots = left_as_filled(order, ledger)
    return _at_market(order, order.side, lots, ledger, order.spec.reason) if lots else None


def to_take_back(order: Order, ledger: Ledger) -> OrderSpec | None:
    """Return the exit that takes back what the newest execution of an order opened too much; None where nothing.

    What an execution closes is no surplus, and what it opens is one from where the order has opened what it was to. The
    lots leave the layer that they came to, and no rule is behind it.
    """
    booking = ledger.booking
    if booking is None or booking.opened is None or not ledger.settings.policy.allow_flip:
        return None
    newest = min(booking.opened_lots, _too_many(order, ledger))
    after = _beyond(order.side, ledger) if newest else 0
    lots = min(newest, after)
    if not lots:
        return None
    spec = _at_market(order, order.side.opposite, lots, ledger, TOO_FAR)
    return replace(spec, layer=booking.opened)


def _at_market(order: Order, side: Side, lots: int, ledger: Ledger, reason: str) -> OrderSpec:
    """Return an exit at market that follows an order's newest execution; no rule is behind it."""
    return OrderSpec(
        order_id=f"{order.order_id}s{len(order.fills)}",
        symbol=order.spec.symbol,
        side=side,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=lots,
        role=Role.EXIT,
        reduce_only=True,
        created_bar=ledger.bar,
        created_at=order.fills[-1].ts,
        reason=reason,
        origin=Origin(offset=order.spec.origin.offset),
    )


def _beyond(side: Side, ledger: Ledger) -> int:
    """Return the lots of the open position beyond what all orders of its side were to open.

    Of two entries the later one may close what the first was to close: what that opens instead is what both wanted.
    """
    position, lots = ledger.position, 0
    if position is None:
        return 0
    for order in ledger.orders.values():
        if order.side is not side or not 0 <= position.number - order.counted_in <= 1:
            continue
        if order.counted_in == position.number:
            lots += _too_many(order, ledger)
        if order.spec.effect is Effect.OPEN:
            lots -= order.netted
    return max(0, lots)


def _too_many(order: Order, ledger: Ledger) -> int:
    """Return the lots an order has opened and was not to: an exit none.

    One that reduces opens in a ledger alone, where its execution is told late: another order has opened them.
    """
    if order.spec.effect is Effect.OPEN:
        return surplus(order, ledger)
    return order.opened if order.spec.reduce_only else 0
