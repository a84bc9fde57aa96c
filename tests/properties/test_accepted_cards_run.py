"""A card that `check` accepts compiles and runs on any bars, and what it leaves behind adds up."""

from __future__ import annotations

import signal
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backtest import run_backtest
from runtime.batch.machine_code import InPython
from runtime.records.rows import RunRecord
from tests.accepted import __main__ as accepted
from tests.accepted.lived import Stretch, broken_by
from tests.strategies.made_cards import instrument, market, odd_card, right_card
from tools.made_inputs.told import told_card

SEEDS = st.integers(0, 2**40)
BARS = st.integers(1, 400)


def lived(text: str, seed: int, bars: int) -> RunRecord:
    """Compile a card and run it; report the first law that its record breaks."""
    source = Source("made.yaml", text)
    program = compile_card(source)
    graph = program.graph
    record = run_backtest(program, market(graph, seed, bars), instrument(graph), source=source)
    assert broken_by(record, graph.settings.account.starting_equity_usdt) == [], text
    return record


@given(SEEDS, BARS)
def test_every_right_card_runs_on_any_bars(seed: int, bars: int) -> None:
    text = right_card(seed)
    assert not check(Source("made.yaml", text)).has_errors
    lived(text, seed, bars)


@given(SEEDS, BARS)
def test_every_odd_card_that_is_accepted_runs_on_any_bars(seed: int, bars: int) -> None:
    lived(odd_card(seed), seed, bars)


@given(SEEDS, BARS)
def test_every_card_of_the_references_examples_that_is_accepted_runs_on_any_bars(
    seed: int, bars: int
) -> None:
    text = told_card(Random(seed), symbol="TESTUSDT")
    assume(not check(Source("made.yaml", text), lints=False).has_errors)
    lived(text, seed, bars)


def test_a_stretch_of_made_up_inputs_runs_by_both_engines() -> None:
    stretch = Stretch()
    texts = [stretch.live(1, index, InPython(), most_bars=60) for index in range(12)]
    assert stretch.found == []
    assert 0 < stretch.by_kernel <= stretch.runs == sum(map(bool, texts)) < stretch.made == 12


def test_what_a_stretch_finds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("tests.accepted.lived.run_backtest", broken)
    stretch = Stretch()
    texts = [stretch.live(1, index, None) for index in range(6)]
    assert len(stretch.found) == sum(map(bool, texts)) > 0
    assert all("ZeroDivisionError: oh" in found for found in stretch.found)


def test_a_run_that_is_stopped_tells_what_it_came_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(stretch: Stretch, _seed: int, index: int, *_: object, **__: object) -> str:
        stretch.made += 1
        if index == 3:
            raise KeyboardInterrupt
        return "name: x"

    monkeypatch.setattr(Stretch, "live", stopped)
    monkeypatch.setattr("sys.argv", ["accepted", "1", "0", "100", "plain"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert accepted.main() == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr().out
    assert "4 inputs" in said
    assert "in no accepted card: and, or" in said.replace("\n", " ") or "rearm" in said
    assert said.endswith("0 found\n")


def test_at_least_half_of_the_made_up_cards_place_an_order() -> None:
    records = [lived(right_card(seed), seed, 400) for seed in range(60)]
    assert sum(bool(record.orders) for record in records) >= 30
    assert sum(bool(record.fills) for record in records) >= 30


def test_the_same_card_on_the_same_bars_leaves_the_same_record() -> None:
    for seed in range(10):
        assert lived(right_card(seed), seed, 200) == lived(right_card(seed), seed, 200)
