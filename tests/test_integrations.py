"""What other programs start of us: hooks, a pipeline's step, a shell's completion."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("ideacard")
CLEAN = ROOT / "cards" / "gallery" / "ema_cross.yaml"
BROKEN = next((ROOT / "cards" / "broken").glob("IC107_*.yaml"))

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="ideacard is not installed here")


def start(words: list[str], cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words, capture_output=True, text=True, cwd=cwd, check=False, timeout=120,
        env={**os.environ, "PATH": path, **env},
    )  # fmt: skip


def test_hooks_pass_a_right_card_and_stop_a_wrong_one(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    good, bad = tmp_path / "good.card.yaml", tmp_path / "bad.card.yaml"
    shutil.copy(CLEAN, good)
    shutil.copy(BROKEN, bad)
    assert {hook["id"] for hook in hooks} == {"ideacard-lint", "ideacard-fmt"}
    for hook in hooks:
        assert re.search(hook["files"], good.name)
        assert not re.search(hook["files"], "docker-compose.yaml")
        words = shlex.split(hook["entry"])
        assert start([*words, good.name], tmp_path).returncode == 0
        assert start([*words, good.name, bad.name], tmp_path).returncode == 1


def test_the_step_of_a_pipeline_fails_on_findings_and_leaves_sarif(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (script,) = [s["run"] for s in action["runs"]["steps"] if s["name"] == "lint"]
    names = re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", (ROOT / "action.yml").read_text())
    assert set(names) == set(action["inputs"])
    (tmp_path / "strategies").mkdir()
    shutil.copy(CLEAN, tmp_path / "strategies" / "good.card.yaml")
    given = {"CARDS": "strategies", "FAIL_LEVEL": "error", "SARIF": "out.sarif"}
    assert start(["bash", "-e", "-c", script], tmp_path, **given).returncode == 0
    shutil.copy(BROKEN, tmp_path / "strategies" / "bad.card.yaml")
    done = start(["bash", "-e", "-c", script], tmp_path, **given)
    assert done.returncode == 1
    assert "::error file=strategies/bad.card.yaml,line=" in done.stdout
    found = json.loads((tmp_path / "out.sarif").read_text())
    assert found["runs"][0]["results"][0]["ruleId"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_options_and_choices(shell: str, tmp_path: Path) -> None:
    assert (
        "ideacard" in start([str(PROGRAM)], tmp_path, _IDEACARD_COMPLETE=f"{shell}_source").stdout
    )
    if shell != "bash":
        return
    offered = start(
        [str(PROGRAM)], tmp_path, _IDEACARD_COMPLETE="bash_complete", COMP_WORDS="ideacard ",
        COMP_CWORD="1",
    ).stdout  # fmt: skip
    assert {line.split(",")[1] for line in offered.split()} == set(COMMANDS)
    choices = start(
        [str(PROGRAM)], tmp_path, _IDEACARD_COMPLETE="bash_complete",
        COMP_WORDS="ideacard backtest --fill-model ", COMP_CWORD="3",
    ).stdout  # fmt: skip
    assert "plain,conservative" in choices.split()


def test_the_page_about_editors_names_what_there_is() -> None:
    page = (ROOT / "docs" / "editors-and-ci.md").read_text(encoding="utf-8")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for hook in hooks:
        assert f"id: {hook['id']}" in page
    for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.S):
        assert yaml.safe_load(block.replace("<", "").replace(">", ""))
    for command in re.findall(r"ideacard (\w+)", page):
        assert command in (*COMMANDS, "bash_source", "zsh_source", "fish_source"), command
