"""The first sentence of `ideacard robust` stands in every report, where it is cheap; no result is another for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.batch.machine_code import in_machine_code
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from tools import running
from tools.running import compile_for, run_program
from tools.search import first_step as step
from tools.search.first_step import first_step, mirrors_for
from tools.search.nulls import cards, null_market
from tools.search.robust import Asked, robust
from tools.search.timing import Timing, compare

BTC = instrument_for("BTCUSDT")
TEXT = cards()["stop and target"]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    in_machine_code()


def program(text: str = TEXT) -> Program:
    return compile_for(Source("first.card.yaml", text))


@pytest.fixture(scope="module")
def data() -> MarketData:
    return null_market("clustered volatility", 4, 900)


def test_it_is_the_sentence_of_robust_on_fewer_mirrors(data: MarketData) -> None:
    note = first_step(program(), data, BTC)
    whole = robust(program(), data, BTC, Asked(mirrors=99)).luck
    assert note is not None
    assert whole is not None
    luck = compare(whole.t, (Timing(value, 0.0, 1, 1.0) for value in whole.values), 20)
    assert f"On {luck.drawn} mirrored markets" in note.text
    assert f"this card did as well in {luck.as_well}: p = {luck.p:.3f}" in note.text


def test_page_and_terminal_say_it_and_the_result_is_the_same_without(
    data: MarketData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("first.card.yaml", TEXT)
    made = run_program(source, program(), data, tmp_path / "with", flip=False, instrument=BTC)
    assert "· Luck: On " in made.summary
    assert made.files.report is not None
    assert "<b>Luck</b>" in made.files.report.read_text(encoding="utf-8")
    monkeypatch.setattr(running, "_luck", lambda *_: ())
    bare = run_program(source, program(), data, tmp_path / "without", flip=False, instrument=BTC)
    assert "Luck" not in bare.summary
    assert made.files.result.read_bytes() == bare.files.result.read_bytes()


def test_what_a_mirror_lacks_is_named(data: MarketData) -> None:
    note = first_step(program(), replace(data, fine=data.exec), BTC)
    assert note is not None
    assert "Compared without finer bars" in note.text


def test_nothing_is_said_where_it_would_be_dear_or_cannot_be_known(
    data: MarketData, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = null_market("clustered volatility", 4, 150)
    assert first_step(program(), few, BTC) is None  # loading the kernel takes longer than the run
    never = TEXT.replace("crosses below 30", "< 0.001").replace("crosses above 70", "> 99.999")
    assert first_step(program(never), data, BTC) is None
    fine = f"{TEXT}execution: {{ intrabar: magnify, magnify_tf: 5m }}\n"
    assert first_step(program(fine), data, BTC) is None
    monkeypatch.setattr(step, "is_at_hand", lambda _bars: False)
    assert first_step(program(), data, BTC) is None


def test_how_many_are_drawn_hangs_on_the_bars_alone() -> None:
    assert [mirrors_for(bars) for bars in (800, 28_868, 100_000, 1_000_000)] == [99, 99, 30, 0]
