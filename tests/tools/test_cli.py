"""The command line as its users meet it: help, exit codes, errors at the right place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.cli import run
from tools.cards import read_source
from tools.cli import COMMANDS
from tools.running import compile_for
from tools.shipped_cards import shipped_cards

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "cards" / "gallery"
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(capsys: Capture, command: str) -> None:
    ran = run(capsys, [command, "--help"])
    assert ran.code == 0
    assert f"ideacard {command}" in ran.out.split("Example", 1)[1]


def test_the_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys, tools.cli; print([m for m in sys.modules if m.startswith('tools.commands.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "heavy",
    [
        "numpy", "pyarrow", "plotly", "pybit", "rich", "transitions", "fractions", "zoneinfo",
        "importlib.resources",
    ],
)  # fmt: skip
def test_lint_loads_nothing_that_only_runs_need(heavy: str) -> None:
    code = (
        "import sys\nfrom tools import cli\n"
        "sys.argv = ['ideacard', 'lint', 'cards/gallery/ema_cross.yaml']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"sys.exit({heavy!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, heavy


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(capsys: Capture) -> None:
    ran = run(capsys, ["backtset"])
    assert ran.code == 2
    assert "Did you mean `backtest`?" in ran.err
    assert "Did you mean `backtest`?" in run(capsys, ["run", "card.yaml"]).err


CARD = """\
name: t
symbol: BTCUSDT
tf: 15m
features:
  - {{ type: ema, id: fast, params: {{ length: 9 }} }}
blocks:
  - id: a
    cases:
      - when: {when}
        emit:
          - {{ action: entry_long, metadata: {{ {metadata} }} }}
"""


def card(tmp_path: Path, when: str = "close > fast", metadata: str = "size_usdt: 100") -> Path:
    path = tmp_path / "t.card.yaml"
    path.write_text(CARD.format(when=when, metadata=metadata), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("when", "metadata", "place", "words"),
    [
        ("close > fast", "size_ustd: 100", "11:47: error[IC107]", "did you mean `size_usdt`?"),
        ("close > fast", "size_usdt: much", "error[IC", "`much`"),
        ("close > fats", "size_usdt: 100", "9:23: error[IC201]", "did you mean `fast`?"),
        ("close >> fast", "size_usdt: 100", "9:21: error[IC111]", "did you mean `>`?"),
        ("close > fast * 1 usdt", "size_usdt: 100", "error[IC301]", "usdt"),
    ],
)
def test_a_wrong_card_is_named_with_place_caret_and_suggestion(
    capsys: Capture, tmp_path: Path, when: str, metadata: str, place: str, words: str
) -> None:
    path = card(tmp_path, when, metadata)
    ran = run(capsys, ["lint", str(path)])
    assert ran.code == 1
    assert f"{path}:" in ran.out
    assert place in ran.out
    assert words in ran.out
    assert "^" in ran.out


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_lint_speaks_every_format(capsys: Capture, tmp_path: Path, form: str) -> None:
    ran = run(capsys, ["lint", str(card(tmp_path, "close > fats")), "--format", form])
    assert ran.code == 1
    assert "IC201" in ran.out
    if form in ("json", "sarif"):
        json.loads(ran.out)


def test_fail_level_decides_the_exit_code(capsys: Capture, tmp_path: Path) -> None:
    path = str(card(tmp_path))  # no stop: a warning
    assert run(capsys, ["lint", path]).code == 0
    assert run(capsys, ["lint", path, "--fail-level", "warning"]).code == 1


def test_fix_repairs_the_card_and_diff_writes_nothing(capsys: Capture, tmp_path: Path) -> None:
    path = card(tmp_path, "close > fasst")
    before = path.read_text(encoding="utf-8")
    ran = run(capsys, ["lint", str(path), "--diff"])
    assert "+      - when: close > fast" in ran.out
    assert path.read_text(encoding="utf-8") == before
    assert run(capsys, ["lint", str(path), "--fix"]).code == 0
    assert "close > fast\n" in path.read_text(encoding="utf-8")


def test_select_and_ignore_take_codes_and_names(capsys: Capture, tmp_path: Path) -> None:
    path = str(card(tmp_path))
    assert "IC601" in run(capsys, ["lint", path, "--select", "entry-without-stop"]).out
    assert "IC601" not in run(capsys, ["lint", path, "--ignore", "IC601"]).out
    ran = run(capsys, ["lint", path, "--select", "IC9999"])
    assert ran.code == 2


def test_several_processes_say_what_one_says_in_the_same_order(
    capsys: Capture, tmp_path: Path
) -> None:
    for number in range(30):
        metadata = "size_usdt: 100" if number % 3 else "size_ustd: 100"
        text = CARD.format(when=f"close > fast + {number}", metadata=metadata)
        (tmp_path / f"card_{number:02}.yaml").write_text(text, encoding="utf-8")
    alone = run(capsys, ["lint", str(tmp_path), "--jobs", "1", "--ignore", "IC506"])
    together = run(capsys, ["lint", str(tmp_path), "--jobs", "3", "--ignore", "IC506"])
    assert alone == together
    assert together.code == 1
    assert "30 cards checked: 10 errors" in together.out


def test_a_missing_card_is_a_clear_error(capsys: Capture, tmp_path: Path) -> None:
    ran = run(capsys, ["lint", str(tmp_path / "no.yaml")])
    assert ran.code == 1
    assert "error[IC100] invalid-yaml: no such file, expected a card" in ran.out


def test_a_card_that_is_not_text_is_a_clear_error(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"name: \xff\xfe")
    ran = run(capsys, ["lint", str(path)])
    assert "not UTF-8" in ran.out


@pytest.mark.parametrize("shape", ["graph", "json", "mermaid", "dot", "program"])
def test_compile_emits_every_shape(capsys: Capture, shape: str) -> None:
    ran = run(capsys, ["compile", str(GALLERY / "zone_scalper_v1.yaml"), "--emit", shape])
    assert ran.code == 0
    assert "demand" in ran.out or shape == "program"
    if shape == "json":
        json.loads(ran.out)


def test_compile_of_a_wrong_card_shows_the_errors_and_fails(
    capsys: Capture, tmp_path: Path
) -> None:
    ran = run(capsys, ["compile", str(card(tmp_path, "close > fats"))])
    assert (ran.code, ran.out) == (1, "")
    assert "IC201" in ran.err


@pytest.mark.parametrize("width", [40, 80])
def test_every_card_that_comes_with_the_program_is_listed_and_can_be_begun_with(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = run(capsys, ["new", "--list"]).out
    assert max(map(len, told.splitlines())) <= max(width, 46)
    cards = shipped_cards()
    paths = [
        p for folder in ("gallery", "cookbook") for p in (ROOT / "cards" / folder).glob("*.yaml")
    ]
    assert sorted((one.folder, one.file) for one in cards) == sorted(
        (path.parent.name, path.name) for path in paths
    )
    assert len({one.name for one in cards}) == len(cards) > 30
    assert [one.name for one in cards] == [
        line.split()[0] for line in told.splitlines() if not line.startswith(" ")
    ]
    assert "sell once the price is back" in " ".join(told.split())
    for one in cards:
        path = tmp_path / f"{one.name}.card.yaml"
        words = ["new", "mine", "--like", one.name, "-o", str(path), "--force"]
        assert run(capsys, words).code == 0
        graph = compile_for(read_source(path), despite_lint=True).graph
        assert graph.card == "mine"


def test_a_card_to_begin_with_is_one_that_there_is_and_keeps_its_market(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there are: breakout_stops" in run(capsys, ["new", "x", "--like", "nothing"]).err
    ran = run(capsys, ["new", "x", "--like", "grid", "--tf", "1h"])
    assert (ran.code, "brings its own symbol and tf" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_new_writes_a_card_that_lints_clean_and_compiles(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, ["new", "my_idea", "--symbol", "ETHUSDT", "--tf", "1h"]).code == 0
    ran = run(capsys, ["lint", "my_idea.card.yaml", "--fail-level", "info"])
    assert ran.code == 0, ran.out
    assert run(capsys, ["compile", "my_idea.card.yaml"]).code == 0
    again = run(capsys, ["new", "my_idea"])
    assert (again.code, "exists already" in again.err) == (1, True)
    assert run(capsys, ["new", "bad name"]).code == 2


def test_diff_says_equal_cards_equal_whatever_the_spelling(capsys: Capture, tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(CARD.format(when="close > fast", metadata="size_usdt: 100"), encoding="utf-8")
    tree = "{ lhs: { feature_id: close }, op: gt, rhs: { feature_id: fast } }"
    two.write_text(CARD.format(when=tree, metadata="size_usdt: 100"), encoding="utf-8")
    ran = run(capsys, ["diff", str(one), str(two)])
    assert (ran.code, ran.out) == (0, "the cards mean the same\n")
    two.write_text(
        CARD.format(when="close > fast * 1.01", metadata="size_usdt: 100"), encoding="utf-8"
    )
    ran = run(capsys, ["diff", str(one), str(two)])
    assert ran.code == 1
    assert "~ blocks.a.cases[0].when: close > fast -> close > fast * 1.01" in ran.out


@pytest.mark.parametrize("draft", ["2020-12", "7"])
def test_schema_prints_json(capsys: Capture, draft: str) -> None:
    schema = json.loads(run(capsys, ["schema", "--draft", draft]).out)
    assert "properties" in schema or "allOf" in schema or "if" in schema


def test_catalog_and_rule_explain_themselves(capsys: Capture) -> None:
    assert "supertrend" in run(capsys, ["catalog"]).out
    assert "warm-up" in run(capsys, ["catalog", "supertrend"]).out
    ran = run(capsys, ["catalog", "supertrendd"])
    assert (ran.code, "did you mean `supertrend`?" in ran.err) == (1, True)
    assert "IC201" in run(capsys, ["rule", "undefined-name"]).out
    assert "IC505" in run(capsys, ["rule"]).out


def test_explain_without_a_time_reads_the_card_back(capsys: Capture) -> None:
    ran = run(capsys, ["explain", "cards/gallery/ema_cross.yaml"])
    assert ran.code == 0
    assert "When fast crosses above slow, and position_side is flat:" in ran.out
    both = run(
        capsys, ["explain", "cards/gallery/ema_cross.yaml", "--at", "2025-01-01", "--why-not", "x"]
    )
    assert both.code == 2


def test_the_program_is_called_ideacard_however_it_was_started() -> None:
    done = subprocess.run(
        [sys.executable, "ideacard.py", "demo", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.startswith("Usage: ideacard demo ")
