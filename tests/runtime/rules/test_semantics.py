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
    STATEFUL,
    UNARY_NUMBERS,
)
from compiler.graph.rule_graph import Op
from runtime.rules import semantics

NAN = math.nan
INF = math.inf
TRUTHS = (NAN, 0.0, 1.0)
NO_HISTORY = set(Op) - LEAVES - STATEFUL
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
        semantics.evaluate(op.value, [1.0] * (3 if op is Op.IF else 2))
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
        ("mod", (7.0, 3.0), 1.0), ("mod", (-7.0, 3.0), 2.0), ("mod", (7.0, -3.0), -2.0),
        ("mod", (1.0, 0.0), NAN), ("mod", (INF, 3.0), NAN), ("pow", (1.5, 2.0), 2.25),
        ("pow", (2.0, -2.0), 0.25), ("pow", (-8.0, 3.0), -512.0), ("pow", (-8.0, 0.5), NAN),
        ("pow", (0.0, -1.0), NAN), ("pow", (10.0, 400.0), NAN), ("pow", (1.0, INF), NAN),
        ("pow", (2.0, INF), INF), ("pow", (9.0, 0.5), 3.0), ("sign", (-0.5,), -1.0),
        ("exp", (0.0,), 1.0), ("exp", (710.0,), NAN), ("exp", (-746.0,), 0.0), ("exp", (INF,), INF),
        ("exp", (-INF,), 0.0),
        ("sign", (0.0,), 0.0), ("sign", (INF,), 1.0), ("round", (2.5,), 3.0), ("round", (-2.5,), -3.0),
        ("round", (0.49999999999999994,), 0.0), ("round", (INF,), INF),
        ("if", (1.0, 2.0, NAN), 2.0), ("if", (0.0, 2.0, 3.0), 3.0), ("if", (NAN, 2.0, 2.0), NAN),
        ("never", (INF,), 1.0), ("never", (5.0,), 0.0), ("never", (NAN,), NAN),
        ("add", (INF, -1.0), INF), ("sub", (INF, INF), NAN), ("mul", (INF, 0.0), NAN),
        ("mul", (INF, 2.0), INF), ("div", (INF, 3.0), INF), ("div", (5.0, INF), 0.0),
        ("div", (INF, INF), NAN), ("floor", (INF,), INF), ("ceil", (INF,), INF),
        ("sqrt", (INF,), INF), ("log", (INF,), INF), ("min", (INF, 3.0), 3.0),
        ("gt", (INF, 8.0), 1.0), ("eq", (INF, 5.0), 0.0), ("known", (INF,), 1.0),
        ("default", (INF, 1000.0), INF),
        ("gt", (2.0, 2.0), 0.0), ("gte", (2.0, 2.0), 1.0), ("lt", (1.0, 2.0), 1.0),
        ("lte", (3.0, 2.0), 0.0), ("eq", (1.0, 1.0), 1.0), ("ne", (1.0, 1.0), 0.0),
    ],
)  # fmt: skip
def test_values_at_the_edges(op: str, args: tuple[float, ...], value: float) -> None:
    assert same(semantics.evaluate(op, args), value)


@pytest.mark.parametrize(
    ("op", "rows", "values"),
    [
        ("since", ("??FFTF?FTF",), "??nn012301"),
        ("latch", ("??FFTF?FTF", "0123456789"), "????444488"),
        ("count_since", ("F?TFFTF", "TTTF?FT"), "??11101"),
    ],
)
def test_what_has_been_so_far_counts_only_what_is_true(
    op: str, rows: tuple[str, ...], values: str
) -> None:
    said = {"?": NAN, "F": 0.0, "T": 1.0, "n": INF}
    before = NAN
    for step in zip(*rows, values, strict=True):
        args = [said.get(letter, float(ord(letter) - 48)) for letter in step]
        before = semantics.remember(op, before, args[:-1])
        assert same(before, args[-1])


def test_the_highest_since_begins_with_the_condition_and_passes_over_the_unknown() -> None:
    begin = (NAN, NAN, 0.0, 0.0, 1.0, 0.0, NAN, 0.0, 1.0, 0.0)
    values = (5.0, 9.0, 8.0, 7.0, 4.0, 6.0, NAN, 5.0, 3.0, 2.0)
    expected = (NAN, NAN, NAN, NAN, 4.0, 6.0, 6.0, 6.0, 3.0, 3.0)
    before = begun = NAN
    for condition, value, wanted in zip(begin, values, expected, strict=True):
        begun = semantics.remember("latch", begun, (condition, 1.0))
        before = semantics.remember("high_since", before, (condition, value, begun))
        assert same(before, wanted)
    # A beginning whose value is unknown takes the first that is known.
    assert semantics.remember("low_since", NAN, (0.0, 7.0, 1.0)) == 7.0
    assert semantics.remember("low_since", 7.0, (0.0, 5.0, 1.0)) == 5.0
