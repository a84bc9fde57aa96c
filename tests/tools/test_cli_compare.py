"""`ideacard runs` and `compare`: what was run, what is the same, where runs part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runtime.reports.browser import attribute, dump
from tests.tools.cli import run
from tools.run_folders import read_run

Capture = pytest.CaptureFixture[str]
CARD = Path(__file__).parents[2] / "cards" / "gallery" / "pullback_ladder.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import ideacard as ic

    place = tmp_path_factory.mktemp("runs")
    market = ic.synthetic("BTCUSDT", "15m", bars=2_000)
    for settings in ({}, {"execution.fill_model": "conservative"}, {"execution.through_ticks": 3}):
        ic.load(CARD, settings).backtest(market, out=place)
    return place


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_runs_are_listed_by_what_is_asked(folder: Path, capsys: Capture) -> None:
    rows = json.loads(run(capsys, ["runs", str(folder), "--json", "--sort", "profit"]).out)
    profits = [row["net_profit_usdt"] for row in rows]
    assert len(rows) == 3
    assert profits == sorted(profits, reverse=True)
    text = run(capsys, ["runs", str(folder), "--limit", "1"]).out
    assert "… and 2 more; --limit 3 shows all" in text
    assert run(capsys, ["runs", str(folder), "--card", "nothing"]).out.count("no runs") == 1


def test_a_broken_run_is_named_and_the_others_are_shown(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "result.json").write_text("{}")
    (tmp_path / "good").symlink_to(folder / names(folder)[0])
    said = run(capsys, ["runs", str(tmp_path)])
    assert said.code == 0
    assert "bad" in said.err
    assert "trades" in said.out


def test_a_run_beside_itself_differs_in_nothing(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    import shutil

    one = folder / names(folder)[0]
    shutil.copytree(one, tmp_path / "copy")
    said = run(capsys, ["compare", str(one), str(tmp_path / "copy"), "--json", "--all",
                        "--out", str(tmp_path / "c.html")])  # fmt: skip
    made = json.loads(said.out)
    assert made["differ"] == made["settings"] == made["metrics"] == {}
    (trades,) = made["trades"]
    assert trades["same"] > 0
    assert trades["other_end"] == trades["missing"] == trades["added"] == []


def test_settings_figures_and_trades_that_part_are_shown(folder: Path, capsys: Capture) -> None:
    a, b, c = names(folder)
    said = run(capsys, ["compare", a, b, c, "--folder", str(folder), "--json"])
    made = json.loads(said.out)
    assert "execution.fill_model" in made["settings"]
    assert len(made["trades"]) == 2
    for one in made["trades"]:
        count = one["same"] + len(one["other_end"]) + len(one["missing"])
        assert count == len(read_run(folder / a).table("trades"))
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert "3 runs compared" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<polyline") == 3


def test_on_a_narrow_page_every_trade_keeps_to_one_line_and_figures_have_their_titles(
    folder: Path, capsys: Capture
) -> None:
    runs = names(folder)
    run(capsys, ["compare", *runs, "--folder", str(folder)])
    script = """
      const tall = [...document.querySelectorAll(".trades tbody tr")].map((row) => row.clientHeight);
      document.body.dataset.seen = JSON.stringify({
        rows: tall.length, tallest: Math.max(...tall),
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      });
    """
    document = dump(folder / "compare.html", script=script, window="500,900")
    seen = json.loads(attribute(document, "data-seen") or "{}")
    assert seen["rows"] > 0
    assert seen["tallest"] < 50
    assert seen["over"] <= 0
    assert ">Max drawdown, relative, %</td>" in document
    rest = document.partition("Other figures that differ")[2]
    assert "<tr class=" not in rest  # every row of them differs: none stands out


def test_a_promise_that_a_run_broke_stands_in_the_list_and_beside_others(
    tmp_path: Path, capsys: Capture
) -> None:
    import ideacard as ic

    market = ic.synthetic("BTCUSDT", "1h", bars=60)
    card = tmp_path / "held.card.yaml"
    card.write_text(
        "name: held\nsymbol: BTCUSDT\ntf: 1h\ninvariants: [{ flat_after_bars: 1 }]\nblocks:\n"
        "  - { id: buy, cases: [{ when: bar_index == 1, emit: "
        "[{ action: entry_long, metadata: { size: 50% of equity } }] }] }\n"
    )
    for taker in (0.0, 5.0):
        ic.load(card, {"account.fee_model.taker_bps": taker}).backtest(market, out=tmp_path)
    said = run(capsys, ["runs", str(tmp_path), "--limit", "1"]).out
    assert "  ! broken promise: flat_after_bars: 1 (1×)" in said
    where = ["--folder", str(tmp_path), "--json"]
    made = json.loads(run(capsys, ["compare", "last", "last~1", *where]).out)
    assert "promises broken" in made["same"]


def test_runs_are_named_shortly_or_the_word_is_refused(folder: Path, capsys: Capture) -> None:
    where = ["--folder", str(folder)]
    assert run(capsys, ["compare", "last", "last~2", *where]).code == 0
    assert "holds 3 runs, no `last~9`" in run(capsys, ["compare", "last", "last~9", *where]).err
    assert "3 runs begin or end so" in run(capsys, ["compare", "pull", "last", *where]).err
    assert "no such run folder" in run(capsys, ["compare", "x", "last", *where]).err
    assert run(capsys, ["compare", "last", *where]).code == 2
    assert run(capsys, ["compare", "last", "last", *where]).code == 2


def test_a_page_opens_when_asked(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(opened.append(address)) or True)
    run(capsys, ["compare", "last", "last~1", "--folder", str(folder), "--open"])
    assert opened == [(folder / "compare.html").resolve().as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    said = run(capsys, ["compare", "last", "last~1", "--folder", str(folder), "--open"])
    assert said.code == 0
    assert "no browser could be opened: file://" in said.err
