"""Whole columns against a loop over their values: the same digits."""

from __future__ import annotations

import math
from array import array
from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.reports import columns as whole

# Above zero, as equity mostly is; and whatever a ruined account may be.
AMOUNTS = st.floats(1e-3, 1e9) | st.sampled_from([1.0, 100.0, 100.0, 99.0])
VALUES = st.floats(-1e9, 1e9) | st.sampled_from([0.0, -1.0, 1.0])
CURVES = st.lists(AMOUNTS | VALUES, min_size=1, max_size=60)


@given(CURVES)
@example([-1.0, -2.0])
def test_peaks_and_falls_are_those_of_a_loop(equity: list[float]) -> None:
    peaks = whole.highest_so_far(equity)
    assert list(peaks) == list(accumulate(equity, max))
    assert list(whole.falls(equity, peaks)) == [
        (peak - value) / peak if peak > 0 else 0.0
        for peak, value in zip(peaks, equity, strict=True)
    ]
    assert whole.largest_fall(equity, peaks) == max(
        peak - value for peak, value in zip(peaks, equity, strict=True)
    )


@given(st.lists(AMOUNTS, max_size=60))
def test_changes_are_those_of_a_loop(equity: list[float]) -> None:
    expected = [after / before - 1.0 for before, after in pairwise(equity)]
    assert list(whole.changes(equity)) == expected


@given(st.lists(VALUES, max_size=60), VALUES, AMOUNTS)
def test_sums_of_powers_are_those_of_a_loop(
    values: list[float], centre: float, spread: float
) -> None:
    apart = math.fsum([(v - centre) * (v - centre) for v in values])
    assert whole.added(whole.squares(values, centre)) == apart
    assert whole.added(whole.squares(values)) == math.fsum([v * v for v in values])
    z = whole.scores(values, centre, spread)
    loop = [(v - centre) / spread for v in values]
    assert whole.added(whole.product(whole.product(z, z), z)) == math.fsum(s * s * s for s in loop)
    assert list(whole.below_zero(values)) == [v for v in values if v < 0]
    assert list(whole.above_zero(values)) == [v for v in values if v > 0]


@given(st.lists(st.sampled_from([0.0, -1.0, 0.5, 2.0]), max_size=30))
def test_stretches_are_what_lies_above_zero_unbroken(values: list[float]) -> None:
    found = list(whole.stretches(values))
    assert [row for start, end in found for row in range(start, end)] == [
        row for row, value in enumerate(values) if value > 0
    ]
    assert all(end < start for (_, end), (start, _) in pairwise(found)), "two that touch are one"


@given(st.lists(st.tuples(VALUES, AMOUNTS, VALUES), max_size=30))
def test_the_largest_share_is_that_of_a_loop(rows: list[tuple[float, float, float]]) -> None:
    held, prices, equity = ([row[part] for row in rows] for part in range(3))
    values = [abs(h) * price for h, price in zip(held, prices, strict=True)]
    shares = [value / of for value, of in zip(values, equity, strict=True) if of > 0]
    is_owed = any(value for value, of in zip(values, equity, strict=True) if of <= 0)
    expected = None if is_owed else max(shares, default=None)
    assert whole.largest_share(whole.sizes_times(held, prices), equity) == expected


def test_columns_end_with_the_shorter_one() -> None:
    made = whole.sizes_times([1.0, -2.0, 3.0], [10.0, 20.0])
    assert made.to_pylist() == [10.0, 40.0]
    assert whole.largest_share(made, [100.0]) == pytest.approx(0.1)


def test_an_array_becomes_a_column_without_a_copy() -> None:
    held = array("d", [1.0, 2.0])
    made = whole.column(held)
    held[0] = 5.0
    assert made.to_pylist() == [5.0, 2.0]
    assert whole.column([1, 2]).to_pylist() == [1.0, 2.0]
    assert whole.whole_numbers([3, 4]).to_pylist() == [3, 4]
