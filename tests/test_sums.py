"""Sums: floats are added left to right everywhere, so that no Python version changes a digit."""

from __future__ import annotations

import ast
from itertools import permutations

from runtime.formulas.sums import total, whole
from tools.goldens import ROOT

HOME = "runtime/formulas/sums.py"
# No money here: sizes of tables and of state, candidates of a search, names of executions.
WHOLE_NUMBERS_ONLY = (
    "runtime/native/",
    "runtime/testing/search.py",
    "runtime/orders/exploration.py",
    "runtime/features/uo.py",
)


def _is_count(call: ast.Call) -> bool:
    """`sum(1 for …)`: counting is exact."""
    (first, *_) = call.args
    return (
        isinstance(first, ast.GeneratorExp)
        and isinstance(first.elt, ast.Constant)
        and first.elt.value == 1
    )


def test_builtin_sum_adds_nothing_but_counts_in_the_runtime() -> None:
    bad = []
    for path in sorted((ROOT / "runtime").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name == HOME or name.startswith(WHOLE_NUMBERS_ONLY):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "sum" and not _is_count(node):
                    bad.append(f"{name}:{node.lineno}")
    assert bad == []


def test_exact_summation_is_used_by_reports_alone() -> None:
    """`math.fsum` is correctly rounded by definition; a kernel cannot do it, so no engine may."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "runtime").rglob("*.py")
        if "fsum(" in path.read_text(encoding="utf-8")
    }
    assert users
    assert all(name.startswith("runtime/reports/") for name in users)


def test_floats_are_added_left_to_right() -> None:
    values = [1e16, 1.0, -1e16, 1.0]
    assert total(values) == ((1e16 + 1.0) + -1e16) + 1.0 == 1.0
    assert {total(order) for order in permutations(values)} == {0.0, 1.0, 2.0}
    assert total([]) == 0.0


def test_whole_numbers_are_added_exactly() -> None:
    assert whole([2**62, 2**62, -1]) == 2**63 - 1
    assert type(whole([])) is int
