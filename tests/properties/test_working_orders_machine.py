"""Laws of the book of working orders, beside a plain list of them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.market.frame import Bar
from runtime.orders.book import PendingOrderBook
from runtime.orders.events import OrderAccepted, OrderAmended, OrderTriggered
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side

PRICES = st.integers(90, 110).map(float)
ROLES = st.sampled_from([Role.ENTRY, Role.ENTRY, Role.EXIT, Role.STOP_LOSS, Role.TAKE_PROFIT])


class BookMachine(RuleBasedStateMachine):
    """`self.orders` is the model: working orders in order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.book = PendingOrderBook()
        self.orders: list[Order] = []
        self.queue: list[Order] = []  # in order of time priority
        self.count = 0

    def to_the_end(self, order: Order) -> None:
        self.queue = [*(x for x in self.queue if x is not order), order]

    @rule(side=st.sampled_from(list(Side)), kind=st.sampled_from(list(OrderType)), role=ROLES,
          limit=PRICES, trigger=PRICES, ref=st.sampled_from([None, "r", "s"]),
          group=st.sampled_from([None, "g", "h"]))  # fmt: skip
    def placed(
        self, side: Side, kind: OrderType, role: Role, limit: float, trigger: float,
        ref: str | None, group: str | None,
    ) -> None:  # fmt: skip
        self.count += 1
        if role is Role.STOP_LOSS or (role is Role.TAKE_PROFIT and kind is not OrderType.LIMIT):
            kind = OrderType.STOP_MARKET
        is_limit = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        is_stop = kind in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
        spec = OrderSpec(
            order_id=f"o{self.count}", symbol="X", side=side, effect=Effect.OPEN, order_type=kind,
            quantity=10, role=role, order_ref=ref, order_group=group,
            limit_price=limit if is_limit else None, trigger_price=trigger if is_stop else None,
        )  # fmt: skip
        order = Order(spec)
        self.book.add_order(order)
        self.orders.append(order)
        self.to_the_end(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def ended(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders))
        assert self.book.remove(order.order_id) is order
        self.orders = [x for x in self.orders if x is not order]
        self.queue = [x for x in self.queue if x is not order]

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), price=PRICES)
    def amended(self, data: st.DataObject, price: float) -> None:
        order = data.draw(st.sampled_from(self.orders))
        before = self.waits_at(order)
        limit = price if order.limit_price is not None else None
        trigger = price if limit is None and order.trigger_price is not None else None
        order.apply(
            OrderAmended(
                order_id=order.order_id, bar=1, ts=1, limit_price=limit, trigger_price=trigger
            )
        )
        self.book.resort(order)
        if self.waits_at(order) != before:
            self.to_the_end(order)  # a changed price loses its place

    @precondition(lambda self: any(order.is_armed_stop for order in self.orders))
    @rule(data=st.data())
    def triggered(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([x for x in self.orders if x.is_armed_stop]))
        if order.spec.order_type is OrderType.STOP_MARKET and not order.is_target:
            return  # it fills and ends at once: it never rests triggered
        before = self.waits_at(order)
        order.apply(OrderTriggered(order_id=order.order_id, price=1.0, bar=1, ts=1))
        self.book.resort(order)
        if self.waits_at(order) != before:
            self.to_the_end(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def accepted(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders))
        order.apply(OrderAccepted(order_id=order.order_id, exchange_order_id="e", bar=1, ts=1))
        self.book.resort(order)

    @rule()
    def a_bar_closes(self) -> None:
        before = {order.order_id: order.bars_pending for order in self.orders}
        self.book.age_all()
        for order in self.orders:
            assert order.bars_pending == before[order.order_id] + order.is_accepted

    # ------------------------------------------------------------ laws

    def waits_at(self, order: Order) -> tuple[bool, float | None]:
        """Return whether an order waits as a stop, and its price."""
        armed = order.is_armed_stop and not order.is_target
        price = order.trigger_price if order.is_armed_stop else order.limit_price
        return armed, order.trigger_price if price is None else price

    def reached(self, order: Order, low: float, high: float) -> bool:
        """Return whether prices in [low, high] reach an order, by its meaning alone."""
        if order.spec.order_type is OrderType.MARKET:
            return False
        armed = order.is_armed_stop and not order.is_target
        price = order.trigger_price if order.is_armed_stop else order.limit_price
        if price is None:
            price = order.trigger_price
        assert price is not None
        falling = (order.side is Side.BUY) != armed
        return low <= price if falling else high >= price

    @invariant()
    def the_book_holds_the_working_orders_in_order_of_arrival(self) -> None:
        assert list(self.book) == self.orders
        assert len(self.book) == len(self.orders)
        priced = [x for x in self.queue if x.spec.order_type is not OrderType.MARKET]
        arrivals = [self.book.arrival(order.order_id) for order in priced]
        assert arrivals == sorted(set(arrivals))

    @invariant()
    def reaching_an_order_is_seen_at_once_and_best_first(self) -> None:
        for low, high in ((95.0, 105.0), (90.0, 90.0), (110.0, 110.0), (100.0, 101.0), (0.0, 1e9)):
            hit = [order for order in self.orders if self.reached(order, low, high)]
            assert self.book.could_fill(low, high) == bool(hit)
            found = self.book.get_fillable_orders(Bar(low, high, low, high, 1.0))
            assert sorted(x.order_id for x in found) == sorted(x.order_id for x in hit)
            assert len(found) == len(set(map(id, found)))

    @invariant()
    def sides_are_sorted_by_price_then_arrival(self) -> None:
        for side in (
            self.book.limit_buys, self.book.limit_sells, self.book.stop_buys, self.book.stop_sells,
        ):  # fmt: skip
            assert side == sorted(side)

    @invariant()
    def a_copy_keeps_every_place_in_line_and_shares_no_order(self) -> None:
        copy = self.book.clone()
        for order in self.orders:
            twin = copy.orders[order.order_id]
            assert twin is not order
            assert twin.snapshot() == order.snapshot()
            assert copy.arrival(order.order_id) == self.book.arrival(order.order_id)
        assert copy.limit_buys == self.book.limit_buys
        assert copy.stop_sells == self.book.stop_sells

    @invariant()
    def names_and_groups_lead_to_their_orders(self) -> None:
        for ref in ("r", "s"):
            named = [x for x in self.orders if x.spec.order_ref == ref and x.is_own]
            assert self.book.by_ref(ref) is (named[-1] if named else None)
        for group in ("g", "h"):
            members = [x for x in self.orders if x.spec.order_group == group]
            assert self.book.by_group(group) == members


TestWorkingOrders = BookMachine.TestCase
