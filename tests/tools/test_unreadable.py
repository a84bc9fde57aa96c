"""A card file that cannot be read is a finding like any other: with what is there, and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli import run
from tools.unreadable import missing

Capture = pytest.CaptureFixture[str]


def _folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_text("name: x\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["dips.card.yaml", "dip.yaml", "dip", "dpi.card.yml"])
def test_a_file_that_is_not_there_names_the_one_that_is_meant(tmp_path: Path, name: str) -> None:
    folder = _folder(tmp_path, "dip.card.yaml", "grid.card.yaml")
    assert f"did you mean `{folder / 'dip.card.yaml'}`?" in missing(folder / name).message


def test_where_none_is_near_some_are_named_and_hidden_files_are_no_cards(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ".hooks.yaml", *(f"{letter * 9}.yaml" for letter in "abcde"))
    said = missing(folder / "momentum.yaml").message
    assert f"`{folder}` has `aaaaaaaaa.yaml`, `bbbbbbbbb.yaml`, `ccccccccc.yaml` and 2 more" in said


def test_an_empty_folder_says_how_a_card_begins(tmp_path: Path) -> None:
    assert "`ideacard new dip` writes one" in missing(tmp_path / "dip.card.yaml").message


def test_a_folder_that_is_not_there_names_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    said = missing(tmp_path / "crads" / "dip.yaml").message
    assert f"did you mean `{tmp_path / 'cards' / 'dip.yaml'}`?" in said
    assert f"exists is `{tmp_path}`" in missing(tmp_path / "zz" / "y" / "dip.yaml").message


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_a_missing_card_is_a_finding_in_every_form(
    capsys: Capture, tmp_path: Path, form: str
) -> None:
    ran = run(capsys, ["lint", str(tmp_path / "no.yaml"), "--format", form])
    assert ran.code == 1
    assert "IC100" in ran.out
    assert "no such file" in ran.out
    assert ran.err == ""
    if form in ("json", "sarif"):
        json.loads(ran.out)


@pytest.mark.parametrize(
    "words", [["backtest"], ["check"], ["explain"], ["compile"], ["lint", "--diff"]]
)
def test_every_command_says_it_alike(capsys: Capture, tmp_path: Path, words: list[str]) -> None:
    """What writes its answer to standard output tells of mistakes beside it."""
    folder = _folder(tmp_path, "dip.card.yaml")
    ran = run(capsys, [*words, str(folder / "dips.yaml")])
    assert ran.code == 1
    assert "error[IC100] invalid-yaml: no such file, expected a card" in ran.err
    assert "did you mean" in ran.err
    assert ran.out == ""
