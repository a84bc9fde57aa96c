"""A walk forward: choices that know nothing of the bars they are looked at on, and folds that can be run alone."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from runtime.market.synthetic import SyntheticSpec
from tests.tools.cli import run as cli
from tools.feeds import Feeds
from tools.goldens import ROOT
from tools.made_market import write_made_market
from tools.search.figures import objective
from tools.search.folds import Lengths, bars_of, cuts
from tools.search.jobs import Job, Local, Stretch
from tools.search.matter import matter_of
from tools.search.plans import Method, Plan
from tools.search.repeat import Repeat
from tools.search.sweep import Asked
from tools.search.walk import Walks, plain, walk

CARD = ROOT / "cards" / "gallery" / "ema_cross.yaml"
PLAN = Plan(method=Method.GRID, objectives=(objective("timing"),))
PARAMS = ("fast=5:15:5", "slow=30,40")
LENGTHS = Lengths(600, 300)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walk") / "data"
    write_made_market(folder, SyntheticSpec(bars=1_600, seed=5))
    return folder


def walked(
    store: Path, folder: Path, *, end: int | None = None, after: int = 10**9, plan: Plan = PLAN,
    lengths: Lengths = LENGTHS,
) -> Walks:  # fmt: skip
    """Return a walk over the bars up to `end`, stopped after so many runs."""
    feeds = Feeds(data=store, end=end)
    made, space = matter_of(Source(str(CARD), CARD.read_text()), feeds, (), PARAMS)
    done = 0

    def tick(count: int, _all: int) -> None:
        nonlocal done
        done = count

    asked = Asked(space, plan, Repeat(str(CARD), feeds), folder)
    return walk(made, asked, [lengths], None, lambda: done >= after, tick)


@pytest.mark.parametrize("anchored", [False, True])
def test_what_is_looked_at_lies_behind_the_choice_and_is_looked_at_once(anchored: bool) -> None:
    made = cuts(Stretch(7, 1_000), Lengths(200, 90, anchored))
    assert len(made) == 8
    for before, one in zip([None, *made], made, strict=False):
        assert one.train.stop == one.test.first
        assert one.test.stop - one.test.first == 90
        assert one.test.stop <= 1_000
        if before is not None:
            assert before.test.stop == one.test.first
        assert one.train.first == (7 if anchored else one.train.stop - 200)


def test_lengths_are_time_or_bars() -> None:
    quarter = 900_000
    assert [bars_of(t, quarter) for t in ("1d", "2w", "3h", "250")] == [96, 1344, 12, 250]
    for text in ("", "0", "d", "1y", "1m", "-3d"):
        with pytest.raises(IdeaCardError, match="no length"):
            bars_of(text, quarter)
    with pytest.raises(IdeaCardError, match="hold no fold"):
        cuts(Stretch(0, 100), Lengths(90, 11))


def test_between_choice_and_look_lies_all_that_could_reach_across(
    store: Path, tmp_path: Path
) -> None:
    (made,) = walked(store, tmp_path).walks
    assert len(made.folds) == 3
    for fold in made.folds:
        assert fold.chosen is not None
        assert fold.chosen.figures is not None
        slow = int(dict(fold.chosen.params)["params.slow"])
        assert fold.purge >= slow + fold.chosen.figures.longest_hold
        assert fold.chosen.figures.longest_hold > 0
        if fold.test is None:
            assert fold.cut.train.stop + fold.purge >= fold.cut.test.stop
        else:
            assert fold.test == Stretch(fold.cut.train.stop + fold.purge, fold.cut.test.stop)
    assert made.tested()


def test_a_choice_is_the_first_of_its_own_bars_alone(store: Path, tmp_path: Path) -> None:
    made = walked(store, tmp_path)
    sets = [made.asked.space.at(number) for number in range(len(made.asked.space))]
    for fold in made.walks[0].folds:
        jobs = [Job(params, fold.cut.train) for params in sets]
        outcomes = dict(Local(made.matter).outcomes(jobs, lambda: False))
        highest = max(outcomes[n].timing for n in outcomes)  # type: ignore[union-attr]
        assert fold.chosen is not None
        assert fold.chosen.figures is not None
        assert fold.chosen.figures.timing == highest
        assert fold.chosen.outcome == outcomes[sets.index(fold.chosen.params)]


def test_bars_that_come_later_change_no_fold(store: Path, tmp_path: Path) -> None:
    """A walk over the beginning of a history is the beginning of the walk over all of it."""
    (whole,) = walked(store, tmp_path / "whole").walks
    start = 1_704_067_200_000
    (part,) = walked(store, tmp_path / "part", end=start + 1_205 * 900_000).walks
    assert len(part.folds) == 2
    assert part.folds == whole.folds[:2]


@pytest.mark.parametrize("method", list(Method))
def test_a_walk_that_was_stopped_goes_on_to_the_same_bytes(
    method: Method, store: Path, tmp_path: Path
) -> None:
    if method is Method.TPE:
        pytest.importorskip("optuna")
    plan = Plan(method=method, objectives=PLAN.objectives, count=8)
    whole = walked(store, tmp_path / "whole", plan=plan)
    stopped = walked(store, tmp_path / "parts", plan=plan, after=3)
    assert not stopped.is_whole
    assert json.dumps(plain(walked(store, tmp_path / "parts", plan=plan))) == json.dumps(
        plain(whole)
    )


def test_a_fold_is_the_back_test_that_its_command_makes(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [
        "walk",
        str(CARD),
        "--data",
        str(store),
        "--from",
        "2024-01-02",
        "--train",
        "5d",
        "--test",
        "4d",
    ]
    told = cli(capsys, [*words, "--param", "fast=5,9", "--param", "slow=30", "--json"])
    assert told.code == 0, told.err
    (one,) = json.loads(told.out)["walks"]
    tested = [fold for fold in one["folds"] if fold["tested"] is not None]
    assert tested
    for fold in tested:
        again = cli(
            capsys, [*shlex.split(fold["command"])[1:], "--json", "--no-report", "--no-flip"]
        )
        made = json.loads(again.out)
        assert made["data"]["from"] == fold["looked_at"][0]
        assert made["data"]["to"] == fold["looked_at"][1]
        assert made["metrics"]["final_equity_usdt"] == fold["tested"]["figures"]["equity"]
        assert made["metrics"]["total_trades"] == fold["tested"]["figures"]["trades"]


def test_several_lengths_make_a_matrix_and_no_word_praises(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["walk", str(CARD), "--data", str(store), "--param", "fast=5,9", "--param", "slow=30"]
    told = cli(capsys, [*words, "--train", "400,600", "--test", "200,300", "--anchored"])
    assert told.code == 0, told.err
    heads = [line for line in told.out.splitlines() if "to choose on" in line]
    assert [head.split(" bars")[0] for head in heads] == ["400", "400", "600", "600"]
    assert "2 sets were tried" in told.out
    for word in ("best", "optimal", "validated", "proven", "passed", "overfit"):
        assert word not in told.out.lower()
    assert cli(capsys, [*words, "--cold"]).code == 2
    assert "no length" in cli(capsys, [*words, "--train", "soon"]).err


def test_a_purge_said_by_hand_is_taken(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["walk", str(CARD), "--data", str(store), "--param", "fast=5,9", "--param", "slow=30"]
    words += ["--train", "600", "--test", "200", "--json", "--purge"]
    for bars, left in (("3", 197), ("200", None)):
        (one,) = json.loads(cli(capsys, [*words, bars]).out)["walks"]
        assert {fold["purge_bars"] for fold in one["folds"]} == {int(bars)}
        assert one["bars_looked_at"] == (0 if left is None else left * len(one["folds"]))
