"""Every validation card comes to the answer that its own comment gives by hand.

The answers were thought out from the rules of execution, never copied from a run: a disagreement
says that the program, the rules or the reader is wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check
from tests.data_files import ROOT
from tests.validation.answers import Answer, read_sheet
from tests.validation.outcome import CONSERVATIVE, outcome, run_sheet

CARDS = sorted((ROOT / "cards" / "validation").glob("V_*.card.yaml"))
each_card = pytest.mark.parametrize("path", CARDS, ids=lambda p: p.name.split(".")[0])


def source(path: Path) -> Source:
    return Source(path.name, path.read_text(encoding="utf-8"))


def agree(found: Answer, wanted: Answer) -> None:
    """Compare part by part, so that a failure shows the part."""
    assert found.fills == wanted.fills
    assert found.orders == wanted.orders
    assert found.refused == wanted.refused
    assert found.layers == wanted.layers
    assert found.end == wanted.end


@each_card
def test_the_card_comes_to_the_answer_in_its_comment(path: Path) -> None:
    sheet = read_sheet(path)
    _, record = run_sheet(source(path), sheet)
    agree(outcome(record, sheet.answer), sheet.answer)


@each_card
def test_the_card_comes_to_its_answer_under_the_conservative_fill_model(path: Path) -> None:
    sheet = read_sheet(path)
    _, record = run_sheet(source(path), sheet, CONSERVATIVE)
    agree(outcome(record, sheet.conservative), sheet.conservative)


@each_card
def test_the_card_lints_without_errors(path: Path) -> None:
    assert [d for d in check(source(path)).diagnostics if d.is_error] == []


@each_card
def test_the_card_says_its_number_and_construct_first(path: Path) -> None:
    title = read_sheet(path).title
    assert title.split()[0] == "_".join(path.name.split("_")[:2])
    assert len(title.split()) > 1
