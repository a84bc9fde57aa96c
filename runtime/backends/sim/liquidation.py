"""Liquidation: when mark reaches the venue's price, the position and its margin are gone.

INVARIANT: a position never loses more than its margin and the fee to close, funding aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.formulas.margin import closing_fee
from runtime.orders.events import OrderAccepted, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderSpec, OrderType, Role, Side

if TYPE_CHECKING:
    from runtime.account.ledger import Ledger
    from runtime.backends.sim.walk import Walk

_REASON = "liquidation"


def liquidation_mark(ledger: Ledger) -> float | None:
    """Return the mark price that liquidates the open position, None when no price can."""
    return ledger.liquidation_mark


def liquidation_level(walk: Walk, end: float) -> float | None:
    """Return the last price at which mark reaches the liquidation price on the way to `end`.

    Mark and last differ by the shift of the bar's extremes.
    """
    position, level = walk.ledger.position, liquidation_mark(walk.ledger)
    if position is None or level is None:
        return None
    if position.side is Side.BUY:
        level -= walk.low_shift
        return walk.price if walk.price <= level else level if end <= level else None
    level -= walk.high_shift
    return walk.price if walk.price >= level else level if end >= level else None


def bankruptcy(ledger: Ledger) -> float:
    """Return the price at which the margin of the open position is used up."""
    return ledger.bankruptcy_price


def bounded(ledger: Ledger, side: Side, price: float) -> float:
    """Return the price of a market execution that closes, no worse than bankruptcy.

    VENUE: beyond that price the position belongs to the venue, and its fund bears the rest.
    """
    position = ledger.position
    if position is None or position.side is side:
        return price
    worst = bankruptcy(ledger)
    return max(price, worst) if position.side is Side.BUY else min(price, worst)


def take_over(walk: Walk) -> None:
    """The venue takes the position over at its bankruptcy price: the margin is lost, no more.

    VENUE: it also cancels the symbol's working orders; what arrives later meets no position.
    """
    position = walk.ledger.position
    assert position is not None
    for order in list(walk.ledger.book):
        if order.spec.role not in PROTECTIVE and order.is_accepted:
            walk.cancel(order, _REASON)
    spec = OrderSpec(
        order_id=walk.ledger.made_id(),
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=position.quantity,
        role=Role.LIQUIDATION,
        reduce_only=True,
        created_bar=walk.bar_index,
        created_at=walk.now,
        reason=_REASON,
    )
    order_id, bar, ts = spec.order_id, walk.bar_index, walk.now
    ledger = walk.ledger
    fee = closing_fee(
        position.side.sign, position.total_size_usdt, ledger.leverage, ledger.taker_rate
    )
    walk.emit(OrderSubmitted(spec=spec, bar=bar, ts=ts))
    walk.emit(OrderAccepted(order_id=order_id, exchange_order_id=order_id, bar=bar, ts=ts))
    walk.tell(
        OrderFilled(
            order_id=order_id,
            execution_id=walk.numbering.execution(),
            quantity=spec.quantity,
            price=bankruptcy(ledger),
            fee=fee,
            is_maker=False,
            bar=bar,
            ts=ts,
            path=walk.at,
            reason=_REASON,
        )
    )
