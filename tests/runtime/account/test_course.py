"""What a card reads of the account's course, against the same said of a run's own events and bars."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.graph.rule_graph import LimitSettings, Settings
from compiler.pipeline import compile_card
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.orders.events import BalanceAdjusted, BarClosed, Event, OrderFilled
from runtime.orders.order_spec import OrderType
from runtime.records.recorder import Recorder
from runtime.rules.market_stage import MarketStage
from tests.runtime.account.told import Told
from tests.strategies.made_cards import instrument, market, right_card

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@settings(max_examples=25)
@given(seed=st.integers(0, 2**40), bars=st.integers(20, 200))
def test_the_course_is_what_the_bars_and_fills_of_a_run_say(seed: int, bars: int) -> None:
    program = compile_card(Source("made.yaml", right_card(seed)))
    data, traded = market(program.graph, seed, bars), instrument(program.graph)
    stage = MarketStage(program, data)
    stage.advance(bars)
    ledger = Ledger(traded, program.graph.settings)
    ledger.follow(data.exec.interval_ms)
    engine = Engine(program, ledger, stage, traded)
    fills: list[tuple[OrderFilled, int]] = []
    events: list[Event] = []
    trades: list[float] = []  # what each that has ended came to

    def hear(event: Event) -> None:
        events.append(event)
        newest = ledger.results.last_pnl
        if newest is not None and (not trades or newest is not trades[-1]):
            trades.append(newest)
        if isinstance(event, OrderFilled):
            fills.append((event, ledger.positions))

    engine.listeners.append(hear)
    exchange = SimulatedExchange(ledger, data, traded, program.graph.settings, engine.apply)
    starts = program.graph.settings.limits.day_starts * 60_000
    equity, opened, lost = [ledger.equity], [0], [0]  # before the first bar, then at each close
    for bar in range(bars):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
        equity.append(ledger.equity)
        opened.append(ledger.positions)
        lost.append(sum(pnl < 0 for pnl in trades))
        days = [(ts - starts) // DAY_MS for ts in data.exec.ts[: bar + 1]]
        first = days.index(days[-1])  # of the day; the lists have a place more
        assert read(ledger, "equity_peak") == max(equity)
        assert read(ledger, "pnl_today") == equity[-1] - equity[first]
        assert read(ledger, "trades_today") == opened[-1] - opened[first]
        assert read(ledger, "losses_today") == lost[-1] - lost[first]
        fallen = (max(equity) - equity[-1]) / max(equity) * 100
        assert math.isclose(read(ledger, "drawdown_pct"), fallen, abs_tol=1e-12)
        high, low = read(ledger, "position_high"), read(ledger, "position_low")
        if ledger.position is None:
            assert math.isnan(high)
            assert math.isnan(low)
            continue
        fill = next(event for event, number in fills if number == ledger.positions)
        is_whole = ledger.orders[fill.order_id].spec.order_type is OrderType.MARKET
        since = fill.bar if is_whole else fill.bar + 1
        within = [] if is_whole else [data.exec.close[fill.bar]]
        assert high == max(fill.price, *within, *data.exec.high[since : bar + 1], -1)
        assert low == min(fill.price, *within, *data.exec.low[since : bar + 1], math.inf)
    again = Ledger(traded, program.graph.settings)
    again.follow(data.exec.interval_ms)
    for event in events:
        again.apply(event)
    assert again.course == ledger.course


@settings(max_examples=15)
@given(seed=st.integers(0, 2**40))
def test_a_trade_in_r_is_what_the_list_of_trades_says(seed: int) -> None:
    """For trades whose first fill brought their stop; one that came later was not planned."""
    program = compile_card(Source("made.yaml", right_card(seed)))
    data, traded = market(program.graph, seed, 200), instrument(program.graph)
    stage = MarketStage(program, data)
    stage.advance(200)
    ledger = Ledger(traded, program.graph.settings)
    engine = Engine(program, ledger, stage, traded)
    recorder = Recorder(ledger, data.exec, lambda bar: exchange.paths_of(bar))
    engine.listeners.append(recorder)
    found: list[float] = []

    def apply(event: Event) -> None:
        before = ledger.results
        engine.apply(event)
        if ledger.results.last_pnl is not before.last_pnl:
            found.append(read(ledger, "last_trade_r") if before.risk else math.nan)

    exchange = SimulatedExchange(ledger, data, traded, program.graph.settings, apply)
    for bar in range(200):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
    rows = recorder.finish(engine.refusals, engine.cuts).trades
    for ours, trade in zip(found, [t for t in rows if not t.is_open], strict=True):
        if not math.isnan(ours):
            assert trade.initial_risk_usdt
            assert math.isclose(ours, trade.net_pnl / trade.initial_risk_usdt, abs_tol=1e-9)


def close(told: Told, price: float, hours: int, **more: Any) -> None:
    bar = told.bar
    told.tell(BarClosed(bar=bar, ts=hours * HOUR_MS, close=price, mark=price, **more))
    told.bar += 1


def test_money_put_in_or_taken_out_is_neither_profit_nor_drawdown() -> None:
    told = Told()
    told.ledger.follow(HOUR_MS)
    close(told, 100.0, 1)
    start = told.ledger.equity
    for amount in (-4_000.0, 1_500.0):
        told.tell(BalanceAdjusted(amount=amount, why="t", transfer_id=str(amount), bar=0, ts=0))
    close(told, 100.0, 2)
    assert read(told.ledger, "equity_peak") == start - 2_500
    assert read(told.ledger, "pnl_today") == 0.0
    assert read(told.ledger, "drawdown_pct") == 0.0


def test_a_bar_belongs_to_the_day_of_its_open() -> None:
    """The bar that closes at midnight is the last of its day: what it opened is not of the next."""
    told = Told()
    told.ledger.follow(HOUR_MS)
    close(told, 100.0, 23)
    told.place("a", "buy", 10)
    told.fill("a", 10, 100.0)
    close(told, 101.0, 24)
    assert read(told.ledger, "trades_today") == 1
    close(told, 101.0, 25)
    assert read(told.ledger, "trades_today") == 0
    assert read(told.ledger, "pnl_today") == 0.0


def test_a_day_may_begin_at_another_minute() -> None:
    told = Told()
    told.ledger.settings = Settings(limits=LimitSettings(day_starts=90))
    told.ledger.follow(HOUR_MS)
    close(told, 100.0, 1)
    told.place("a", "buy", 10)
    told.fill("a", 10, 100.0)
    close(told, 100.0, 2)  # opens at 01:00, before 01:30
    assert read(told.ledger, "trades_today") == 1
    close(told, 100.0, 3)
    assert read(told.ledger, "trades_today") == 0
