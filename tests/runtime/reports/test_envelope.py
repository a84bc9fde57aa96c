"""The envelope holds every run of it, and names the orders that the runs do not agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compiler.catalog.settings import FillModel, Intrabar
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.reports.envelope import PATHS, Envelope, envelope, with_execution
from runtime.reports.metrics import metrics
from runtime.rules.market_stage import MarketStage
from tests.runtime.reports.browser import attribute, dump
from tests.strategies.runs import SMALL, at_bar, card_text, emit, flat, frame
from tools import running
from tools.commands.envelope import broken_promises
from tools.envelope_page import page
from tools.running import run_program

CARD = Path(__file__).resolve().parents[3] / "cards" / "gallery" / "pullback_ladder.yaml"
PROGRAM = compile_card(Source(CARD.name, CARD.read_text(encoding="utf-8")))
DATA = synthetic_market(SyntheticSpec(bars=2_500))
BTC = instrument_for("BTCUSDT")


@pytest.fixture(scope="module")
def made() -> Envelope:
    return envelope(PROGRAM, DATA, BTC)


def test_the_card_as_it_is_and_every_model_with_both_paths_are_members(made: Envelope) -> None:
    execution = PROGRAM.graph.settings.execution
    own, *others = [(m.fill_model, m.intrabar) for m in made.members]
    assert own == (execution.fill_model, execution.intrabar)
    assert others == [(model, path) for model in FillModel for path in PATHS]
    assert [m.is_cards for m in made.members] == [True] + [False] * len(others)


def test_the_run_as_the_card_says_lies_inside_whatever_is_chosen_bar_by_bar(made: Envelope) -> None:
    record = run_backtest(PROGRAM, DATA, BTC, flip=False)
    start = PROGRAM.graph.settings.account.starting_equity_usdt
    for name, value in metrics(record, DATA.exec, start).items():
        low, high = made.intervals[name].low, made.intervals[name].high
        if value is not None and low is not None and high is not None:
            assert low <= value <= high, name


def test_a_card_that_asks_for_one_of_the_paths_is_run_once_with_it() -> None:
    program = with_execution(PROGRAM, FillModel.TOUCH, Intrabar.ADVERSE)
    made = envelope(program, synthetic_market(SyntheticSpec(bars=300)), BTC)
    assert len(made.members) == len(FillModel) * len(PATHS)
    assert [(m.fill_model, m.intrabar) for m in made.members if m.is_cards] == [
        ("touch", "adverse")
    ]


def test_an_interval_holds_every_member_and_touches_two(made: Envelope) -> None:
    for name, interval in made.intervals.items():
        values = [v for m in made.members if (v := m.values[name]) is not None]
        assert interval.undefined == len(made.members) - len(values)
        if values:
            assert (interval.low, interval.high) == (min(values), max(values))


def test_the_page_of_an_envelope_fits_a_narrow_screen(made: Envelope, tmp_path: Path) -> None:
    place = tmp_path / "envelope.html"
    place.write_text(page("card", made, ("net_profit_usdt", "sharpe")), encoding="utf-8")
    width = "document.body.dataset.over = document.documentElement.scrollWidth - document.documentElement.clientWidth;"
    document = dump(place, script=width, window="500,900")
    assert int(attribute(document, "data-over") or 99) <= 0
    assert ">Net profit, USDT</td>" in document
    assert ">Sharpe ratio</td>" in document


def test_a_member_is_the_run_of_its_own_settings(made: Envelope) -> None:
    program = with_execution(PROGRAM, FillModel.CONSERVATIVE, Intrabar.ADVERSE)
    record = run_backtest(program, DATA, BTC, flip=False)
    start = program.graph.settings.account.starting_equity_usdt
    member = next(
        m for m in made.members if (m.fill_model, m.intrabar) == ("conservative", "adverse")
    )
    assert member.values == metrics(record, DATA.exec, start)


def test_deciders_are_the_orders_that_runs_fill_differently(made: Envelope) -> None:
    assert made.deciders
    for decider in made.deciders:
        assert (
            decider.spread > 0 or len(set(decider.fill_bars)) > 1 or len(set(decider.end_bars)) > 1
        )  # how much, or when
        assert all(0 <= share <= 1 for share in decider.filled)
    spreads = [d.spread for d in made.deciders]
    assert spreads == sorted(spreads, reverse=True)
    agreed = [
        key for key in made.members[0].orders
        if len({m.orders[key] for m in made.members if key in m.orders}) == 1
    ]  # fmt: skip
    assert len(agreed) + len(made.deciders) >= len(made.members[0].orders)


def test_the_worse_path_never_beats_the_better_one_on_the_same_single_bar_choice() -> None:
    # Chosen bar by bar from the same state, so over a whole run the order may still turn round;
    # with one contested bar it cannot.
    from tests.runtime.backends.sim.bench import Bench, level

    results = {}
    for path in PATHS:
        bench = Bench([(100, 100, 100, 100), (100, 110, 90, 101)], execution={"intrabar": path})
        bench.place("buy", "market", 5, stop_loss=level(95.0), take_profit=level(105.0))
        bench.bar(2)
        results[path] = bench.ledger.equity
    assert results["adverse"] < results["favourable"]


def test_the_market_stage_is_computed_once_for_a_run_its_page_and_an_envelope(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    build = MarketStage.__init__

    def counted(self: MarketStage, program: Program, data: MarketData, **how: Any) -> None:
        made.append(program)
        build(self, program, data, **how)

    monkeypatch.setattr(MarketStage, "__init__", counted)
    monkeypatch.setattr(running, "_luck", lambda *_: ())  # mirrors are other markets
    source = Source(CARD.name, CARD.read_text(encoding="utf-8"))
    data = synthetic_market(SyntheticSpec(bars=400))
    run_program(source, PROGRAM, data, tmp_path)
    assert len(made) == 1
    envelope(PROGRAM, data, BTC)
    assert len(made) == 2


def test_each_run_says_which_promise_it_broke() -> None:
    """A target that is only touched: who calls that filled is flat in time, the others hold on."""
    rows = [*flat(100, 3), (100.0, 101.0, 100.0, 100.0), *flat(100, 4)]
    text = card_text(
        at_bar(1, emit("entry_long", size="10 base", take_profit=101, take_profit_type="limit")),
        more="invariants: [{ flat_after_bars: 2 }]",
    )
    program = compile_card(Source("card.yaml", text))
    made = envelope(program, MarketData(exec=frame(rows, volume=100)), SMALL)
    broken = {(m.fill_model, m.intrabar): m.broken for m in made.members}
    late = {"flat_after_bars: 2": 1}
    assert all(
        told == ({} if model == FillModel.TOUCH else late) for (model, _), told in broken.items()
    )
    said = broken_promises(made)
    assert said[1] == "promises of the card were broken in 8 runs:"
    assert said[2] == "  through adverse: flat_after_bars: 2 (1×)"


def test_every_resting_order_of_a_run_is_known_by_itself_stops_and_targets_too(
    made: Envelope,
) -> None:
    record = run_backtest(PROGRAM, DATA, BTC, flip=False)
    own = made.members[0]
    resting = [
        o for o in record.orders
        if o.role in ("stop_loss", "take_profit")
        or (o.role in ("entry", "exit") and o.order_type != "market")
    ]  # fmt: skip
    assert len(own.orders) == len(resting)
    assert sum(f.share > 0 for f in own.orders.values()) == sum(o.filled > 0 for o in resting)
    assert {"stop_loss", "take_profit"} & {d.role for d in made.deciders}


def test_orders_that_some_runs_never_placed_are_counted(made: Envelope) -> None:
    sets = [set(m.orders) for m in made.members]
    assert made.placed_apart == len(set.union(*sets) - set.intersection(*sets))
