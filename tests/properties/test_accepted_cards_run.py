"""A card that `check` accepts compiles and runs on any bars, and what it leaves behind adds up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compiler.catalog.limits import Limit
from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backtest import run_backtest
from runtime.decide.refusals import REFUSALS
from runtime.records.rows import RunRecord
from tests.strategies.made_cards import broken_laws, instrument, market, odd_card, right_card

SEEDS = st.integers(0, 2**40)
BARS = st.integers(1, 400)


def lived(text: str, seed: int, bars: int) -> RunRecord:
    """Compile a card and run it; report the first law that its record breaks."""
    source = Source("made.yaml", text)
    program = compile_card(source)
    graph = program.graph
    record = run_backtest(program, market(graph, seed, bars), instrument(graph), source=source)
    assert broken_laws(record, graph.settings.account.starting_equity_usdt) == [], text
    codes = {row.code for row in record.refusals if not row.code.startswith("invariant:")}
    assert codes <= {*REFUSALS, *(f"limit:{limit}" for limit in Limit)}
    return record


@given(SEEDS, BARS)
def test_every_right_card_runs_on_any_bars(seed: int, bars: int) -> None:
    text = right_card(seed)
    assert not check(Source("made.yaml", text)).has_errors
    lived(text, seed, bars)


@given(SEEDS, BARS)
def test_every_odd_card_that_is_accepted_runs_on_any_bars(seed: int, bars: int) -> None:
    lived(odd_card(seed), seed, bars)


def test_at_least_half_of_the_made_up_cards_place_an_order() -> None:
    records = [lived(right_card(seed), seed, 400) for seed in range(60)]
    assert sum(bool(record.orders) for record in records) >= 30
    assert sum(bool(record.fills) for record in records) >= 30


def test_the_same_card_on_the_same_bars_leaves_the_same_record() -> None:
    for seed in range(10):
        assert lived(right_card(seed), seed, 200) == lived(right_card(seed), seed, 200)
