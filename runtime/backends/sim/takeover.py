"""The venue takes a position over: everything that works is cancelled, then the margin is lost.

The law: nothing of the symbol outlives it, not even what is on its way; the position goes whole and at
its bankruptcy price. VENUE: above the lowest tier it would reduce by tiers first; this is stricter.
"""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.backends.sim.scene import Scene
from runtime.backends.sim.teller import Teller, ended
from runtime.formulas.margin import closing_fee
from runtime.orders.commands import CancelOrder
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role

REASON = "liquidation"


def take_over(scene: Scene, teller: Teller) -> None:
    """Liquidate the open position where price stands; the fee is a taker's at the bankruptcy price."""
    ledger, position = scene.ledger, scene.ledger.position
    assert position is not None
    price = ledger.bankruptcy_price
    fee = closing_fee(
        position.side.sign, position.total_size_usdt, ledger.leverage, ledger.taker_rate
    )
    for order in list(ledger.book):
        command = CancelOrder(order_id=order.order_id, reason=REASON)
        teller.emit(ended(command, scene.bar_index, scene.now))  # together: none asks for another
    order = teller.accept(whole_close(ledger, Role.LIQUIDATION, REASON, scene.bar_index, scene.now))
    teller.tell(
        OrderFilled(
            order_id=order.order_id,
            execution_id=scene.numbering.execution(),
            quantity=order.quantity,
            price=price,
            fee=fee,
            is_maker=False,
            bar=scene.bar_index,
            ts=scene.now,
            path=scene.along,
            reason=REASON,
        )
    )


def whole_close(ledger: Ledger, role: Role, reason: str, bar: int, ts: int) -> OrderSpec:
    """Return the order that takes the whole position at market, by no wish of the card."""
    position = ledger.position
    assert position is not None
    return OrderSpec(
        order_id=ledger.made_id(),
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=position.quantity,
        role=role,
        reduce_only=True,
        created_bar=bar,
        created_at=ts,
        reason=reason,
    )
