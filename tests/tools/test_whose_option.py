"""A message that names an option leads to a command that has it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.tools.cli import run
from tools.cli import ideacard
from tools.whose_option import OPTION, commands, options_of, whose_options

ROOT = Path(__file__).resolve().parents[2]
EMA = str(ROOT / "cards" / "gallery" / "ema_cross.yaml")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def hourly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a file that says it is of minutes, with rows an hour apart."""
    monkeypatch.chdir(tmp_path)
    rows = (f"{1_700_000_400_000 + 3_600_000 * i},100,101,99,100,5\n" for i in range(50))
    (tmp_path / "m1.csv").write_text("time,open,high,low,close,volume\n" + "".join(rows))
    return "m1.csv"


@pytest.mark.parametrize("command", ["backtest", "envelope", "explain"])
def test_an_option_of_another_command_is_told_with_that_command(
    command: str, capsys: Capture, hourly: str
) -> None:
    more = ["--why-not", "enter"] if command == "explain" else []
    ran = run(capsys, [command, EMA, "--data", hourly, *more])
    assert (ran.code, "--tf 1h if the rows are right" in ran.err) == (1, True)
    assert f"--tf is no option of `ideacard {command}` but of `ideacard data import`" in ran.err
    assert ran.err.count("ideacard") == 2


def test_a_command_that_has_the_option_says_no_more(capsys: Capture, hourly: str) -> None:
    ran = run(capsys, ["data", "import", hourly, "--symbol", "BTCUSDT", "--dry-run"])
    assert "--tf 1h if the rows are right" in ran.err
    assert "no option" not in ran.err
    assert run(capsys, ["data", "import", hourly, "--symbol", "BTCUSDT", "--tf", "1h"]).code == 0


def test_an_option_behind_the_command_it_is_of_needs_no_word() -> None:
    said = "x.csv: holds 2 symbols: ideacard data import x.csv --symbol A --tf 1h takes the rows of one"
    assert whose_options(said, ideacard, ["backtest", "card.yaml"]) == ""
    two = whose_options("--stamp close moves them, --tz ZONE tells them apart", ideacard, ["lint"])
    assert two.startswith(
        "--stamp, --tz are no options of `ideacard lint` but of `ideacard data import`"
    )


def test_every_option_that_a_text_of_the_engine_or_compiler_names_is_one_of_some_command() -> None:
    known = set().union(*(options_of(command) for _, command in commands(ideacard))) | {"--help"}
    named = {
        (option, str(file.relative_to(ROOT)))
        for folder in ("runtime", "compiler")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for option in OPTION.findall(node.value)
    }
    assert len(named) > 30
    assert {(option, file) for option, file in named if option not in known} == set()
