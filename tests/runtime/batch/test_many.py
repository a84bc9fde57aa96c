"""Many runs without reports come to what their records say."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch import account_run
from runtime.batch.account_run import Feed, Kernels, Memory, run_account
from runtime.batch.lower import lower
from runtime.batch.machine_code import InPython, in_machine_code
from runtime.batch.many import run_many
from runtime.batch.supported import reasons
from runtime.reports.measures import run_view
from tests.batch_equal.busy_cards import busy_card
from tests.strategies.made_cards import instrument, market

CARDS = [busy_card(seed) for seed in range(3, 9)]


@pytest.mark.parametrize("kernels", [InPython(), in_machine_code()], ids=["python", "native"])
def test_each_run_ends_as_its_record_does(kernels: Kernels) -> None:
    given, views = [], []
    for seed, text in enumerate(CARDS):
        program = compile_card(Source("card.yaml", text))
        data, facts = market(program.graph, seed, 150), instrument(program.graph)
        data.funding = None
        data.first = 10 * (seed % 2)
        assert not reasons(program, data)
        columns = market_stage(program, data)
        given.append((lower(program, facts), Feed.of(program, data, columns)))
        record = run_backtest(program, data, facts, market=columns, flip=False)
        start = program.graph.settings.account.starting_equity_usdt
        views.append(run_view(record, data.traded().exec, start))
    ends = run_many(given, kernels)
    assert list(ends.equity) == [view.equity[-1] for view in views]
    assert list(ends.drawdown) == [max(view.drawdowns) for view in views]
    assert list(ends.trades) == [len(view.closed) for view in views]
    assert list(ends.won) == [sum(t.net_pnl > 0 for t in view.closed) for view in views]
    assert list(ends.fills) == [len(view.record.fills) for view in views]
    assert list(ends.fees) == [view.record.fees_paid for view in views]
    assert ends.gains == pytest.approx(
        [sum(t.net_pnl for t in view.closed if t.net_pnl > 0) for view in views]
    )
    assert list(ends.bars_held) == [sum(t.bars_held for t in view.closed) for view in views]


def test_a_run_may_be_made_again_from_the_same_card() -> None:
    program = compile_card(Source("card.yaml", CARDS[0]))
    data, facts = market(program.graph, 5, 120), instrument(program.graph)
    feed = Feed.of(program, data, market_stage(program, data))
    card = lower(program, facts)
    once, again = run_many([(card, feed), (card, feed)], in_machine_code()).equity
    assert once == again


@pytest.mark.parametrize("least", [128, 1_000])
def test_a_run_in_the_room_of_another_leaves_what_one_in_its_own_does(
    least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars that only warm up are written by nobody, nor is what a table has room for."""
    monkeypatch.setattr(account_run, "_LEAST_ROOM", least)  # tables that grow, tables that do not
    memory, kernels = Memory(), in_machine_code()
    for seed, text in enumerate(CARDS):
        program = compile_card(Source("card.yaml", text))
        data, facts = market(program.graph, seed, 150), instrument(program.graph)
        data.first = 10 * (seed % 3)
        feed = Feed.of(program, data, market_stage(program, data))
        alone = run_account(lower(program, facts), feed, kernels)
        shared = run_account(lower(program, facts), feed, kernels, memory=memory)
        assert (shared.columns, shared.rows_z, shared.z) == (alone.columns, alone.rows_z, alone.z)
        assert shared.rows_f.tobytes() == alone.rows_f.tobytes()


def test_a_run_that_grows_keeps_what_it_wrote_in_the_room_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(account_run, "_LEAST_ROOM", 1)
    monkeypatch.setattr(account_run, "_BARS_PER_ROW", 10**6)
    program = compile_card(Source("card.yaml", CARDS[0]))
    data, facts = market(program.graph, 1, 1_500), instrument(program.graph)
    feed = Feed.of(program, data, market_stage(program, data))
    alone = run_account(lower(program, facts), feed, in_machine_code())
    memory = Memory()
    for _ in range(2):
        shared = run_account(lower(program, facts), feed, in_machine_code(), memory=memory)
        assert (shared.columns, shared.rows_z, shared.z) == (alone.columns, alone.rows_z, alone.z)
