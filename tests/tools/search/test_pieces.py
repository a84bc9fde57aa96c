"""Parts of a result, and bars that are kept for the end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from runtime.backtest import run_backtest
from runtime.formulas.sums import total
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import Identity, Market
from runtime.market.instrument_table import instrument_for
from runtime.market.resample import resample
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from tests.tools.cli import run as cli
from tests.tools.search.test_robust import CARD
from tools.running import compile_for
from tools.search import seal as seal_module
from tools.search.pieces import pieces
from tools.search.seal import Seal, _digests, after, before, open_seal, put_seal, seal_of

BTC = instrument_for("BTCUSDT")
DATA = synthetic_market(SyntheticSpec(bars=1_000, seed=5))


def test_without_its_best_trades_is_what_the_others_made() -> None:
    record = run_backtest(compile_for(Source("c.card.yaml", CARD)), DATA, BTC, flip=False)
    made = pieces(record)
    assert made is not None
    nets = sorted(trade.net_pnl for trade in record.trades if not trade.is_open)
    assert len(nets) > 6
    assert made.net_usdt == pytest.approx(total(nets))
    assert made.without_best == pytest.approx(total(nets[:-1]))
    assert made.without_five == pytest.approx(total(nets[:-5]))
    assert total(year.net_usdt for year in made.years) == pytest.approx(made.net_usdt)
    assert sum(year.trades for year in made.years) == len(nets)
    gains = [net for net in nets if net > 0]
    assert made.share_of_five == pytest.approx(total(gains[-5:]) / total(gains))


def test_no_trade_has_no_parts() -> None:
    record = run_backtest(compile_for(Source("c.card.yaml", CARD)), DATA, BTC, flip=False)
    record.trades.clear()
    assert pieces(record) is None


def test_a_seal_stays_where_it_was_put_and_nothing_behind_it_is_seen(tmp_path: Path) -> None:
    assert seal_of(tmp_path, DATA) is None
    seal = put_seal(tmp_path, DATA, 0.2)
    assert put_seal(tmp_path, DATA, 0.5) == seal == seal_of(tmp_path, DATA)
    kept = before(DATA, seal)
    assert len(kept.exec) == 800
    assert kept.mark is not None
    for frame in (kept.exec, kept.mark, *kept.frames.values()):
        assert frame.ts[-1] < seal.start
    behind = after(DATA, seal.start)
    assert behind is not None
    assert list(behind.traded().exec.ts) == list(DATA.exec.ts[800:])


def test_every_card_that_opens_a_seal_is_counted_once(tmp_path: Path) -> None:
    with pytest.raises(IdeaCardError, match="nothing is sealed"):
        open_seal(tmp_path, DATA, "a")
    put_seal(tmp_path, DATA, 0.2)
    assert open_seal(tmp_path, DATA, "a").opened == ("a",)
    assert open_seal(tmp_path, DATA, "a").opened == ("a",)
    assert open_seal(tmp_path, DATA, "b").opened == ("a", "b")
    other = synthetic_market(SyntheticSpec(bars=1_000, seed=6))
    assert seal_of(tmp_path, other) is None


def test_a_seal_is_known_by_its_bars_whatever_they_are_called(tmp_path: Path) -> None:
    """Naming the venue or the symbol, other rows of the file, another timeframe: the same bars stay sealed."""
    silent = Identity(venue="unknown", market=Market.OTHER, symbol="BTCUSDT", timeframe="15m")
    frame = replace(DATA.exec, symbol="BTCUSDT")
    bars = MarketData(exec=frame, identity=silent)
    seal = put_seal(tmp_path, bars, 0.2)
    named = replace(silent, venue="bybit", market=Market.LINEAR)
    others = [
        replace(bars, identity=named),
        MarketData(
            exec=replace(frame, symbol="XBTUSDT"), identity=replace(named, symbol="XBTUSDT")
        ),
        MarketData(exec=frame.rows(300), identity=named),
        MarketData(exec=frame.rows(300)),
        MarketData(exec=resample(frame, "1h", 3_600_000), identity=replace(named, timeframe="1h")),
    ]
    for other in others:
        assert seal_of(tmp_path, other) == seal == put_seal(tmp_path, other, 0.5)
    for count, other in enumerate(others, 1):
        assert len(open_seal(tmp_path, other, f"card {count}").opened) == count
    foreign = synthetic_market(SyntheticSpec(bars=1_000, seed=6)).exec
    assert seal_of(tmp_path, MarketData(exec=foreign, identity=named)) is None
    assert seal_of(tmp_path, MarketData(exec=foreign, identity=silent)) is not None  # by its name


def test_of_bars_shorter_than_a_day_the_same_bars_stay_sealed(tmp_path: Path) -> None:
    short = MarketData(exec=DATA.exec.rows(0, 50))
    seal = put_seal(tmp_path, short, 0.2)
    named = Identity(venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m")
    assert seal_of(tmp_path, replace(short, identity=named)) == seal


def test_a_seal_put_by_an_earlier_version_holds_by_its_name(tmp_path: Path) -> None:
    named = Identity(venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m")
    bars = MarketData(exec=DATA.exec, identity=named)
    old = {"bybit:linear:BTCUSDT": {"start": DATA.exec.ts[700], "opened": ["a"]}}
    (tmp_path / "seals.json").write_text(json.dumps(old))
    assert open_seal(tmp_path, bars, "b") == Seal(DATA.exec.ts[700], ("a", "b"))


def test_seals_that_cannot_be_read_are_an_error_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "seals.json").write_text('{"x": 3}')
    with pytest.raises(IdeaCardError, match=r"seals\.json"):
        seal_of(tmp_path, DATA)


def test_the_bars_of_a_seal_warm_up_and_are_traded_alone() -> None:
    program = compile_for(Source("c.card.yaml", CARD))
    behind = after(DATA, DATA.exec.ts[800])
    assert behind is not None
    record = run_backtest(program, behind, BTC, flip=False)
    assert len(record.equity.ts) == 200
    assert after(DATA, DATA.exec.ts[-1]) is None
    assert replace(behind, first=0).exec is DATA.exec


def test_the_command_seals_the_end_and_opens_it_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, store, runs = tmp_path / "c.card.yaml", str(tmp_path / "data"), str(tmp_path / "runs")
    card.write_text(CARD)
    assert cli(capsys, ["data", "synth", "--bars", "600", "--store", store]).code == 0
    words = ["robust", str(card), "--data", store, "--mirrors", "19", "--no-moves", "--runs", runs]
    assert cli(capsys, [*words, "--open"]).code == 1
    assert cli(capsys, [*words, "--seal", "many"]).code == 2
    sealed = json.loads(cli(capsys, [*words, "--seal", "25%", "--json"]).out)["sealed"]
    assert (sealed["opened_by"], sealed["is_opened"]) == (0, False)
    # Without the word it stays sealed.
    assert json.loads(cli(capsys, [*words, "--json"]).out)["sealed"] == sealed
    told = cli(capsys, [*words, "--open"]).out
    assert "These are the bars that were sealed" in told
    assert "1 card\n  has seen them" in told or "1 card has seen them" in told
    other = [*words, "--open", "--json", "--set", "features.fast.params.length=6"]
    made = json.loads(cli(capsys, other).out)
    assert made["sealed"]["opened_by"] == 2
    assert made["search"]["variants"] + made["search"]["elsewhere"] == 2


def test_putting_a_seal_reads_the_bars_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(frame: Frame) -> frozenset[str]:
        asked.append(len(frame))
        return _digests(frame)

    monkeypatch.setattr(seal_module, "_digests", counted)
    put_seal(tmp_path, DATA, 0.2)
    assert len(asked) == 1
    put_seal(tmp_path, DATA, 0.2)
    open_seal(tmp_path, DATA, "a")
    assert len(asked) == 3
