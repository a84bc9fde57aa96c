"""Laws of the engine above a backend that may answer anything, at any time."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.account.ledger import Ledger
from runtime.backends.scripted import ScriptedBackend
from runtime.consequences import upkeep
from runtime.engine import Engine
from runtime.market.data import MarketData
from runtime.orders.commands import AmendOrder, CancelOrder, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    RequestEnded,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect
from runtime.rules.market_stage import MarketStage
from tests.strategies.runs import MINUTE, SMALL, Row, Run, card_text, frame

CARD = card_text(
    """
    - id: enter
      cases:
        - when: close > open and not order_pending(low)
          emit:
            - { action: place_limit_long, metadata: { price: close * 0.99, size_usdt: 100, stop_loss: close * 0.9, take_profit: close * 1.1, protect: layer, ttl_bars: 4, order_ref: low } }
        - when: close < open
          emit:
            - { action: place_stop_short, metadata: { trigger: close * 0.98, size_usdt: 100, order_ref: brk, order_group: g, oco: true } }
            - { action: entry_long, metadata: { size_usdt: 50, stop_loss: close * 0.88, order_ref: now } }
    - id: leave
      cases:
        - when: position_side == long and close > position_avg_entry
          emit:
            - { action: exit_long, metadata: { size: 50% of position } }
        - when: position_side == long and close > open
          emit:
            - { action: place_limit_exit_long, metadata: { price: close * 1.02, size_usdt: 60, order_ref: up, order_group: h, oco: true, on_partial: cancel } }
            - { action: place_limit_exit_long, metadata: { price: close * 1.04, size_usdt: 40, order_ref: far, order_group: h, oco: true, ttl_bars: 3 } }
        - when: position_side == long and close < 96
          emit:
            - { action: adjust_stop, metadata: { price: close * 0.93 } }
        - when: position_side == short
          emit: [exit_short]
    - id: tidy
      cases:
        - when: oldest_pending_age_bars > 2
          emit:
            - { action: cancel_order, metadata: { order_ref: low } }
        - when: order_pending(low) and close > open
          emit:
            - { action: amend_order, metadata: { order_ref: low, price: close * 0.985 } }
    """
)
ROWS = st.tuples(st.integers(95, 105), st.integers(0, 3), st.integers(0, 3), st.integers(95, 105))


class EngineMachine(RuleBasedStateMachine):
    """Bars close, the script answers; the engine must lose nothing and never raise."""

    def __init__(self) -> None:
        super().__init__()
        self.program = Run(CARD, []).program
        self.data = MarketData(exec=frame([]))
        self.ledger = Ledger(SMALL, self.program.graph.settings)
        self.market = MarketStage(self.program, self.data)
        self.engine = Engine(self.program, self.ledger, self.market, SMALL)
        self.events: list[Event] = []
        self.engine.listeners.append(self.events.append)
        self.backend = ScriptedBackend(self.react)
        self.fills: list[OrderFilled] = []

    @property
    def now(self) -> dict[str, Any]:
        return {"bar": self.ledger.bar + 1, "ts": (self.ledger.bar + 1) * MINUTE}

    @rule(row=ROWS)
    def a_bar_closes(self, row: tuple[int, int, int, int]) -> None:
        open_, up, down, close = row
        bar = len(self.data.exec)
        made: Row = (
            float(open_), float(max(open_, close) + up), float(min(open_, close) - down),
            float(close),
        )  # fmt: skip
        self.data.exec.append(bar * MINUTE, *made, 1e6)
        self.market.advance(bar + 1)
        self.told(BarClosed(bar=bar, ts=(bar + 1) * MINUTE, close=made[3], mark=made[3]))
        refused = len(self.engine.refusals)
        is_uncertain = any(order.uncertain for order in self.ledger.book)
        commands = self.engine.close_bar(bar)
        # Every intent became commands, or a refusal with a code.
        kept = [x for _, x in self.engine.outcomes if isinstance(x, list)]
        assert len(self.engine.outcomes) == len(kept) + len(self.engine.refusals) - refused
        assert sorted(map(repr, commands)) == sorted(repr(c) for x in kept for c in x)
        assert all(refusal.code for refusal in self.engine.refusals)
        entries = [c for c in commands if isinstance(c, SubmitOrder) and _opens(c)]
        assert not (is_uncertain and entries)  # no new risk until a query answers
        self.backend.submit(commands)

    def react(self, event: Event) -> None:
        """Take an event as a session does: what it demands is asked of the backend at once."""
        self.backend.submit(self.engine.react(event))

    @rule()
    def a_timer_fires(self) -> None:
        commands = list(upkeep(self.ledger, **self.now, again=True))
        self.backend.submit(self.engine.give(commands, **self.now))

    @precondition(lambda self: any(order.in_flight for order in self.ledger.book))
    @rule(data=st.data())
    def a_request_never_leaves(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from([x for x in self.ledger.book if x.in_flight]))
        request = data.draw(st.sampled_from(sorted(order.in_flight)))
        if request == "submit":
            if order.status is OrderStatus.PENDING:
                self.told(
                    OrderRejected(order_id=order.order_id, code="not_sent", text="", **self.now)
                )
        else:
            self.told(
                RequestEnded(
                    order_id=order.order_id, request=request, outcome="not_sent", **self.now
                )
            )

    def told(self, event: Event) -> None:
        self.backend.extend([event])
        assert self.backend.play() == 0

    @precondition(lambda self: len(self.ledger.book))
    @rule(data=st.data(), what=st.sampled_from(
        ["accept", "fill", "cancel", "expire", "reject", "uncertain", "refuse", "amend"]
    ), lots=st.integers(1, 2_000), price=st.integers(90, 110))  # fmt: skip
    def the_venue_speaks(self, data: st.DataObject, what: str, lots: int, price: int) -> None:
        order: Order = data.draw(st.sampled_from(list(self.ledger.book)))
        about: dict[str, Any] = {"order_id": order.order_id, **self.now}
        match what:
            case "accept":
                if not order.is_accepted and order.status is OrderStatus.PENDING:
                    self.told(OrderAccepted(exchange_order_id="e", **about))
            case "fill":
                fill = OrderFilled(
                    execution_id=f"x{len(self.fills)}", quantity=min(lots, order.remaining),
                    price=float(price), fee=0.01, is_maker=True, **about,
                )  # fmt: skip
                self.fills.append(fill)
                self.told(fill)
            case "cancel":
                self.told(OrderCancelled(reason="venue", **about))
            case "expire":
                self.told(OrderExpired(reason="ttl", **about))
            case "reject":
                if order.status is OrderStatus.PENDING:
                    self.told(OrderRejected(code="no_margin", text="", **about))
            case "uncertain":
                self.told(RequestUncertain(request="cancel", **about))
            case "refuse":
                self.told(RequestRefused(request="amend", code="unknown_ref", **about))
            case "amend":
                if order.is_accepted:
                    self.told(OrderAmended(quantity=order.filled + lots, **about))

    @precondition(lambda self: self.fills)
    @rule(data=st.data())
    def the_venue_repeats_itself(self, data: st.DataObject) -> None:
        before = self.ledger.state()
        self.told(data.draw(st.sampled_from(self.fills)))
        assert self.ledger.state() == before

    @precondition(lambda self: any(order.is_terminal for order in self.ledger.orders.values()))
    @rule(data=st.data(), price=st.integers(90, 110))
    def an_execution_comes_late(self, data: st.DataObject, price: int) -> None:
        ended = [x for x in self.ledger.orders.values() if x.is_terminal]
        order = data.draw(st.sampled_from(ended))
        fill = OrderFilled(
            order_id=order.order_id, execution_id=f"x{len(self.fills)}", quantity=1,
            price=float(price), fee=0.0, is_maker=False, **self.now,
        )  # fmt: skip
        self.fills.append(fill)
        state = order.state
        self.told(fill)
        assert order.state == state

    # ------------------------------------------------------------ laws

    @invariant()
    def no_order_is_lost(self) -> None:
        sent = [c.spec.order_id for c in self.backend.received if isinstance(c, SubmitOrder)]
        assert len(sent) == len(set(sent))
        assert set(sent) == set(self.ledger.orders)
        for order in self.ledger.orders.values():
            assert (order.order_id in self.ledger.book) == (not order.is_terminal)

    @invariant()
    def commands_name_orders_that_exist(self) -> None:
        for command in self.backend.received:
            if isinstance(command, AmendOrder | CancelOrder):
                assert command.order_id in self.ledger.orders

    @invariant()
    def what_is_on_its_way_is_not_asked_again(self) -> None:
        if self.ledger.bar >= 0:
            assert list(upkeep(self.ledger, **self.now)) == []

    @invariant()
    def a_stop_or_target_stands_once(self) -> None:
        scopes = [
            (order.spec.role, order.spec.layer)
            for order in self.ledger.book
            if order.spec.role in PROTECTIVE and order.leaving is None
        ]
        assert len(scopes) == len(set(scopes))

    @invariant()
    def a_name_is_not_placed_twice_while_it_works(self) -> None:
        for ref in ("low", "brk", "now", "up", "far"):
            named = [x for x in self.ledger.book if x.spec.order_ref == ref]
            working = [x for x in named if x.leaving is None]  # one on its way out may be followed
            assert len(working) <= 1

    @invariant()
    def every_execution_is_booked_once(self) -> None:
        booked = sum(len(order.executions) for order in self.ledger.orders.values())
        assert booked == len(self.fills)

    def teardown(self) -> None:
        """A second engine that is told the same ends in the same state, without deciding anything."""
        ledger = Ledger(SMALL, self.program.graph.settings)
        market = MarketStage(self.program, self.data)
        market.advance(len(self.data.exec))
        again = Engine(self.program, ledger, market, SMALL)
        for event in self.events:
            again.apply(event)
            if isinstance(event, BarClosed):
                again.observe(event.bar)
        assert ledger.state() == self.ledger.state()


def _opens(command: SubmitOrder) -> bool:
    return command.spec.effect is Effect.OPEN


TestEngine = EngineMachine.TestCase
