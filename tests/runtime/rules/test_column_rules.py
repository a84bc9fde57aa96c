"""Bulk operations equal the scalar truth on every combination of telling operands."""

from __future__ import annotations

import math
from array import array
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.catalog.operations import BINARY_NUMBERS, COMPARISONS, UNARY_NUMBERS
from compiler.catalog.types import BOOL, Stage
from compiler.graph.rule_graph import Attr, Node, Op
from runtime.rules import semantics
from runtime.rules.column_rules import extend

NAN = math.nan
TRUTHS = (NAN, 0.0, 1.0)
NUMBERS = (NAN, -1e308, -2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1e308, math.inf)
PAIRS = (*sorted(BINARY_NUMBERS | COMPARISONS), Op.DEFAULT)
ALONE = (*sorted(UNARY_NUMBERS), Op.KNOWN, Op.NEVER)


def bulk(op: Op, rows: list[tuple[float, ...]], attr: Attr = ()) -> list[float]:
    """Return an operation over rows of operands, all at once."""
    columns = [array("d", column) for column in zip(*rows, strict=True)]
    out = array("d")
    node = Node(op, tuple(range(len(columns))), attr, BOOL, Stage.MARKET, 1)
    extend(node, columns, out, 0, len(rows))
    return list(out)


def assert_equal(ours: list[float], truth: list[float], rows: list[tuple[float, ...]]) -> None:
    for one, two, row in zip(ours, truth, rows, strict=True):
        assert one == two or (one != one and two != two), f"{row}: {one}, expected {two}"


@pytest.mark.parametrize("op", [Op.AND, Op.OR])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_joined_conditions_equal_the_scalar_truth(op: Op, size: int) -> None:
    rows = list(product(TRUTHS, repeat=size))
    assert_equal(bulk(op, rows), [semantics.evaluate(op.value, row) for row in rows], rows)


def test_not_equals_the_scalar_truth() -> None:
    rows = [(value,) for value in TRUTHS]
    assert_equal(bulk(Op.NOT, rows), [semantics.kleene_not(v) for v in TRUTHS], rows)


@pytest.mark.parametrize("op", [*PAIRS, *ALONE])
def test_numbers_equal_the_scalar_truth(op: Op) -> None:
    rows = list(product(NUMBERS, repeat=2 if op in PAIRS else 1))
    assert_equal(bulk(op, rows), [semantics.evaluate(op.value, row) for row in rows], rows)


@given(
    values=st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=30),
    bars=st.integers(1, 6), least=st.integers(1, 6),
)  # fmt: skip
def test_windows_equal_the_scalar_truth(values: list[float], bars: int, least: int) -> None:
    rows = [(value,) for value in values]
    padded = [NAN] * (bars - 1) + values
    windows = [padded[t : t + bars] for t in range(len(values))]
    least = min(least, bars)
    assert_equal(bulk(Op.HOLDS, rows, (bars,)), [semantics.holds(w) for w in windows], rows)
    assert_equal(bulk(Op.OCCURRED, rows, (bars,)), [semantics.occurred(w) for w in windows], rows)
    counted = [semantics.count_true(w, least) for w in windows]
    assert_equal(bulk(Op.COUNT, rows, (bars, least)), counted, rows)
