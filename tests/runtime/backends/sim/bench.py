"""A small bench for the simulator: hand-made bars, orders placed by hand, fills read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from compiler.graph.rule_graph import AccountSettings, ExecutionSettings, Settings
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.commands import Command, SubmitOrder
from runtime.orders.events import Event, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import (
    Effect,
    Level,
    LevelKind,
    OrderSpec,
    OrderType,
    Role,
    Side,
)

MINUTE = 60_000
TEST = Instrument(
    symbol="TEST", tick=1.0, lot=1.0, min_lots=1, max_lots=10**9, max_market_lots=10**9,
    min_notional_usdt=0.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip

Row = tuple[float, float, float, float] | tuple[float, float, float, float, float]


def frame(rows: list[Row], volume: float = 1_000.0) -> Frame:
    """Return one-minute bars from (open, high, low, close[, volume])."""
    made = Frame("TEST", "1m", MINUTE)
    for index, row in enumerate(rows):
        made.append(index * MINUTE, *row[:4], row[4] if len(row) > 4 else volume)
    return made


def level(price: float) -> Level:
    return Level(LevelKind.LEVEL, price)


class Bench:
    """Runs bars through the simulator; orders are given before the bar they arrive on."""

    def __init__(
        self, rows: list[Row], *, execution: dict[str, Any] | None = None,
        account: dict[str, Any] | None = None, mark: Frame | None = None,
        funding: FundingSeries | None = None, fine: Frame | None = None,
    ) -> None:  # fmt: skip
        money: dict[str, Any] = {
            "starting_equity_usdt": 1_000_000.0, "slippage_bps": 0.0, "taker_bps": 0.0,
            "maker_bps": 0.0, "max_leverage": 1.0,
        }  # fmt: skip
        settings = Settings(
            account=AccountSettings(**(money | (account or {}))),
            execution=ExecutionSettings(**({"fill_model": "touch"} | (execution or {}))),
        )
        data = MarketData(exec=frame(rows), mark=mark, funding=funding, fine=fine)
        self.ledger = Ledger(TEST, settings)
        self.events: list[Event] = []
        self.exchange = SimulatedExchange(self.ledger, data, TEST, settings, self.emit)
        self.t = 0
        self._count = 0

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.ledger.apply(event)

    def place(self, side: str, kind: str, quantity: int, **more: Any) -> str:
        """Submit an order that arrives at the next bar's open; returns its id."""
        self._count += 1
        spec = OrderSpec(
            order_id=f"o{self._count}", symbol="TEST", side=Side(side),
            effect=more.pop("effect", Effect.OPEN), order_type=OrderType(kind), quantity=quantity,
            created_bar=self.t - 1,
        )  # fmt: skip
        if spec.effect is Effect.REDUCE:
            spec = replace(spec, role=Role.EXIT, reduce_only=True)
        spec = replace(spec, **more)
        self.emit(OrderSubmitted(spec=spec, bar=self.t - 1, ts=0))
        self.exchange.submit([SubmitOrder(spec=spec)])
        return spec.order_id

    def send(self, command: Command) -> None:
        self.exchange.submit([command])

    def bar(self, count: int = 1) -> Bench:
        """Live through the next bars."""
        for _ in range(count):
            self.exchange.step(self.t)
            self.t += 1
        return self

    @property
    def fills(self) -> list[tuple[str, int, float, int]]:
        """Return (order, lots, price, bar) of every execution."""
        return [
            (e.order_id, e.quantity, e.price, e.bar)
            for e in self.events
            if isinstance(e, OrderFilled)
        ]

    def status(self, order_id: str) -> tuple[str, str]:
        order = self.ledger.orders[order_id]
        return order.state, order.reason
