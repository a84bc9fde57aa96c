"""Laws of an order's life, under any events: duplicated, out of order, late."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from runtime.errors import IllegalTransition
from runtime.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.lifecycle import (
    CANCELLABLE,
    TERMINAL,
    TRANSITIONS,
    TRIGGERS,
    OrderStatus,
    allowed,
    fire,
    machine,
)
from runtime.orders.order import Order, OrderEvent
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side


def new_order(quantity: int = 10) -> Order:
    return Order(
        OrderSpec(
            order_id="o", symbol="X", side=Side.BUY, effect=Effect.OPEN,
            order_type=OrderType.LIMIT, quantity=quantity, limit_price=100.0,
        )
    )  # fmt: skip


def fill(execution: str, lots: int, price: float = 100.0) -> OrderFilled:
    return OrderFilled(
        order_id="o", execution_id=execution, quantity=lots, price=price, fee=0.0, is_maker=True,
        bar=1, ts=1,
    )  # fmt: skip


class OrderMachine(RuleBasedStateMachine):
    """Any event may arrive at any time; what the table does not allow is refused and changes nothing."""

    executions = Bundle("executions")

    def __init__(self) -> None:
        super().__init__()
        self.order = new_order()
        self.booked: dict[str, tuple[int, float]] = {}
        self.ended: OrderStatus | None = None
        self.count = 0

    def send(self, event: OrderEvent, trigger: str) -> None:
        before = self.order.snapshot()
        legal = allowed(self.order.status, trigger)
        if legal:
            self.order.apply(event)
        else:
            with pytest.raises(IllegalTransition):
                self.order.apply(event)
            assert self.order.snapshot() == before

    @rule(target=executions, lots=st.integers(1, 6), price=st.integers(90, 110))
    def executed(self, lots: int, price: int) -> tuple[str, int, float]:
        self.count += 1
        execution = (f"x{self.count}", lots, float(price))
        self.deliver(execution)
        return execution

    @rule(execution=executions)
    def delivered_again(self, execution: tuple[str, int, float]) -> None:
        self.deliver(execution)

    def deliver(self, execution: tuple[str, int, float]) -> None:
        name, lots, price = execution
        fresh = self.order.apply(fill(name, lots, price))
        assert fresh == (name not in self.booked)
        self.booked.setdefault(name, (lots, price))

    @rule()
    def accepted(self) -> None:
        self.send(OrderAccepted(order_id="o", exchange_order_id="e", bar=1, ts=1), "accept")

    @rule()
    def triggered(self) -> None:
        self.send(OrderTriggered(order_id="o", price=1.0, bar=1, ts=1), "activate")

    @rule(quantity=st.integers(1, 20))
    def amended(self, quantity: int) -> None:
        self.send(OrderAmended(order_id="o", bar=1, ts=1, quantity=quantity), "amend")

    @rule()
    def cancelled(self) -> None:
        self.send(OrderCancelled(order_id="o", reason="user", bar=1, ts=1), "cancel")

    @rule()
    def expired(self) -> None:
        self.send(OrderExpired(order_id="o", reason="ttl", bar=1, ts=1), "expire")

    @rule()
    def rejected(self) -> None:
        self.send(OrderRejected(order_id="o", code="c", text="t", bar=1, ts=1), "reject")

    @rule()
    def uncertain(self) -> None:
        self.order.apply(RequestUncertain(order_id="o", request="cancel", bar=1, ts=1))
        assert self.order.uncertain

    @rule()
    def refused(self) -> None:
        state = self.order.state
        self.order.apply(RequestRefused(order_id="o", request="cancel", code="c", bar=1, ts=1))
        assert self.order.state == state
        assert not self.order.uncertain

    @invariant()
    def filled_is_the_sum_of_distinct_executions(self) -> None:
        assert self.order.filled == sum(lots for lots, _ in self.booked.values())
        value = sum(lots * price for lots, price in self.booked.values())
        assert abs(self.order.fill_value - value) < 1e-9

    @invariant()
    def filled_never_exceeds_ordered_unless_flagged(self) -> None:
        late = self.order.status in TERMINAL
        assert self.order.filled <= self.order.quantity or self.order.is_overfilled or late

    @invariant()
    def an_end_is_never_left(self) -> None:
        if self.ended is not None:
            assert self.order.status is self.ended
        elif self.order.is_terminal:
            self.ended = self.order.status

    @invariant()
    def average_price_lies_between_the_executions(self) -> None:
        if self.booked:
            prices = [price for _, price in self.booked.values()]
            average = self.order.avg_fill_price
            assert average is not None
            assert min(prices) - 1e-9 <= average <= max(prices) + 1e-9


TestOrderLife = OrderMachine.TestCase
assert settings.default is not None
TestOrderLife.settings = settings(
    max_examples=max(60, settings.default.max_examples), stateful_step_count=30
)


@pytest.mark.parametrize("status", sorted(TERMINAL))
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_terminal_order_refuses_every_trigger_but_a_late_fill(
    status: OrderStatus, trigger: str
) -> None:
    order = new_order()
    order.state = status.value
    may = trigger == "fill_late" and status is not OrderStatus.FILLED
    if may:
        fire(order, trigger)
        assert order.status is status
    else:
        with pytest.raises(IllegalTransition, match=f"`{trigger}` is not allowed"):
            fire(order, trigger)


def test_cancel_then_late_fill_is_booked_once() -> None:
    order = new_order()
    order.apply(OrderCancelled(order_id="o", reason="user", bar=1, ts=1))
    assert order.apply(fill("x1", 4))
    assert not order.apply(fill("x1", 4))
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, 4)


def test_the_machine_is_the_table_and_nothing_else() -> None:
    rows = {(r.trigger, r.source.value, r.target.value) for r in TRANSITIONS}
    built = {
        (name, t.source, t.dest)
        for name, event in machine().events.items()
        for transitions in event.transitions.values()
        for t in transitions
    }
    assert built == rows
    assert len(rows) == len(TRANSITIONS)
    sources = [(r.trigger, r.source) for r in TRANSITIONS]
    assert len(set(sources)) == len(sources), "one trigger leads from one status to one status"
    assert not TERMINAL & CANCELLABLE
    assert set(OrderStatus) == TERMINAL | CANCELLABLE
