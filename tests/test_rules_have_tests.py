"""The table of rules names tests that are there, each under a rule that is told once."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tools.goldens import ROOT

PAGE = ROOT / "tests" / "runtime" / "README.md"
_ROW = re.compile(r"^\| (?P<rule>[^|]+) \| (?P<tests>`[^|]+`) \|$", re.MULTILINE)
ROWS = [
    (row["rule"], tuple(re.findall(r"`([^`]+)`", row["tests"])))
    for row in _ROW.finditer(PAGE.read_text(encoding="utf-8"))
]


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_line_of_the_table_is_a_rule_with_tests() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "::" in line]
    assert len(ROWS) == len(lines) >= 41
    assert len({rule for rule, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("rule", "tests"), ROWS, ids=[rule for rule, _ in ROWS])
def test_every_test_that_proves_a_rule_is_there(rule: str, tests: tuple[str, ...]) -> None:
    missing = [test for test in tests if test.partition("::")[2] not in _found(test)]
    assert (rule, missing) == (rule, [])


def _found(test: str) -> frozenset[str]:
    file, _, name = test.partition("::")
    assert name.startswith("test_"), test
    return named_in(file)
