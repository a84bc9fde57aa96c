"""`ideacard fmt` through its command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.compiler.formatting.test_formatting import OLD, card
from tests.tools.cli import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.card.yaml"
    path.write_text(card("close>fast  # why"), encoding="utf-8")
    return path


def test_check_names_the_card_and_writes_nothing(capsys: Capture, file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    ran = run(capsys, ["fmt", str(file), "--check"])
    assert (ran.code, ran.out) == (1, f"would change {file}\n")
    assert file.read_text(encoding="utf-8") == before


def test_diff_shows_the_change_and_writes_nothing(capsys: Capture, file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    ran = run(capsys, ["fmt", str(file), "--diff"])
    assert ran.code == 0
    assert "-      - when: close>fast  # why\n+      - when: close > fast  # why\n" in ran.out
    assert file.read_text(encoding="utf-8") == before


def test_a_card_is_written_once_and_then_left_alone(capsys: Capture, file: Path) -> None:
    assert run(capsys, ["fmt", str(file)]).out == f"changed {file}\n"
    assert file.read_text(encoding="utf-8") == card("close > fast  # why")
    again = run(capsys, ["fmt", str(file), "--check"])
    assert (again.code, again.out) == (0, "")
    assert "1 card: 0 would change" in again.err


def test_a_card_with_mistakes_shows_them_and_is_left_alone(capsys: Capture, file: Path) -> None:
    file.write_text(card("close>fats"), encoding="utf-8")
    ran = run(capsys, ["fmt", str(file)])
    assert ran.code == 1
    assert "error[IC201]" in ran.err
    assert "left alone, it has mistakes" in ran.err
    assert file.read_text(encoding="utf-8") == card("close>fats")


def test_standard_input_goes_to_standard_output_whole(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(card("close>fast")))
    assert run(capsys, ["fmt", "-"]).out == card("close > fast")
    monkeypatch.setattr("sys.stdin", io.StringIO(card("close>fats")))
    ran = run(capsys, ["fmt", "-"])
    assert (ran.code, ran.out) == (1, card("close>fats"))


def test_json_tells_what_changed_and_why_something_did_not(capsys: Capture, file: Path) -> None:
    many = file.with_name("old.yaml")
    many.write_text(OLD.replace("  - BTCUSDT  # the only one", "  - BTCUSDT\n  - ETHUSDT"))
    ran = run(capsys, ["fmt", str(file), str(many), "--upgrade", "--json"])
    first, second = json.loads(ran.out)
    assert (first["changed"], second["changed"]) == (True, False)
    assert "trades one symbol" in second["notes"][0]


def test_to_and_back_through_files(capsys: Capture, file: Path) -> None:
    run(capsys, ["fmt", str(file), "--to", "tree"])
    assert "{ lhs: { builtin: close }, op: gt, rhs: { feature_id: fast } }" in file.read_text(
        encoding="utf-8"
    )
    run(capsys, ["fmt", str(file), "--to", "expr"])
    assert file.read_text(encoding="utf-8") == card("close > fast  # why")
