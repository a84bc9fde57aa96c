"""What a run breaks of its card's promises is said wherever the run is shown or chosen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.cli import run as cli

# A position is left `hold` bars later; more than 8 break the promise, by nothing but time.
CARD = """\
name: held
symbol: BTCUSDT
tf: 15m
params:
  hold: { default: 4, low: 2, high: 40, step: 1 }
invariants: [{ flat_after_bars: 8 }]
features:
  - { type: sma, id: fast, params: { length: 5 } }
  - { type: sma, id: slow, params: { length: 20 } }
position_policy: { mode: long_only }
blocks:
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss_offset_pct: -9 } }]
  - id: out
    cases:
      - when: bars_since_entry >= hold and position_side == long
        emit: [exit_long]
"""


@pytest.fixture
def here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.card.yaml").write_text(CARD)
    assert cli(capsys, ["data", "synth", "--bars", "600", "--store", "data"]).code == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], command: str, *words: str) -> str:
    made = cli(capsys, [command, "c.card.yaml", "--data", "data", *words])
    assert made.code == 0, made.err
    return made.out


def told(capsys: pytest.CaptureFixture[str], command: str, *words: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(said(capsys, command, *words, "--json"))
    return held


def test_a_sweep_marks_every_shown_set_that_breaks_a_promise(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = told(capsys, "sweep", "--param", "hold=4,8,20")["sets"]
    broken = {one["params"]["params.hold"]: one["promises_broken"] for one in sets}
    assert (broken["4"], broken["8"]) == ([], [])
    assert len(broken["20"]) == 1
    times = int(broken["20"][0].removeprefix("flat_after_bars: 8 (").removesuffix("×)"))
    run = told(capsys, "backtest", "--set", "params.hold=20", "--no-report")
    assert times == run["promises"][0]["times"] > 0
    text = said(capsys, "sweep", "--param", "hold=4,8,20")
    assert f"! hold=20 breaks what the card promises: {broken['20'][0]}" in " ".join(text.split())
    assert "the first that breaks no promise: hold=" in text
    assert "none that was looked at" in said(capsys, "sweep", "--param", "hold=20,30")


def test_sets_that_nobody_looked_at_are_not_said_to_keep_anything(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.search.sweep.LOOKED", 1)
    sets = told(capsys, "sweep", "--param", "hold=4,8")["sets"]
    assert sorted(one["promises_broken"] is None for one in sets) == [False, True]
    assert "? 1 of these were not looked at" in said(capsys, "sweep", "--param", "hold=4,8")


def test_a_walk_says_where_its_choice_broke_a_promise(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--param", "hold=20", "--train", "200", "--test", "150", "--purge", "0")
    (walk,) = told(capsys, "walk", *words)["walks"]
    folds = [one for one in walk["folds"] if one["tested"] is not None]
    assert all(one["promises_broken"]["chosen_on"] for one in folds)
    assert any(one["promises_broken"]["looked_at"] for one in folds)
    assert walk["folds_that_break_promises"] == len(folds) > 0
    text = said(capsys, "walk", *words)
    assert text.count("! where it was chosen it breaks what the card promises") == len(folds)
    assert f"a promise of the card was broken in {len(folds)} of them" in text
    (kept,) = told(capsys, "walk", *words[:1], "hold=4", *words[2:])["walks"]
    assert kept["folds_that_break_promises"] == 0


def test_the_conclusion_of_robust_names_a_broken_promise(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--mirrors", "19", "--no-moves", "--html", "r.html")
    broke = told(capsys, "robust", *words, "--set", "params.hold=20")["promises_broken"]
    assert len(broke) == 1
    text = " ".join(said(capsys, "robust", *words, "--set", "params.hold=20").split())
    conclusion = text[text.index("Conclusion: ") :]
    assert f"The run breaks what the card promises: {broke[0]}." in conclusion
    assert f"breaks what the card promises: {broke[0]}." in Path("r.html").read_text()
    assert told(capsys, "robust", *words)["promises_broken"] == []
    assert "promises" not in said(capsys, "robust", *words)
