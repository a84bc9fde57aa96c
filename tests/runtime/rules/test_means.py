"""A mean of equal values is that value, and no mean is beyond what it is of: in every tier, bit for bit."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.catalog.types import NUMBER, Stage
from compiler.graph.rule_graph import Node, Op
from runtime.batch.values import C_MEAN, _fold
from runtime.rules.row_kernel import RowKernel
from runtime.rules.semantics import evaluate

Values = Sequence[float]
HOSTILE = (math.inf, -math.inf, math.nan, 1.7e308, -1.7e308, 5e-324, -0.0, 0.0, 1e16, 60003.7)


def of_the_engine(values: Values) -> float:
    return evaluate("mean", values)


def of_the_rules_kernel(values: Values) -> float:
    """Return what the rules' kernel, run by Python, makes of a column per value."""
    count = len(values)
    leaf = [
        (i, Node(Op.FEATURE, (), (i, "value", 0), NUMBER, Stage.MARKET, 1)) for i in range(count)
    ]
    mean = Node(Op.MEAN, tuple(range(count)), (), NUMBER, Stage.MARKET, 1)
    columns = {i: array("d", [value]) for i, value in enumerate(values)} | {count: array("d")}
    kernel = RowKernel([*leaf, (count, mean)], columns)
    assert kernel.compute(0, 1, native=False)
    return columns[count][0]


def of_the_account_kernel(values: Values) -> float:
    return _fold(array("d", values), C_MEAN, 0, len(values))


TIERS = (of_the_engine, of_the_rules_kernel, of_the_account_kernel)
tiers = pytest.mark.parametrize("mean", TIERS)


@tiers
@pytest.mark.parametrize("count", [2, 3, 7, 49, 50])
@pytest.mark.parametrize("value", [60003.7, 0.1, 97_123.7, 1e-300, 1.7e308, -3.3])
def test_a_mean_of_equal_values_is_that_value(
    mean: Callable[[Values], float], value: float, count: int
) -> None:
    assert mean([value] * count) == value


@tiers
@given(values=st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=50))
def test_a_mean_lies_within_what_it_is_of(
    mean: Callable[[Values], float], values: list[float]
) -> None:
    assert min(values) <= mean(values) <= max(values)


@given(values=st.lists(st.floats() | st.sampled_from(HOSTILE), min_size=2, max_size=8))
def test_every_tier_gives_the_same_mean_of_whatever_there_is(values: list[float]) -> None:
    found = {array("d", [m if m == m else 0.5]).tobytes() for m in (t(values) for t in TIERS)}
    assert len(found) == 1


@tiers
@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((math.inf, 2.0), math.inf), ((2.0, math.inf), math.inf), ((math.inf, math.inf), math.inf),
        ((-math.inf, math.inf), math.nan), ((math.inf, -math.inf), math.nan), ((math.nan, 2.0), math.nan),
        ((2.0, math.nan), math.nan), ((1.7e308, -1.7e308), math.nan), ((1.7e308, 1.7e308), 1.7e308),
    ],
)  # fmt: skip
def test_a_mean_of_never_is_never_and_what_overflows_is_unknown(
    mean: Callable[[Values], float], values: Values, found: float
) -> None:
    assert mean(values) == pytest.approx(found, nan_ok=True)
