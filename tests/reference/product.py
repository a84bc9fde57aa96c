"""The product on a script: its compiler, engine, ledger and simulator, nothing around them.

Law: the product is driven as a back-test drives it. A card says the commands (`card.py`); what is
read back are its own events and its own ledger.
"""

from __future__ import annotations

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.account.ledger import Ledger
from runtime.account.standing import trail_price
from runtime.backtest import market_stage, wire
from runtime.engine import Engine
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.market.instrument_table import tiers
from runtime.orders.events import (
    Event,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Role
from tests.reference.card import LAYERS, card
from tests.reference.script import Bar, Ohlc, Script
from tests.reference.seen import Account, Ended, Seen, Trade, joined

SYMBOL, TIMEFRAME, MINUTE = "TESTUSDT", "1h", 60_000
_MANY = 10**9
_ROLES = {
    Role.STOP_LOSS: "stop", Role.TAKE_PROFIT: "target", Role.LIQUIDATION: "liquidation"
}  # fmt: skip


def play(script: Script, layers: LAYERS) -> Seen:
    """Run the product. `layers[t]` as in `card.card`."""
    text = card(script, SYMBOL, TIMEFRAME, layers)
    program = compile_card(Source("script.yaml", text))
    data, instrument = _data(script), _instrument(script)
    engine, exchange = wire(program, data, instrument, market_stage(program, data))
    watch = _Watch(engine, float(script.instrument.tick))
    for bar in range(len(script.bars)):
        exchange.step(bar)
        watch.look(bar)
        exchange.submit(engine.close_bar(bar))
    return watch.seen()


class _Watch:
    """Writes down what the product does."""

    def __init__(self, engine: Engine, tick: float) -> None:
        self.engine, self.tick = engine, tick
        self.trades: list[Trade] = []
        self.ends: list[Ended] = []
        self.accounts: list[Account] = []
        engine.listeners.append(self.hear)

    @property
    def ledger(self) -> Ledger:
        return self.engine.ledger

    def hear(self, event: Event) -> None:
        match event:
            case OrderFilled():
                order = self.ledger.orders[event.order_id]
                self.trades.append(
                    Trade(
                        event.bar, self.who(order), order.side.value, event.quantity,
                        event.price / self.tick, event.is_maker,
                    )
                )  # fmt: skip
                if not order.remaining:
                    self.end(order, event.bar, "filled", "")
            case OrderCancelled():
                self.end(self.ledger.orders[event.order_id], event.bar, "cancelled", event.reason)
            case OrderExpired():
                self.end(self.ledger.orders[event.order_id], event.bar, "expired", event.reason)
            case OrderRejected():
                self.end(self.ledger.orders[event.order_id], event.bar, "refused", event.code)
            case _:
                pass

    def who(self, order: Order) -> str:
        role = _ROLES.get(order.spec.role)
        if role == "stop" and self.ledger.results.exit_reason == "trail":
            role = "trail"
        if role is None:
            return order.spec.order_ref or order.spec.reason
        parent = order.spec.parent_id
        owner: str | None = "position"
        if order.spec.layer is not None and parent is not None:
            owner = self.ledger.orders[parent].spec.order_ref
        return f"{role} of {owner}"

    def end(self, order: Order, bar: int, kind: str, reason: str) -> None:
        if order.is_own and order.spec.order_ref is not None:
            ref = order.spec.order_ref
            self.ends.append(Ended(bar, ref, kind, reason, order.filled))

    def look(self, bar: int) -> None:
        ledger, position = self.ledger, self.ledger.position
        self.accounts.append(
            Account(
                bar,
                0 if position is None else position.side.sign * position.quantity,
                ledger.account.balance,
                ledger.equity,
                None if position is None else position.avg_entry_price / self.tick,
                self.ticks(ledger.stop_price()),
                self.ticks(ledger.target_price()),
                self.ticks(trail_price(ledger)),
                tuple(
                    (
                        layer.order_ref or "",
                        layer.quantity,
                        layer.entry_price / self.tick,
                        self.ticks(ledger.stop_price(layer.layer_id)),
                        self.ticks(ledger.target_price(layer.layer_id)),
                    )
                    for layer in (() if position is None else position.layers)
                ),
                tuple(
                    sorted(
                        (order.spec.order_ref or "", order.remaining)
                        for order in ledger.book
                        if order.is_own
                    )
                ),
            )
        )

    def ticks(self, price: float | None) -> float | None:
        return None if price is None else price / self.tick

    def seen(self) -> Seen:
        refused = (
            Ended(r.bar, r.intent.order_ref or "position", "refused", r.code, 0)
            for r in self.engine.refusals
        )
        ends = [*self.ends, *refused]
        return Seen(joined(self.trades), tuple(ends), tuple(self.accounts))


# --- the market ----------------------------------------------------------------------------------


def _data(script: Script) -> MarketData:
    lot, instrument = float(script.instrument.lot), _instrument(script)

    def add(frame: Frame, ts: int, bar: Bar | Ohlc, volume: float) -> None:
        price = instrument.price_of
        frame.append(
            ts * MINUTE, price(bar.open), price(bar.high), price(bar.low), price(bar.close), volume
        )  # fmt: skip

    length = script.bar_length * MINUTE
    frame, mark = Frame(SYMBOL, TIMEFRAME, length), Frame(SYMBOL, TIMEFRAME, length)
    for bar in script.bars:
        add(frame, bar.ts, bar, (bar.volume or 0) * lot)
    for bar in sorted((*script.bars, *script.hole_marks), key=lambda bar: bar.ts):
        if bar.mark is not None:
            add(mark, bar.ts, bar.mark, 0.0)
    funding = FundingSeries()
    for paid in script.funding:
        funding.ts.append(paid.ts * MINUTE)
        funding.rate.append(float(paid.rate))
    return MarketData(
        exec=frame, mark=mark if len(mark) else None, funding=funding if len(funding.ts) else None
    )


def _instrument(script: Script) -> Instrument:
    facts = script.instrument
    rows = tuple((float(t.limit), float(t.maintenance), float(t.max_leverage)) for t in facts.tiers)
    return Instrument(
        symbol=SYMBOL, tick=float(facts.tick), lot=float(facts.lot), min_lots=facts.min_lots,
        max_lots=_MANY, max_market_lots=_MANY, min_notional_usdt=float(facts.min_notional),
        max_leverage=max(row[2] for row in rows), funding_interval_minutes=480, tiers=tiers(rows),
        as_of="2026-11-23",
    )  # fmt: skip
