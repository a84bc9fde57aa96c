"""Laws of the money, under any events of any orders: late, twice, on both sides."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.account.ledger import Ledger
from runtime.account.margin import free_margin, opening, reserves, used_margin
from runtime.orders.events import (
    BarClosed,
    Event,
    FundingPaid,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
    ProtectionChanged,
)
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.runtime.backends.sim.bench import TEST, Bench, level

PRICES = st.integers(60, 140).map(float)
SETTINGS = Bench([(100, 100, 100, 100)], account={"max_leverage": 5.0}).ledger.settings


class AccountMachine(RuleBasedStateMachine):
    """The model is cash: what every execution and funding moved, and the lots that are left."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(TEST, SETTINGS)
        self.events: list[Event] = []
        self.start = Fraction(self.ledger.account.starting_equity)
        self.cash = Fraction(0)
        self.lots = 0
        self.seen: list[OrderFilled] = []
        self.count = 0
        self.bar = 0
        self.close = 100.0
        self.tell(BarClosed(bar=0, ts=0, close=100.0, mark=100.0))

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.ledger.apply(event)

    @rule(side=st.sampled_from(list(Side)), kind=st.sampled_from(["market", "limit"]),
          lots=st.integers(1, 30), price=PRICES, role=st.sampled_from([Role.ENTRY, Role.EXIT]))  # fmt: skip
    def submitted(self, side: Side, kind: str, lots: int, price: float, role: Role) -> None:
        self.count += 1
        spec = OrderSpec(
            order_id=f"o{self.count}", symbol="TEST", side=side, role=role,
            effect=Effect.OPEN if role is Role.ENTRY else Effect.REDUCE, order_type=OrderType(kind),
            quantity=lots, limit_price=price if kind == "limit" else None,
        )  # fmt: skip
        self.tell(OrderSubmitted(spec=spec, bar=self.bar, ts=self.bar))

    @precondition(lambda self: self.ledger.orders)
    @rule(data=st.data(), lots=st.integers(1, 20), price=PRICES, fee=st.integers(0, 8))
    def executed(self, data: st.DataObject, lots: int, price: float, fee: int) -> None:
        """Any order may report an execution, also one that has ended: the venue has the last word."""
        order = data.draw(st.sampled_from(list(self.ledger.orders.values())))
        if order.status is OrderStatus.FILLED:
            return
        event = OrderFilled(
            order_id=order.order_id, execution_id=f"x{len(self.seen)}", quantity=lots, price=price,
            fee=fee / 8, is_maker=False, bar=self.bar, ts=self.bar,
        )  # fmt: skip
        self.seen.append(event)
        self.tell(event)
        self.cash -= order.side.sign * lots * Fraction(price) + Fraction(fee, 8)
        self.lots += order.side.sign * lots

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def told_again(self, data: st.DataObject) -> None:
        self.tell(data.draw(st.sampled_from(self.seen)))

    @precondition(lambda self: len(self.ledger.book))
    @rule(data=st.data())
    def ended(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(list(self.ledger.book)))
        self.tell(OrderCancelled(order_id=order.order_id, reason="t", bar=self.bar, ts=self.bar))

    @precondition(lambda self: len(self.ledger.book))
    @rule(data=st.data())
    def accepted(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(list(self.ledger.book)))
        if not order.is_accepted and order.status is OrderStatus.PENDING:
            self.tell(
                OrderAccepted(
                    order_id=order.order_id, exchange_order_id="e", bar=self.bar, ts=self.bar
                )
            )

    @rule(amount=st.integers(-40, 40))
    def funded(self, amount: int) -> None:
        self.tell(
            FundingPaid(
                symbol="TEST", rate=0.001, mark=self.close, amount=amount / 8, bar=self.bar,
                ts=self.bar,
            )
        )  # fmt: skip
        self.cash -= Fraction(amount, 8)

    @rule(price=PRICES, stop=PRICES)
    def closed(self, price: float, stop: float) -> None:
        self.bar += 1
        self.close = price
        self.tell(BarClosed(bar=self.bar, ts=self.bar, close=price, mark=price))
        self.tell(
            ProtectionChanged(
                stop_loss=level(stop), take_profit=None, layer=None, bar=self.bar, ts=self.bar
            )
        )

    # ------------------------------------------------------------ laws

    @invariant()
    def equity_is_the_cash_that_moved_and_what_is_held(self) -> None:
        ledger = self.ledger
        exact = self.start + self.cash + self.lots * Fraction(self.close)
        assert abs(Fraction(ledger.equity) - exact) <= Fraction(1, 10**6)
        account = ledger.account
        parts = account.starting_equity + account.realized + ledger.unrealized
        assert abs(ledger.equity - (parts - account.fees - account.funding)) <= 1e-6

    @invariant()
    def the_position_is_the_signed_sum_of_fills(self) -> None:
        position = self.ledger.position
        assert self.lots == (0 if position is None else position.side.sign * position.quantity)
        assert position is None or all(layer.quantity > 0 for layer in position.layers)

    @invariant()
    def margin_is_what_the_side_needs_that_needs_more(self) -> None:
        ledger = self.ledger
        used = {Side.BUY: 0.0, Side.SELL: 0.0}
        if ledger.position is not None:
            used[ledger.position.side] = ledger.position_margin
        for order, reserved in reserves(ledger):
            assert reserved >= 0
            used[order.side] += reserved
        assert abs(used_margin(ledger) - max(used.values())) <= 1e-9
        for side in Side:
            free = ledger.account.balance - used[side]
            assert abs(free_margin(ledger, side) - free) <= 1e-9
        assert (ledger.position_margin > 0) == (ledger.position is not None)

    @invariant()
    def entries_open_what_they_are_to_fill_less_what_they_close(self) -> None:
        ledger = self.ledger
        position = ledger.position
        held = 0 if position is None else position.quantity
        against = [
            (order.remaining, opens)
            for order, opens in opening(ledger)
            if position is not None and order.side is not position.side
        ]
        assert all(0 <= opens <= left for left, opens in against)
        closed = sum(left - opens for left, opens in against)
        assert closed == min(held, sum(left for left, _ in against))

    @invariant()
    def a_copy_lives_its_own_life(self) -> None:
        before = self.ledger.state()
        copy = self.ledger.clone()
        assert copy.state() == before
        copy.apply(BarClosed(bar=99, ts=99, close=1.0, mark=1.0))
        for order in list(copy.book):
            copy.apply(OrderCancelled(order_id=order.order_id, reason="copy", bar=99, ts=99))
        assert self.ledger.state() == before

    def teardown(self) -> None:
        again = Ledger(TEST, SETTINGS)
        for event in self.events:
            again.apply(event)
        assert again.state() == self.ledger.state()


TestAccount = AccountMachine.TestCase
