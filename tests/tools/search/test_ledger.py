"""What was tried on some bars is counted and run again with the card that is asked about."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ideacard as ic
from compiler.findings.source import Source
from runtime.market.data import MarketData
from runtime.market.identity import Identity, Market
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from tests.tools.cli import run as cli
from tests.tools.search.test_robust import CARD
from tools.running import compile_for, run_program
from tools.search.drawing import Drawing
from tools.search.ledger import ledger
from tools.search.mirrors import mirrors_of
from tools.search.robust import Asked, robust
from tools.search.runs import Runs
from tools.search.searching import search

BTC = instrument_for("BTCUSDT")
SOURCE = Source("c.card.yaml", CARD)


def bars(seed: int = 5, count: int = 500) -> MarketData:
    return synthetic_market(SyntheticSpec(bars=count, seed=seed))


def keep(folder: Path, data: MarketData, text: str = CARD, **pairs: str) -> str:
    """Leave a run of a card and return its graph hash."""
    source = Source("c.card.yaml", text)
    overrides = tuple((path.replace("__", "."), value) for path, value in pairs.items())
    program = compile_for(source, overrides)
    run_program(source, program, data, folder, overrides=overrides, report=False, flip=False)
    return program.graph_hash


def test_a_variant_on_the_same_bars_is_a_try_and_is_compiled_as_it_was(tmp_path: Path) -> None:
    data, own = bars(), compile_for(SOURCE).graph_hash
    other = keep(tmp_path, data, features__fast__params__length="8")
    assert [one.graph_hash for one in ledger(tmp_path, data, own).others] == [other]


def test_a_comment_is_no_new_try_and_the_card_itself_is_none(tmp_path: Path) -> None:
    data, own = bars(), compile_for(SOURCE).graph_hash
    keep(tmp_path, data)
    keep(tmp_path, data, "# as it was\n" + CARD)
    found = ledger(tmp_path, data, own)
    assert (found.others, found.lost) == ((), 0)
    assert found.seen_until is not None


def test_other_bars_are_another_matter(tmp_path: Path) -> None:
    keep(tmp_path, bars(seed=6), CARD.replace("length: 5", "length: 6"))
    found = ledger(tmp_path, bars(), "own")
    assert (found.others, found.lost, found.seen_until) == ((), 0, None)


@pytest.mark.parametrize("cause", ["no text", "another text", "another timeframe"])
def test_what_cannot_be_run_again_counts_all_the_same(tmp_path: Path, cause: str) -> None:
    data = bars()
    keep(tmp_path, data, CARD.replace("length: 5", "length: 6"))
    (folder,) = tmp_path.iterdir()
    if cause == "no text":
        (folder / "card.yaml").unlink()
    elif cause == "another text":
        (folder / "card.yaml").write_text(CARD)
    else:
        made = json.loads((folder / "result.json").read_text())
        made["data"]["timeframe"] = "1h"
        (folder / "result.json").write_text(json.dumps(made))
    found = ledger(tmp_path, data, "own")
    assert (found.others, found.lost) == ((), 1)


def test_more_bars_of_a_series_are_the_same_bars_and_end_what_was_seen(tmp_path: Path) -> None:
    """A store that grows from day to day does not forget what was tried on it."""
    said = Identity(venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m")
    whole = replace(bars(), synthetic=False, identity=said, mark=None, funding=None)
    short = replace(whole, exec=whole.exec.rows(0, 400), content_hash="")
    own = keep(tmp_path, short)
    keep(tmp_path, whole, CARD.replace("length: 5", "length: 6"))
    found = ledger(tmp_path, whole, own)
    assert len(found.others) == 1
    made = robust(
        compile_for(SOURCE), whole, BTC, Asked(mirrors=19, search_mirrors=19, ledger=found)
    )
    assert made.fresh is not None
    assert (made.fresh.bars, made.fresh.seen_by) == (100, 1)
    later = replace(whole, exec=whole.exec.rows(400), content_hash="")
    assert ledger(tmp_path, later, own).seen_until is None


def test_the_best_of_many_is_held_against_the_best_of_many(tmp_path: Path) -> None:
    """A p that a card has alone is not the one that it has as the best of a search."""
    data = replace(bars(count=900), mark=None, funding=None)
    texts = [
        CARD.replace("length: 5", f"length: {a}").replace("length: 20", f"length: {b}")
        for a in (3, 5, 9) for b in (15, 20, 40)
    ]  # fmt: skip
    programs = [compile_for(Source("c.card.yaml", text)) for text in texts]
    runs = [Runs(program, data, BTC) for program in programs]
    timings = [one.timing(data).t or 0.0 for one in runs]
    best = max(range(len(programs)), key=timings.__getitem__)
    others = [program for place, program in enumerate(programs) if place != best]
    drawing = Drawing(mirrors_of(data, BTC), 1, lambda *_: None, lambda: False)
    t = timings[best]
    alone = search(runs[best], t, [], 0, drawing, BTC, count=99)
    found = search(runs[best], t, others, 2, drawing, BTC, count=99)
    assert (alone.p, alone.variants) == (None, 1)
    assert (found.variants, found.lost) == (11, 2)
    own = [one.t or 0.0 for one in drawing.each("", 99, runs[best].timing)]
    assert found.p is not None
    assert found.p > (1 + sum(value >= t for value in own)) / 100


def test_the_command_counts_runs_and_leaves_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, store, runs = tmp_path / "c.card.yaml", str(tmp_path / "data"), str(tmp_path / "runs")
    card.write_text(CARD)
    assert cli(capsys, ["data", "synth", "--bars", "500", "--store", store]).code == 0
    words = [
        "robust",
        str(card),
        "--data",
        store,
        "--mirrors",
        "19",
        "--no-moves",
        "--runs",
        runs,
        "--json",
    ]
    assert json.loads(cli(capsys, words).out)["search"]["variants"] == 1
    again = cli(capsys, [*words, "--set", "features.fast.params.length=6"])
    assert json.loads(again.out)["search"]["variants"] == 2
    assert json.loads(cli(capsys, words).out)["search"]["variants"] == 2
    assert len(list((tmp_path / "runs").iterdir())) == 2


@pytest.fixture
def store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A made-up market and a card beside it; whatever runs leaves its tries under `runs/`, as for anybody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.card.yaml").write_text(CARD)
    assert cli(capsys, ["data", "synth", "--bars", "500", "--store", "data"]).code == 0
    return tmp_path / "data"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return the JSON of a command on the card of `store`."""
    command, *more = words
    made = cli(capsys, [command, "c.card.yaml", "--data", "data", *more, "--json"])
    assert made.code == 0, made.err
    held: dict[str, Any] = json.loads(made.out)
    return held


ROBUST = ("robust", "--mirrors", "19", "--no-moves")
FAST = "features.fast.params.length"


def test_the_sets_of_a_sweep_are_tries_each_once_and_run_again(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    swept = ("sweep", "--param", f"{FAST}=4:9")
    told(capsys, *swept)
    best = told(capsys, *swept)["first"][0]  # begun again: no new tries
    made = told(capsys, *ROBUST, "--set", f"{FAST}={best[FAST]}")
    assert (made["search"]["variants"], made["search"]["lost"]) == (6, 0)
    assert made["search"]["p"] is not None
    told(capsys, "sweep", "--param", f"{FAST}=7:10")  # three of them were tried before
    told(capsys, "backtest", "--set", f"{FAST}=7", "--no-report")
    again = told(capsys, *ROBUST, "--set", f"{FAST}={best[FAST]}")
    assert again["search"]["variants"] == 7


def test_the_sets_of_a_walk_are_tries_and_have_seen_all_of_its_bars(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "walk", "--param", f"{FAST}=4,5,6", "--train", "200", "--test", "100")
    made = told(capsys, *ROBUST)  # the card as it is has a length of 5
    assert (made["search"]["variants"], made["search"]["lost"]) == (3, 0)
    assert made["fresh"] is None


def test_runs_in_python_are_tries_wherever_their_files_went(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, market = ic.load("c.card.yaml"), ic.bars(store)
    for length in (6, 7, 7):
        card.set({FAST: length}).backtest(market)
    card.set({FAST: 8}).backtest(market, out="runs")
    made = told(capsys, *ROBUST)
    assert (made["search"]["variants"], made["search"]["lost"]) == (4, 0)
    assert len(list(Path("runs/tries").iterdir())) == 2


def test_no_run_is_lost_in_whatever_folder_it_was_put(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder for each set, groups of runs, a place elsewhere: whoever sorts runs has tried them all the same."""
    card, market = ic.load("c.card.yaml"), ic.bars(store)
    card.set({FAST: 6}).backtest(market, out="runs/fast6")
    card.set({FAST: 7}).backtest(market, out="runs/a/b/fast7")
    card.set({FAST: 8}).backtest(market, out="elsewhere/fast8")
    card.set({FAST: 9}).backtest(market, runs="runs/noted")
    told(capsys, "backtest", "--set", f"{FAST}=10", "--no-report", "--out", "elsewhere")
    told(capsys, "backtest", "--set", f"{FAST}=11", "--no-report", "--out", "runs/group")
    told(capsys, "sweep", "--param", f"{FAST}=12,13", "--out", "runs/a/b/c/swept")
    made = told(capsys, *ROBUST)
    assert (made["search"]["variants"], made["search"]["lost"]) == (9, 0)
    assert len(list(Path("runs/tries").iterdir())) == 2
    assert len(json.loads(cli(capsys, ["runs", "--json"]).out)) == 4  # and that of `robust`


def test_an_envelope_is_one_try_of_its_card_and_says_where_it_cannot_be_noted(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for length in ("6", "7", "7"):
        told(capsys, "envelope", "--set", f"{FAST}={length}")
    made = told(capsys, *ROBUST)
    assert (made["search"]["variants"], made["search"]["lost"]) == (3, 0)
    Path("full").write_text("no folder")
    words = ["envelope", "c.card.yaml", "--data", "data", "--runs", "full"]
    done = cli(capsys, words)
    assert done.code == 0
    assert "not counted by `ideacard robust`" in done.err


def test_a_try_in_python_that_cannot_be_noted_is_said(store: Path) -> None:
    Path("runs").write_text("no folder")
    with pytest.warns(UserWarning, match="not counted by `ideacard robust`"):
        ic.load("c.card.yaml").backtest(ic.bars(store))


def test_what_cannot_be_read_of_the_tries_is_named(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("runs/searches/old/tried.sqlite", "runs/tries/x.json", "runs/r/result.json"):
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text("{}")
    made = told(capsys, *ROBUST)
    assert len(made["search"]["unread"]) == 3
    text = cli(capsys, [ROBUST[0], "c.card.yaml", "--data", "data", *ROBUST[1:]]).out
    assert text.count("Not counted:") == 3


def test_of_very_many_sets_some_are_run_again_and_all_count(
    store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.search.ledger.MOST_VARIANTS", 4)
    told(capsys, "sweep", "--param", f"{FAST}=30:40")
    made = told(capsys, *ROBUST)
    assert (made["search"]["variants"], made["search"]["lost"]) == (12, 7)
