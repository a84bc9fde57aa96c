"""The fuzzing scripts: they find what is wrong, and what is there is found right."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from compiler.findings.source import Source
from compiler.pipeline import Checked, check
from tools.language_words import Chapter, words
from tools.made_inputs import coverage as coverage_fuzz
from tools.made_inputs import run as generated_inputs
from tools.made_inputs.cards import valid_card
from tools.made_inputs.damage import damaged_card
from tools.made_inputs.run import KINDS, make, problem_with, run
from tools.made_inputs.told import lacking, pieces, told_card

SEED = 20261124


NEWEST = (
    "variables:", "sessions:", "limits:", "bars_since(", "value_when(", "highest_since(", "count_since(", " then ",
    " is rising", " is never", " crosses sma(", "time_utc in ", "weekday_utc != sun", "date >= ", "now_utc",
    "rsi(high, 9)", "sma(close - open, 4)", "OTHERUSDT.close", "correlation(", "mod(", "sign(", "round(", "pow(",
    "50% of (", "loss_streak", "pnl_today", "drawdown_pct", "last_exit_reason", "limit_hit", "entries_allowed",
    "mean_when(", "median_when(", "highest_when(", "lowest_when(",
)  # fmt: skip


def test_made_up_inputs_of_every_kind_leave_the_compiler_standing(tmp_path: Path) -> None:
    tally = run(SEED, 600, 1, tmp_path)
    assert [failure.problem for failure in tally.failures] == []
    assert sum(tally.made.values()) == 600
    assert all(tally.made[kind] > 0 for kind in KINDS)
    assert tally.accepted["valid"] == tally.made["valid"]
    assert 0 < tally.accepted["damaged"] < tally.made["damaged"] / 2


def test_an_input_depends_on_its_number_and_the_seed_alone() -> None:
    assert [make(SEED, i) for i in (5, 6)] == [make(SEED, 5), make(SEED, 6)]
    assert make(SEED, 5) != make(SEED, 6)
    assert make(SEED, 5) != make(SEED + 1, 5)


def test_right_cards_come_in_both_spellings_and_use_most_of_the_catalogue() -> None:
    texts = [valid_card(Random(i)) for i in range(300)]
    assert 50 < sum("execution_tf" in text for text in texts) < 150
    words = " ".join(texts)
    assert all(word in words for word in ("crosses", "holds_for", "structures", "order_ref"))


def test_right_cards_use_the_newest_words() -> None:
    texts = " ".join(valid_card(Random(i)) for i in range(800))
    assert [word for word in NEWEST if word not in texts] == []


def test_every_word_of_the_reference_is_in_made_up_inputs() -> None:
    written = {word.name for word in words() if word.chapter is not Chapter.REFUSAL}
    assert {piece.name for piece in pieces()} == written
    assert lacking("".join(told_card(Random(i)) for i in range(700))) == []
    assert "cancel_order" in lacking(told_card(Random(1)))


def test_most_cards_of_the_references_examples_are_right() -> None:
    texts = [told_card(Random(i)) for i in range(40)]
    assert sum(not check(Source("card.yaml", text)).has_errors for text in texts) >= 30
    assert sum("cases" in text and "position_side" in text for text in texts) >= 10


def test_damage_shows(tmp_path: Path) -> None:
    codes = {
        d.code
        for i in range(300)
        for d in check(Source("card.yaml", damaged_card(Random(i)))).diagnostics
        if d.is_error
    }
    assert {"IC100", "IC107", "IC109", "IC110", "IC111", "IC201"} <= codes


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
        (RecursionError("deep"), "RecursionError: deep"),
    ],
)
def test_an_exception_of_the_compiler_is_a_failure(
    fault: Exception, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_source: Source) -> Checked:
        raise fault

    monkeypatch.setattr(generated_inputs, "check", broken)
    problem, accepted = problem_with("valid", "name: x", tmp_path / "scratch.yaml")
    assert problem is not None
    assert words in problem
    assert not accepted


def test_a_hang_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_source: Source) -> Checked:
        while True:
            pass

    monkeypatch.setattr(generated_inputs, "check", endless)
    monkeypatch.setattr(generated_inputs, "SECONDS", 0.05)
    problem, _ = problem_with("damaged", "name: x", tmp_path / "scratch.yaml")
    assert problem is not None
    assert problem.startswith("took more than 0.05 s")


def test_an_error_in_a_right_card_is_a_failure(tmp_path: Path) -> None:
    problem, _ = problem_with("valid", "name: x", tmp_path / "scratch.yaml")
    assert problem is not None
    assert "IC109" in problem


def test_a_death_of_the_process_names_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated_inputs, "run_chunk", _deadly_chunk)
    tally = run(SEED, 10, 1, tmp_path)
    assert [failure.index for failure in tally.failures] == [3]
    assert (tmp_path / "failures" / f"{make(SEED, 3)[0]}_3.yaml").exists()


def _deadly_chunk(seed: int, start: int, stop: int, out: Path) -> None:
    """Stand for a chunk whose fourth input kills the process the way a broken C library does."""
    (out / f"at_{os.getpid()}").write_text("           3")
    os._exit(139)


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    run(SEED, 500, 1, tmp_path)
    tally = run(SEED, 600, 1, tmp_path, resume=True)
    assert sum(tally.made.values()) == 100


def test_found_faults_end_the_command_with_1_and_can_be_tried_again(tmp_path: Path) -> None:
    bad = tmp_path / "valid_1.yaml"
    bad.write_text("name: x\n")
    good = tmp_path / "damaged_2.yaml"
    good.write_text("name: x\n")
    result = CliRunner().invoke(generated_inputs.main, ["--again", str(bad), str(good)])
    assert result.exit_code == 1
    assert "damaged_2.yaml: fine" in result.output


@pytest.mark.parametrize("target", list(coverage_fuzz.LAWS))
def test_every_seed_of_the_fuzzer_keeps_the_law(target: str) -> None:
    assert coverage_fuzz.replay(target) > 50


@pytest.mark.parametrize("target", list(coverage_fuzz.LAWS))
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs atheris")
def test_a_few_seconds_of_fuzzing_find_nothing(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.made_inputs.coverage", "--target", target]
    command += ["--minutes", "0.05", "--out", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "stat::number_of_executed_units" in ended.stderr
    assert not list(tmp_path.glob("crash-*"))
