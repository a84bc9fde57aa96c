"""`ic.sweep` and `ic.walk` are the searches of the commands, as values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ideacard as ic
from tests.tools.cli import run as command

GALLERY = Path(__file__).parents[2] / "cards" / "gallery"
CARD = str(GALLERY / "ema_cross.yaml")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def market() -> ic.Bars:
    return ic.synthetic("BTCUSDT", "15m", bars=1_200)


def test_a_sweep_in_python_is_that_of_the_command(
    market: ic.Bars, capsys: pytest.CaptureFixture[str]
) -> None:
    card = ic.load(CARD, {"account.fee_model.taker_bps": 9})
    found = ic.sweep(card, market, {"fast": "8:16:4", "slow": [40, 60]}, out="a")
    words = ["sweep", CARD, "--data", str(market.feeds.data), "--param", "fast=8:16:4", "--symbol", "BTCUSDT",
             "--param", "slow=40,60", "--set", "account.fee_model.taker_bps=9", "--out", "b"]  # fmt: skip
    told = command(capsys, [*words, "--json"])
    assert json.loads(told.out) == json.loads(json.dumps(found.result))
    assert "6 sets were tried on these bars" in " ".join(str(found).split())
    assert str(found) in found._repr_html_()
    (kept,) = Path("a").glob("*/sweep.json")
    assert json.loads(kept.read_text())["sets"] == json.loads(told.out)["sets"]


def test_rows_are_frames_and_the_first_is_a_setting(market: ic.Bars) -> None:
    card = ic.load(CARD)
    found = ic.sweep(card, market, ["fast=8,12", "slow=40"], objectives=["net_profit_usdt"])
    frame = found.pandas()
    assert frame["fast"].tolist() == [8, 12]
    assert found.polars().shape == frame.shape
    run = card.set(found.first).backtest(market)
    assert run.metrics["net_profit_usdt"] == pytest.approx(frame["net_profit_usdt"].max())


def test_a_walk_in_python_is_that_of_the_command(
    market: ic.Bars, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ic.walk(ic.load(CARD), market, {"fast": [8, 12]}, train="400", test="200,300")
    told = command(
        capsys,
        ["walk", CARD, "--data", str(market.feeds.data), "--symbol", "BTCUSDT", "--param", "fast=8,12",
         "--train", "400", "--test", "200,300", "--json"],
    )  # fmt: skip
    assert json.loads(told.out) == json.loads(json.dumps(found.result))
    folds = sum(len(one["folds"]) for one in found.result["walks"])
    assert len(found.rows) == folds == len(found.pandas()) > 0
    assert found.first == {}


def test_words_that_a_search_does_not_know_are_told(market: ic.Bars) -> None:
    card = ic.load(CARD)
    with pytest.raises(TypeError, match="knows no colour"):
        ic.sweep(card, market, colour=1)  # type: ignore[call-arg]
    with pytest.raises(ic.IdeaCardError, match="no method `luck`"):
        ic.sweep(card, market, method="luck")
    with pytest.raises(ic.IdeaCardError, match="no objective `luck`"):
        ic.sweep(card, market, objectives=("luck",))
    for more in ({"method": "grid"}, {"method": "tpe", "objectives": ("timing", "win_rate_pct")}):
        with pytest.raises(ic.IdeaCardError, match="pruning goes with the method tpe and one"):
            ic.sweep(card, market, prunes=True, **more)  # type: ignore[arg-type]
    with pytest.raises(ic.IdeaCardError, match="no param `quick`"):
        ic.sweep(card, market, {"quick": [1]})
    with pytest.raises(ic.CardError):
        ic.sweep(ic.card("foo: 1\n"), market, {"fast": [1]})
