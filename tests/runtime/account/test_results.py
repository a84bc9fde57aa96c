"""What a card reads of its trades: each from flat to flat, with its fees and its funding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.catalog.builtins import MOST_TRADES, OF_LAST_TRADES
from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.account.results import Results, _ended, in_units_of_risk
from runtime.account.trade_figures import figure
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.orders.events import Event
from runtime.rules.market_stage import MarketStage
from tests.strategies.made_cards import instrument, market, right_card


def test_r_is_per_unit_of_what_the_first_entry_risked() -> None:
    """Ten ordered with a stop 5 below, four filled: at 105 it is one R, whatever is filled."""
    first = Results(first_entry=100.0, initial_stop=95.0)
    assert in_units_of_risk(first, 1, 100.0, 105.0) == 1.0
    assert in_units_of_risk(first, 1, 102.0, 107.0) == 1.0
    assert in_units_of_risk(Results(first_entry=100.0, initial_stop=105.0), -1, 100.0, 95.0) == 1.0
    assert in_units_of_risk(Results(first_entry=100.0), 1, 100.0, 105.0) is None
    assert in_units_of_risk(Results(first_entry=100.0, initial_stop=100.0), 1, 100.0, 105.0) is None


@settings(max_examples=25)
@given(seed=st.integers(0, 2**40), bars=st.integers(20, 200))
def test_trades_and_the_open_one_add_up_to_the_balance(seed: int, bars: int) -> None:
    program = compile_card(Source("made.yaml", right_card(seed)))
    data, traded = market(program.graph, seed, bars), instrument(program.graph)
    stage = MarketStage(program, data)
    stage.advance(bars)
    ledger = Ledger(traded, program.graph.settings)
    engine = Engine(program, ledger, stage, traded)
    closed: list[float] = []

    def apply(event: Event) -> None:
        before = ledger.results.last_pnl
        engine.apply(event)
        after = ledger.results.last_pnl
        if after is not None and after is not before:
            closed.append(after)

    exchange = SimulatedExchange(ledger, data, traded, program.graph.settings, apply)
    for bar in range(bars):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
        account = ledger.account
        earned = account.realized - account.fees - account.funding
        assert math.isclose(sum(closed) + ledger.results.net, earned, abs_tol=1e-6)
        if ledger.position is None:
            assert ledger.results.net == 0.0
            assert ledger.results.first_entry is None
        row = list(closed)
        wins = 0
        while row and row.pop() > 0:
            wins += 1
        assert read(ledger, "win_streak") == wins
        for count in (1, 3, 7):
            _figures_are_of_the_last(ledger, closed, count)


def _figures_are_of_the_last(ledger: Ledger, closed: list[float], count: int) -> None:
    """By the list of all trades; several may have closed within one bar."""
    found = {name: read(ledger, name, str(count)) for name in OF_LAST_TRADES}
    if len(closed) < count:
        assert all(math.isnan(value) for value in found.values())
        return
    last = np.array(closed[-count:])
    won, lost = last[last > 0], last[last < 0]
    wanted = {
        "win_rate": len(won) / count,
        "avg_win": won.mean() if len(won) else math.nan,
        "avg_loss": -lost.mean() if len(lost) else math.nan,
        "avg_trade": last.mean(),
    }
    assert found == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def test_a_trade_of_nothing_is_neither_won_nor_lost() -> None:
    results = (5.0, 0.0, -2.0, 0.0)
    assert [figure(name, results, 4) for name in OF_LAST_TRADES] == [0.25, 5.0, 2.0, 0.75]
    assert figure("win_rate", results, 1) == 0.0
    assert math.isnan(figure("avg_win", results, 1))
    assert math.isnan(figure("avg_loss", results, 1))


def test_so_many_trades_are_remembered_as_a_card_may_ask_for() -> None:
    results = Results()
    for number in range(MOST_TRADES + 3):
        results = _ended(replace(results, net=float(number)), number)
    assert results.last_pnls == tuple(float(n) for n in range(3, MOST_TRADES + 3))
