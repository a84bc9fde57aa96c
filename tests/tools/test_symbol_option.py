"""`--symbol` moves a card in every command that runs it, as it does in a back-test."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from tests.tools.cli import run
from tools.cards import read_source
from tools.feeds import Feeds
from tools.running import compile_on

ROOT = Path(__file__).resolve().parents[2]
EMA = ROOT / "cards" / "gallery" / "ema_cross.yaml"
Capture = pytest.CaptureFixture[str]


def test_a_card_is_compiled_on_the_symbol_that_was_asked_for() -> None:
    source = read_source(EMA)
    assert compile_on(source, (), Feeds()).graph.symbols[0] == "BTCUSDT"
    moved = compile_on(source, (), Feeds(symbol="ETHUSDT")).graph
    assert moved.symbols == ("ETHUSDT",)


def test_the_read_back_tells_the_symbol_that_was_asked_for(capsys: Capture) -> None:
    ran = run(capsys, ["explain", str(EMA), "--symbol", "ETHUSDT"])
    assert ran.code == 0
    assert "ETHUSDT" in ran.out
    assert "BTCUSDT" not in ran.out


@pytest.mark.parametrize("command", ["envelope", "explain --why-not enter", "check"])
def test_every_command_that_runs_a_card_runs_it_on_that_symbol(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, ["data", "synth", "--symbol", "ETHUSDT", "--bars", "400"]).code == 0
    name, *more = command.split()
    ran = run(capsys, [name, str(EMA), "--data", "data", "--symbol", "ETHUSDT", *more])
    assert ran.code == 0, ran.err


def test_what_names_a_symbol_stays_there_when_the_card_moves() -> None:
    text = (
        "name: two\nsymbol: BTCUSDT\ntf: 15m\n"
        "features: [{ type: sma, id: own, params: { length: 5 } }]\n"
        "blocks: [{ id: a, cases: [{ when: 'close > own and sma(BTCUSDT.close, 7) > 1', "
        "emit: [{ action: entry_long, metadata: { size: 100 usdt } }] }] }]\n"
    )
    moved = compile_on(Source("two.card.yaml", text), (), Feeds(symbol="ETHUSDT")).graph
    assert moved.symbols == ("ETHUSDT",)
    assert {f.symbol for f in moved.features} == {"ETHUSDT", "BTCUSDT"}


@pytest.mark.parametrize("given", ["nan", "inf", "0", "-0.1"])
def test_a_grid_of_no_length_is_refused(capsys: Capture, given: str) -> None:
    ran = run(capsys, ["backtest", str(EMA), "--tick", given, "--lot", "1"])
    assert ran.code == 2
    assert "a step of prices or sizes is above zero" in ran.err
