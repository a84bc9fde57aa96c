"""The scalar truth: three-valued logic is what all completions of the unknown agree on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

import pytest

from compiler.catalog.operations import (
    BINARY_NUMBERS,
    COMPARISONS,
    LEAVES,
    MEMORY,
    UNARY_NUMBERS,
)
from compiler.graph.rule_graph import Op
from runtime.rules import semantics

NAN = math.nan
TRUTHS = (NAN, 0.0, 1.0)
NO_HISTORY = set(Op) - LEAVES - MEMORY
TWO = sorted(BINARY_NUMBERS | COMPARISONS)
ONE = sorted(UNARY_NUMBERS)


def agreed(values: Sequence[float], decide: Callable[[tuple[bool, ...]], bool]) -> float:
    """Return what holds however the unknown values turn out; unknown if it depends on them."""
    choices = [(False, True) if v != v else (v == 1.0,) for v in values]
    outcomes = {decide(way) for way in product(*choices)}
    return float(outcomes.pop()) if len(outcomes) == 1 else NAN


def same(one: float, two: float) -> bool:
    return one == two or (one != one and two != two)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_logic_is_what_every_completion_agrees_on(size: int) -> None:
    for values in product(TRUTHS, repeat=size):
        assert same(semantics.evaluate("and", values), agreed(values, all))
        assert same(semantics.evaluate("or", values), agreed(values, any))
        assert same(semantics.holds(values), agreed(values, all))
        assert same(semantics.occurred(values), agreed(values, any))
        for least in range(1, size + 1):
            expected = agreed(values, lambda way, n=least: sum(way) >= n)  # type: ignore[misc]
            assert same(semantics.count_true(values, least), expected)


def test_not_turns_truth_and_keeps_the_unknown() -> None:
    assert [semantics.evaluate("not", [v]) for v in (0.0, 1.0)] == [1.0, 0.0]
    assert semantics.is_unknown(semantics.evaluate("not", [NAN]))


def test_every_operation_without_history_has_a_meaning() -> None:
    for op in NO_HISTORY:
        semantics.evaluate(op.value, [1.0, 1.0])
    with pytest.raises(KeyError):
        semantics.evaluate("prev", [1.0])


@pytest.mark.parametrize("op", [*TWO, *ONE])
def test_an_unknown_operand_makes_a_number_or_comparison_unknown(op: Op) -> None:
    for args in ([NAN, 2.0], [2.0, NAN], [NAN, NAN]) if op in TWO else ([NAN],):
        assert semantics.is_unknown(semantics.evaluate(op.value, args))


@pytest.mark.parametrize(
    ("op", "args", "value"),
    [
        ("div", (1.0, 0.0), NAN), ("div", (0.0, 0.0), NAN), ("div", (1.0, -0.0), NAN),
        ("div", (7.0, 2.0), 3.5), ("sqrt", (-1.0,), NAN), ("sqrt", (9.0,), 3.0),
        ("sqrt", (0.0,), 0.0), ("log", (0.0,), NAN), ("log", (-1.0,), NAN), ("log", (1.0,), 0.0),
        ("floor", (-1.5,), -2.0), ("ceil", (-1.5,), -1.0), ("min", (3.0, 1.0, 2.0), 1.0),
        ("max", (3.0, 1.0, 2.0), 3.0), ("default", (NAN, 4.0), 4.0), ("default", (5.0, 4.0), 5.0),
        ("default", (NAN, NAN), NAN), ("known", (NAN,), 0.0), ("known", (0.0,), 1.0),
        ("mul", (1e308, 10.0), NAN), ("add", (1e308, 1e308), NAN), ("sub", (-1e308, 1e308), NAN),
        ("gt", (2.0, 2.0), 0.0), ("gte", (2.0, 2.0), 1.0), ("lt", (1.0, 2.0), 1.0),
        ("lte", (3.0, 2.0), 0.0), ("eq", (1.0, 1.0), 1.0), ("ne", (1.0, 1.0), 0.0),
    ],
)  # fmt: skip
def test_values_at_the_edges(op: str, args: tuple[float, ...], value: float) -> None:
    assert same(semantics.evaluate(op, args), value)
