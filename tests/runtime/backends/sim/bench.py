"""A small bench for the simulator: hand-made bars, orders placed by hand, fills read back."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from compiler.catalog.settings import Attached, FillModel, Intrabar, RestingGap
from compiler.graph.rule_graph import AccountSettings, ExecutionSettings, Settings
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import Event, FundingPaid, OrderFilled, OrderSubmitted, RequestSent
from runtime.orders.order_spec import (
    Effect,
    Level,
    LevelKind,
    OrderSpec,
    OrderType,
    Role,
    Side,
)
from runtime.testing.tape import Tape
from tests.strategies.words import worded

MINUTE = 60_000
TEST = Instrument(
    symbol="TEST", tick=1.0, lot=1.0, min_lots=1, max_lots=10**9, max_market_lots=10**9,
    min_notional_usdt=0.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip

Row = tuple[float, float, float, float] | tuple[float, float, float, float, float]


FINE = replace(TEST, tick=0.1, lot=0.1)


def frame(
    rows: Sequence[Row], volume: float = 1_000.0, at: Sequence[float] = (), minutes: float = 1
) -> Frame:
    """Return bars of some minutes from (open, high, low, close[, volume]).

    `at` says at which minute each opens; without it they follow one another.
    """
    interval = int(minutes * MINUTE)
    made = Frame("TEST", "1m", interval)
    for index, row in enumerate(rows):
        ts = int(at[index] * MINUTE) if at else index * interval
        made.append(ts, *row[:4], row[4] if len(row) > 4 else volume)
    return made


def fundings(*times: tuple[float, float]) -> FundingSeries:
    """Return funding times from (minute, rate)."""
    return FundingSeries(
        array("q", [int(minute * MINUTE) for minute, _ in times]),
        array("d", [rate for _, rate in times]),
    )


def level(price: float) -> Level:
    return Level(LevelKind.LEVEL, price)


def words(execution: dict[str, Any]) -> dict[str, Any]:
    """Return execution settings with the closed words as what they are."""
    kinds = {
        "fill_model": FillModel, "intrabar": Intrabar, "resting_gap": RestingGap,
        "attached": Attached,
    }  # fmt: skip
    return {k: kinds[k](v) if k in kinds else v for k, v in execution.items()}


class Bench:
    """Runs bars through the simulator; orders are given before the bar they arrive on."""

    def __init__(
        self, rows: Sequence[Row] | Frame, *, execution: dict[str, Any] | None = None,
        account: dict[str, Any] | None = None, mark: Frame | None = None,
        funding: FundingSeries | None = None, fine: Frame | None = None,
        instrument: Instrument = TEST,
    ) -> None:  # fmt: skip
        money: dict[str, Any] = {
            "starting_equity_usdt": 1_000_000.0, "slippage_bps": 0.0, "taker_bps": 0.0,
            "maker_bps": 0.0, "max_leverage": 1.0,
        }  # fmt: skip
        settings = Settings(
            account=AccountSettings(**(money | (account or {}))),
            execution=ExecutionSettings(**words({"fill_model": "touch"} | (execution or {}))),
        )
        bars = rows if isinstance(rows, Frame) else frame(rows)
        data = MarketData(exec=bars, mark=mark, funding=funding, fine=fine)
        self.ledger = Ledger(instrument, settings)
        self.events: list[Event] = []
        self.tape = Tape(self.ledger, bars)
        self.exchange = SimulatedExchange(self.ledger, data, instrument, settings, self.emit)
        self.t = 0
        self._count = 0

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.ledger.apply(event)
        self.tape.seen(event)

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
        spec = replace(spec, **worded(more))
        self.emit(OrderSubmitted(spec=spec, bar=self.t - 1, ts=0))
        self.exchange.submit([SubmitOrder(spec=spec)])
        return spec.order_id

    def send(self, command: Command) -> None:
        """Send a command that arrives at the next bar's open, announced as the engine does."""
        if isinstance(command, AmendOrder | CancelOrder):
            self.emit(RequestSent(asked=command, bar=self.t - 1, ts=0))
        self.exchange.submit([command])

    def bar(self, count: int = 1) -> Bench:
        """Live through the next bars; every execution is held to its bar."""
        for _ in range(count):
            self.exchange.step(self.t)
            assert list(self.tape.broken()) == []
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

    @property
    def told(self) -> list[tuple[str, float, float, str]]:
        """Return (order, base units, price, maker | taker) of every execution."""
        base = self.ledger.instrument.base
        return [
            (e.order_id, base(e.quantity), e.price, "maker" if e.is_maker else "taker")
            for e in self.events
            if isinstance(e, OrderFilled)
        ]

    @property
    def reasons(self) -> list[str]:
        """Return the reason of every execution."""
        return [e.reason for e in self.events if isinstance(e, OrderFilled)]

    @property
    def funding(self) -> list[tuple[float, float, float]]:
        """Return (minute, mark, amount to nine places) of every funding payment."""
        return [
            (e.ts / MINUTE, e.mark, round(e.amount, 9))
            for e in self.events
            if isinstance(e, FundingPaid)
        ]

    @property
    def held(self) -> int:
        """Return the position in lots, negative for a short."""
        position = self.ledger.position
        return 0 if position is None else position.side.sign * position.quantity

    def status(self, order_id: str) -> tuple[str, str]:
        order = self.ledger.orders[order_id]
        return order.state, order.reason
