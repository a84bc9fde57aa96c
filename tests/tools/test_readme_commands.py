"""What the README tells a newcomer to type works as written, in a folder of their own, on a made-up market."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.tools.cli import run
from tools.goldens import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_STEPS = (ROOT / "docs" / "first-steps.md").read_text(encoding="utf-8")
# Not typed here, and why; every other command of the table is.
ELSEWHERE = {
    "data download": "asks the venue",
    "live": "goes on until it is stopped: test_survival",
    "check": "searches for half a minute: test_cli_check",
    "envelope": "runs many back-tests: test_survival",
    "sweep": "runs many back-tests: search/",
    "walk": "runs many back-tests: search/",
    "robust": "runs many back-tests: search/",
    "machine check": "walks every state of an order: test_exploration",
}
DAY = 86_400_000
T0 = 1_709_510_400_000


def typed(text: str) -> list[list[str]]:
    """Return the words of every command that the table of the README names, by rows."""
    found = [shlex.split(line)[1:] for line in re.findall(r"`(ideacard [^`]+)`", text)]
    return [words for words in found if words != ["--help"] and words[0] != "lsp"]


def is_elsewhere(words: list[str]) -> bool:
    return any(" ".join(words).startswith(start) for start in ELSEWHERE)


@pytest.fixture
def fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """Return a folder with what a newcomer brings: a starter, a made-up market, bars, an old card."""
    monkeypatch.chdir(tmp_path)
    assert run(capsys, ["new", "my_idea"]).code == 0
    assert run(capsys, ["data", "synth"]).code == 0
    rows = (f"{T0 + i * DAY},ETHUSDT,100,105,95,{100 + i % 3},7\n" for i in range(20))
    Path("bars.csv").write_text("ts,symbol,open,high,low,close,volume\n" + "".join(rows))
    card = re.search(r"```yaml\n(name: .*?)```", README, re.DOTALL)
    assert card is not None
    for name in ("old.yaml", "old.card.yaml", "new.card.yaml"):
        Path(name).write_text(card[1], encoding="utf-8")
    return tmp_path


def test_every_command_of_the_readme_works_as_written(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = [words for words in typed(README) if not is_elsewhere(words) and words[0] != "new"]
    assert len(here) > 15
    for words in sorted(here, key=lambda words: words[0] == "compare"):
        if words[0] == "compare":  # what changed between two runs: there have to be two
            assert "holds one run, no `last~1`: make another" in run(capsys, words).err
            again = ["backtest", "my_idea.card.yaml", "--data", "data/", "--set", "params.fast=8"]
            assert run(capsys, again).code == 0
        ran = run(capsys, words)
        assert ran.code == 0, f"ideacard {' '.join(words)}: {ran.err or ran.out[-500:]}"


def test_what_is_tried_elsewhere_stands_in_the_readme() -> None:
    named = [" ".join(words) for words in typed(README)]
    assert [start for start in ELSEWHERE if not any(n.startswith(start) for n in named)] == []


def test_the_python_of_the_readme_works_as_written(fresh: Path) -> None:
    block = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    exec(compile(block[1], "README.md", "exec"), names)
    assert len(names["run"].trades) > 0  # type: ignore[attr-defined]


def test_first_steps_explain_a_close_of_the_made_up_market(
    fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = re.findall(r"^ideacard (explain [^#\n]*--[^#\n]*)", FIRST_STEPS, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        ran = run(capsys, shlex.split(line))
        assert ran.code == 0, f"ideacard {line}: {ran.err}"
