"""Orders that nobody here asked for: by hand, by another program, or made by the venue.

The law: they are taken in so that what they fill is booked, and never touched. Their id is the venue's.
"""

from __future__ import annotations

from collections.abc import Sequence

from runtime.account.ledger import Ledger
from runtime.backends.base import LOST_ORDER, Loudness, Notice
from runtime.backends.bybit.messages import Execution, OrderUpdate, PositionUpdate
from runtime.backends.bybit.names import LinkNames, is_of_panic, run_of
from runtime.backends.bybit.vocabulary import DELEVERAGING, ExecutionKind
from runtime.orders.events import Event, OrderAccepted, OrderAmended, OrderFilled, OrderSubmitted
from runtime.orders.naming import Naming
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Level, OrderSpec, OrderType, Role, Side

_TAKEN_AWAY = ("liquidation", "adl")
_REASONS = {Role.STOP_LOSS: "stop_loss", Role.TAKE_PROFIT: "take_profit"}


def is_ours(spec: OrderSpec) -> bool:
    """Return whether an order is known to the venue by a link id of ours."""
    return spec.role not in (Role.OUTSIDE, Role.LIQUIDATION)


def of_row(row: OrderUpdate) -> OrderSpec:
    """Return an order from outside as its row describes it."""
    role, reason = _role(row.role, None, row.made_by)
    return OrderSpec(
        order_id=row.exchange_order_id,
        symbol=row.symbol,
        side=row.side,
        effect=Effect.REDUCE if row.reduce_only or reason in _TAKEN_AWAY else Effect.OPEN,
        order_type=row.order_type,
        quantity=row.quantity,
        role=role,
        limit_price=row.limit_price,
        trigger_price=row.trigger_price,
        time_in_force=row.time_in_force,
        post_only=row.post_only,
        reduce_only=row.reduce_only,
        parent_id=row.parent_order_id or None,
        created_at=row.created_at,
        reason=reason,
    )


def of_execution(row: Execution) -> OrderSpec:
    """Return an order from outside of which only an execution is known so far."""
    role, reason = _role(row.role, row.kind, row.made_by)
    return OrderSpec(
        order_id=row.exchange_order_id,
        symbol=row.symbol,
        side=row.side,
        effect=Effect.REDUCE if row.closed or reason in _TAKEN_AWAY else Effect.OPEN,
        order_type=OrderType.MARKET,
        quantity=max(row.quantity, row.order_quantity or 0),
        role=role,
        created_at=row.ts,
        reason=reason,
    )


def introduction(spec: OrderSpec, link: str, names: LinkNames, naming: Naming, ts: int) -> Notice:
    """Return what a person is told of an order nobody here asked for, and how loud.

    A name of this run from a process that its journal does not know is another run's: one with a copy of it.
    """
    order_id, run = names.order_id(link), run_of(link)
    is_ours_by_name = order_id is not None and (run is None or naming.is_known(order_id))
    if spec.role is Role.LIQUIDATION:
        kind, loudness = "liquidated", Loudness.HALT
    elif is_of_panic(link):
        # Its mark is a file of one user on one machine; its order is seen by all.
        kind, loudness = "panic", Loudness.HALT
    elif is_ours_by_name:
        kind, loudness = LOST_ORDER, Loudness.HALT if names.prefix else Loudness.ALARM
    elif run is not None:
        kind, loudness = "foreign_run", Loudness.HALT
    else:
        kind, loudness = "outside_order", Loudness.ALARM
    named = f", named {link}" if link else ""
    text = f"{spec.side.value} {spec.quantity} lots ({spec.reason}), id {spec.order_id}{named}"
    return Notice(kind=kind, loudness=loudness, text=text, ts=ts)


def news(order: Order, row: OrderUpdate, bar: int) -> OrderAmended | None:
    """Return what a row changes of an order's quantity, limit and trigger, None where all are alike.

    A stop at market that the market had passed leaves with a limit as its bound: that is no limit of the order. Stop and
    target of a change come with what of it the venue has: they are in no row.
    """
    is_at_market = order.spec.order_type is OrderType.STOP_MARKET
    quantity = None if row.quantity == order.quantity else row.quantity
    limit = None if is_at_market or row.limit_price == order.limit_price else row.limit_price
    trigger = None if row.trigger_price == order.trigger_price else row.trigger_price
    stop, target = _levels_done(order, row)
    if all(one is None for one in (quantity, limit, trigger, stop, target)):
        return None
    return OrderAmended(
        order_id=order.order_id, bar=bar, ts=row.updated_at, quantity=quantity, limit_price=limit,
        trigger_price=trigger, stop_loss=stop, take_profit=target,
    )  # fmt: skip


def _levels_done(order: Order, row: OrderUpdate) -> tuple[Level | None, Level | None]:
    """Return stop and target of the change that is on its way, where the venue has the rest of it."""
    asked = order.amending
    if (
        asked is None
        or asked.quantity not in (None, row.quantity)
        or asked.limit_price not in (None, row.limit_price)
        or asked.trigger_price not in (None, row.trigger_price)
    ):
        return None, None
    return asked.stop_loss, asked.take_profit


def changed(order: Order, row: OrderUpdate) -> str:
    """Return what a person is told of an order of ours that the venue has changed unasked."""
    return (
        f"{order.order_id} works with {row.quantity} lots at {row.limit_price}/{row.trigger_price}, "
        f"asked were {order.quantity} at {order.limit_price}/{order.trigger_price}"
    )


def adopted(
    ledger: Ledger, lots: int, positions: Sequence[PositionUpdate], ts: int
) -> tuple[OrderSpec, float]:
    """Return an order whose execution makes the ledger hold what the venue does, and its price.

    `lots`: how many the venue holds more (signed). Where that adds, the price is the one that gives the
    ledger the venue's average entry; where it takes away nobody knows at what price: the mark stands in.
    """
    held = ledger.position
    had = 0 if held is None else held.side.sign * held.quantity
    row = next((one for one in positions if not one.position_index), None)
    entry = None if row is None else row.average_price
    mark = (None if row is None else row.mark_price) or ledger.close
    price = mark if entry is None else entry
    if held is not None and had * lots > 0 and entry is not None:
        total = entry * (abs(had) + abs(lots)) - held.avg_entry_price * abs(had)
        price = total / abs(lots) if total > 0 else entry
    elif had * lots < 0 and abs(lots) <= abs(had):
        price = mark
    spec = OrderSpec(
        order_id=f"adopted-{ts}",
        symbol=ledger.instrument.symbol,
        side=Side.BUY if lots > 0 else Side.SELL,
        effect=Effect.REDUCE if had * lots < 0 and abs(lots) <= abs(had) else Effect.OPEN,
        order_type=OrderType.MARKET,
        quantity=abs(lots),
        role=Role.OUTSIDE,
        created_at=ts,
        reason="adopted",
    )
    return spec, price


def adoption(spec: OrderSpec, price: float, bar: int, ts: int) -> tuple[Event, ...]:
    """Return the life of an adopted order: there, and filled at once."""
    order_id = spec.order_id
    return (
        OrderSubmitted(spec=spec, bar=bar, ts=ts),
        OrderAccepted(order_id=order_id, exchange_order_id=order_id, bar=bar, ts=ts),
        OrderFilled(
            order_id=order_id, execution_id=order_id, quantity=spec.quantity, price=price,
            fee=0.0, is_maker=False, bar=bar, ts=ts, reason=spec.reason,
        ),
    )  # fmt: skip


def _role(told: Role | None, kind: ExecutionKind | None, made_by: str) -> tuple[Role, str]:
    if kind is ExecutionKind.DELEVERAGED or made_by == DELEVERAGING:
        return Role.OUTSIDE, "adl"
    if told is Role.LIQUIDATION or kind is ExecutionKind.LIQUIDATION:
        return Role.LIQUIDATION, "liquidation"
    return Role.OUTSIDE, _REASONS.get(told, "by_hand") if told is not None else "by_hand"
