"""Rounding is Python's exact rounding of the quotient, and protective levels round to their own side."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.formulas.rounding import (
    MOST,
    at_least_one,
    inverse_of,
    multiple,
    nearest_steps,
    price_above,
    price_below,
    steps_above,
    steps_below,
    times,
)
from runtime.formulas.stops import stop_level, target_level

SIZES = st.sampled_from([0.0001, 0.001, 0.01, 0.1, 0.25, 0.4, 0.5, 1.0, 5.0, 10.0])
VALUES = st.floats(-1e12, 1e12) | st.integers(-(10**6), 10**6).map(lambda n: n / 8)


@given(VALUES, SIZES)
def test_steps_are_the_exact_rounding_of_the_quotient(value: float, size: float) -> None:
    steps = value / size
    assert nearest_steps(value, size) == round(steps)
    if multiple(round(steps), size) != value:
        assert steps_below(value, size) == math.floor(steps + 1e-9)
        assert steps_above(value, size) == math.ceil(steps - 1e-9)


@given(st.integers(-(10**9), 10**9), SIZES)
def test_a_multiple_is_its_own_rounding(steps: int, size: float) -> None:
    value = multiple(steps, size)
    assert nearest_steps(value, size) == steps
    assert price_below(value, size) == value == price_above(value, size)
    # The reciprocal of 0.1 or 0.25 is a whole number: the quotient is exactly rounded.
    inverse = round(1 / size)
    if size < 1 and abs(inverse * size - 1) < 1e-12:
        assert value == steps / inverse


@example(0.625, 0.25)
@example(0.0, 0.1)
@example(1e300, 0.1)
@given(VALUES.map(abs) | st.floats(1e14, 1e300), SIZES)
def test_very_many_prices_lie_where_one_does(value: float, size: float) -> None:
    inverse = inverse_of(size)
    assert at_least_one(value, size, inverse) == times(
        max(1, nearest_steps(value, size)), size, inverse
    )


def test_what_overflows_is_bounded_and_what_is_unknown_raises() -> None:
    assert steps_below(1e300, 1e-4) == nearest_steps(1e300, 1e-4) == MOST
    for rounding in (steps_below, steps_above, nearest_steps):
        with pytest.raises(ValueError, match="NaN"):
            rounding(math.nan, 0.1)


def test_protection_rounds_by_side_wherever_the_entry_is() -> None:
    """Long at 100, stop moved to 103.146 on a tick of 0.01: 103.14, although it has passed the entry."""
    assert stop_level(1, 103.146, 0.01) == 103.14  # triggers later
    assert stop_level(-1, 96.854, 0.01) == 96.86
    assert target_level(1, 103.141, 0.01) == 103.15  # fills later
    assert target_level(-1, 96.859, 0.01) == 96.85


def test_a_level_is_never_below_one_tick() -> None:
    assert stop_level(1, 0.004, 0.01) == target_level(-1, -5.0, 0.01) == 0.01
