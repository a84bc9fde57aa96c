"""Every rule has a page; its wrong example triggers that rule alone, its right example nothing."""

from __future__ import annotations

import pytest

from compiler.findings.codes import CODES, Basis, Code
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.rule_pages import explain, page, whole_card
from compiler.findings.source import Source
from compiler.pipeline import check

# What needs market data cannot be shown by a card alone.
CHECKED = [entry for entry in CODES if entry.basis is not Basis.DATA]


def findings(example: str) -> tuple[Diagnostic, ...]:
    return check(Source("example.yaml", whole_card(example))).diagnostics


def ids(entry: Code) -> str:
    return entry.code


@pytest.mark.parametrize("entry", CODES, ids=ids)
def test_every_rule_has_a_page_with_a_reason_examples_and_a_fix(entry: Code) -> None:
    found = page(entry)
    assert found.why
    assert found.fix
    assert found.wrong != found.right
    assert entry.name in explain(entry.code)


@pytest.mark.parametrize("entry", CHECKED, ids=ids)
def test_the_wrong_example_triggers_exactly_its_rule(entry: Code) -> None:
    assert {d.code for d in findings(page(entry).wrong)} == {entry.code}


@pytest.mark.parametrize("entry", CHECKED, ids=ids)
def test_the_right_example_triggers_nothing(entry: Code) -> None:
    assert [(d.code, d.message) for d in findings(page(entry).right)] == []
