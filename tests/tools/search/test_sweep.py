"""A sweep: figures of the engine that trades, the same bytes however it was run, and words that do not praise."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from runtime.market.synthetic import SyntheticSpec
from tests.tools.cli import run as cli
from tools.feeds import Feeds
from tools.goldens import ROOT
from tools.made_market import write_made_market
from tools.search import jobs as jobs_module
from tools.search.figures import OBJECTIVES, Figures, objective
from tools.search.jobs import Job, Local, Matter, Outcome, Refused, Stretch
from tools.search.kept import Outcomes, Search
from tools.search.matter import matter_of
from tools.search.plans import Method, Plan, Tried, front, ranked
from tools.search.repeat import Repeat
from tools.search.selection import Selection, expected_highest
from tools.search.space import Space
from tools.search.sweep import Asked, Sweep, plain, sweep

GALLERY = ROOT / "cards" / "gallery"
CARD = GALLERY / "ema_cross.yaml"
PARAMS = ("fast=5:20:5", "slow=30:60:10")
TIMING = objective("timing")
NOTHING = Search("", (), {})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "data"
    write_made_market(folder, SyntheticSpec(bars=1_500, seed=5))
    return folder


def matter(store: Path, params: Sequence[str] = PARAMS, card: Path = CARD) -> tuple[Matter, Space]:
    return matter_of(Source(str(card), card.read_text()), Feeds(data=store), (), params)


def asked(store: Path, folder: Path, space: Space, plan: Plan) -> Asked:
    return Asked(space, plan, Repeat(str(CARD), Feeds(data=store)), folder)


def swept(store: Path, folder: Path, plan: Plan, *, after: int = 10**9) -> Sweep:
    """Return a sweep that is stopped after so many sets."""
    made, space = matter(store)
    done = 0

    def tick(count: int, _all: int) -> None:
        nonlocal done
        done = count

    return sweep(made, asked(store, folder, space, plan), None, lambda: done >= after, tick)


def text(made: Sweep) -> str:
    return json.dumps(plain(made))


# What the cards of the gallery let one change; those without params of their own have settings.
SPACES = {
    "ema_cross": (),
    "pullback_ladder": ("account.fee_model.taker_bps=1:9:2", "execution.fill_model=touch,conservative"),
    "mean_reversion_partials": ("account.fee_model.taker_bps=1:9:2", "account.starting_equity_usdt=900,4000"),
    "breakout_stops": ("account.fee_model.taker_bps=1:9:2", "execution.intrabar=direction,adverse"),
}  # fmt: skip
GRID = Plan(method=Method.GRID, objectives=(TIMING,))


@pytest.mark.parametrize("card", SPACES)
def test_a_set_has_the_figures_of_the_back_test_that_its_command_makes(
    card: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    path = str(GALLERY / f"{card}.yaml")
    told = cli(
        capsys,
        ["sweep", path, "--data", str(store), "--method", "random", "--count", "3", "--json",
         "--from", "2024-01-05", "--set", "account.max_leverage=2",
         *(word for one in SPACES[card] for word in ("--param", one))],
    )  # fmt: skip
    assert told.code == 0, told.err
    sets = json.loads(told.out)["sets"]
    assert len(sets) == 3
    for one in sets:
        words = shlex.split(one["command"])[1:]
        made = json.loads(cli(capsys, [*words, "--json", "--no-report", "--no-flip"]).out)
        metrics = made["metrics"]
        for name, value in one["objectives"].items():
            if name != "timing" and name in metrics and metrics[name] is not None:
                assert value == pytest.approx(metrics[name], rel=1e-9, abs=1e-9), name
        assert one["figures"]["equity"] == metrics["final_equity_usdt"]
        assert one["figures"]["fees"] == metrics["total_fees_usdt"]
        assert one["figures"]["longest_hold"] >= (metrics["max_trade_duration_bars"] or 0)


@pytest.mark.parametrize("card", SPACES)
def test_the_readable_engine_and_machine_code_come_to_the_same_figures(
    card: str, store: Path
) -> None:
    made, space = matter(store, SPACES[card], GALLERY / f"{card}.yaml")
    chance = Random(3)
    wanted = [
        Job(space.at(chance.randrange(len(space))), Stretch(40, 700 + 90 * i)) for i in range(4)
    ]
    fast, slow = Local(made), Local(made)
    slow.__dict__["_kernels"] = None
    ones, others = ([o for _, o in sorted(w.outcomes(wanted, never))] for w in (fast, slow))
    assert ones == others
    assert all(isinstance(one, Figures) for one in ones)
    assert not fast.reasons
    assert slow.reasons == {"there is no native compiler": 4}


def never() -> bool:
    return False


def test_an_outcome_does_not_depend_on_what_ran_before(store: Path) -> None:
    made, space = matter(store)
    wanted = [Job(space.at(n), Stretch(9 * (n % 2), 1_000 + n)) for n in range(8)] * 2
    Random(1).shuffle(wanted)
    together = dict(Local(made).outcomes(wanted, never))
    for place, job in enumerate(wanted):
        assert together[place] == dict(Local(made).outcomes([job], never))[0]


def test_sets_that_leave_the_market_alone_share_its_columns(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, space = matter(store, ("account.fee_model.taker_bps=1:6", "fast=5,9"))
    real, stages = jobs_module.market_stage, list[object]()

    def counted(*words: object, **more: object) -> object:
        stages.append(words)
        return real(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs_module, "market_stage", counted)
    whole = Stretch(0, 1_500)
    outcomes = dict(Local(made).outcomes([Job(space.at(n), whole) for n in range(12)], never))
    assert len(stages) == 2
    fees = [outcomes[n].fees for n in range(0, 12, 2)]  # type: ignore[union-attr]
    assert fees == sorted(set(fees))


def test_a_set_that_cannot_run_says_why_and_is_no_try(store: Path, tmp_path: Path) -> None:
    made, space = matter(store, ("fast=0,5", "slow=30"))
    done = sweep(made, asked(store, tmp_path, space, GRID))
    refused, ran = done.tried
    assert isinstance(refused.outcome, Refused)
    assert "IC" in refused.outcome.reason
    assert isinstance(ran.outcome, Figures)
    assert done.selection.tried == 1


@pytest.mark.parametrize("method", list(Method))
def test_a_sweep_that_was_stopped_goes_on_to_the_same_bytes(
    method: Method, store: Path, tmp_path: Path
) -> None:
    if method is Method.TPE:
        pytest.importorskip("optuna")
    plan = Plan(method=method, objectives=(TIMING,), count=12, seed=4)
    whole = swept(store, tmp_path / "whole", plan)
    stopped = swept(store, tmp_path / "parts", plan, after=5)
    assert not stopped.is_whole
    assert stopped.ran == 5
    again = swept(store, tmp_path / "parts", plan)
    assert again.ran == whole.ran - 5
    assert text(again) == text(whole)


def test_a_killed_sweep_keeps_what_it_had_and_goes_on(store: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ideacard", "sweep", str(CARD), "--data", str(store), "--json"]
    words += ["--param", "fast=5:28", "--param", "slow=30:60"]
    process = subprocess.Popen(
        words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (found := _known(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert found
    kept = _known(tmp_path)
    made, space = matter(store, ("fast=5:28", "slow=30:60"))
    (folder,) = (tmp_path / "runs" / "searches").iterdir()
    done = sweep(made, asked(store, folder, space, GRID))
    assert done.ran == len(space) - kept


def _known(folder: Path) -> int:
    import sqlite3

    for path in folder.glob("runs/searches/*/tried.sqlite"):
        try:
            with sqlite3.connect(path) as file:
                return int(file.execute("SELECT COUNT(*) FROM tried").fetchone()[0])
        except sqlite3.Error:
            return 0
    return 0


def test_what_is_kept_about_something_else_is_not_read(tmp_path: Path) -> None:
    Outcomes(tmp_path / "l.sqlite", "one", NOTHING).close()
    with pytest.raises(IdeaCardError, match="about another"):
        Outcomes(tmp_path / "l.sqlite", "other", NOTHING)


def test_figures_come_back_from_disk_to_the_bit(store: Path, tmp_path: Path) -> None:
    made, space = matter(store)
    wanted = [Job(space.at(number), Stretch(0, 1_500)) for number in range(4)]
    kept = Outcomes(tmp_path / "l.sqlite", "x", NOTHING)
    outcomes = dict(Local(made).outcomes(wanted, never))
    for place, outcome in outcomes.items():
        kept.put(wanted[place], outcome)
    assert [kept.get(job) for job in wanted] == [outcomes[n] for n in range(4)]
    kept.put(wanted[0], Refused("no"))
    assert kept.get(wanted[0]) == outcomes[0]  # a row is written once


def test_tpe_gives_up_sets_that_lag_on_the_first_part_of_the_history(
    store: Path, tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    plan = Plan(method=Method.TPE, objectives=(TIMING,), count=40, seed=2, prunes=True)
    made, space = matter(store, ("fast=5:28", "slow=30:90"))
    done = sweep(made, asked(store, tmp_path, space, plan))
    given_up = [one for one in done.tried if one.share < 1.0]
    assert given_up
    assert all(one.figures is None for one in given_up)
    assert {one.params for one in done.ranked()} == {o.params for o in done.tried if o.share == 1.0}
    assert len(done.tried) > len(space.axes)


def test_tpe_takes_several_objectives_and_words(store: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    aims = (objective("net_return_pct"), objective("max_drawdown_pct"))
    plan = Plan(method=Method.TPE, objectives=aims, count=16)
    made, space = matter(store, ("fast=5:28", "execution.fill_model=touch,conservative"))
    done = sweep(made, asked(store, tmp_path, space, plan))
    assert {dict(one.params)["execution.fill_model"] for one in done.tried} == {
        "touch",
        "conservative",
    }
    assert 1 <= len(done.front()) <= len(done.tried)


def figures(growth: float, drawdown: float) -> Outcome:
    return Figures(
        start=100.0, equity=100.0 + growth, drawdown=drawdown, drawdown_usdt=1.0, trades=1, won=1, lost=0, gains=1.0,
        losses=0.0, fees=0.0, fills=2, liquidations=0, longest_hold=1, timing=None, growth=0.0,
    )  # fmt: skip


def test_nothing_on_the_front_has_another_above_it_in_everything() -> None:
    chance = Random(9)
    tried = [
        Tried((("params.n", str(n)),), figures(chance.randrange(30), chance.randrange(30) / 100))
        for n in range(200)
    ]
    aims = (objective("net_profit_usdt"), objective("max_drawdown_pct"))
    kept = {one.params for one in front(tried, aims)}

    def ranks(one: Tried) -> list[float]:
        assert one.figures is not None
        return [float(aim.rank(one.figures) or 0.0) for aim in aims]

    for one in tried:
        mine = ranks(one)
        beaten = any(
            theirs != mine and all(a >= b for a, b in zip(theirs, mine, strict=True))
            for theirs in map(ranks, tried)
        )
        assert (one.params in kept) is not beaten


def test_low_drawdown_ranks_first_and_a_missing_figure_last() -> None:
    low, high = Tried((("a", "1"),), figures(1, 0.1)), Tried((("a", "2"),), figures(1, 0.2))
    assert ranked([high, low], objective("max_drawdown_pct")) == [low, high]
    assert ranked([high, low], TIMING) == []


def test_the_allowance_for_choosing_is_that_of_many_draws() -> None:
    chance = Random(6)
    for tries in (2, 10, 100):
        highest = mean(max(chance.gauss(0, 1) for _ in range(tries)) for _ in range(4_000))
        assert expected_highest(tries) == pytest.approx(highest, abs=0.08)
    assert expected_highest(1) == 0.0


def test_words_count_the_tries_and_never_praise(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["sweep", str(CARD), "--data", str(store), "--param", "fast=5:8", "--param", "slow=40"]
    told = cli(capsys, [*words, "--objective", "timing", "--objective", "max_drawdown_pct"])
    assert told.code == 0, told.err
    said = told.out.lower()
    assert "4 sets were tried" in said
    assert "ideacard robust" in said
    assert "--tried" not in said  # it finds them by itself
    aside = cli(capsys, [*words, "--out", "aside"]).out
    assert "--tried 4" in aside
    for word in ("best", "optimal", "winner", "robust parameters", "validated", "proven"):
        assert word not in said
    once_more = cli(capsys, [*words[:-1], "slow=50"]).out
    assert "8 sets were tried" in once_more  # whatever was tried before on these bars counts
    assert Selection(41, 2.0).deflated == pytest.approx(2.0 - expected_highest(41))


def test_unknown_words_are_told(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", str(CARD), "--data", str(store)]
    assert "no objective `luck`" in cli(capsys, [*words, "--objective", "luck"]).err
    ran = cli(capsys, [*words, "--prune"])
    assert (ran.code, "pruning goes with the method tpe and one objective" in ran.err) == (2, True)
    assert all(one.sign in (1, -1) for one in OBJECTIVES)
