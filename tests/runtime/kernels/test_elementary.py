"""exp, log and pow against 60 digits, at their edges, and beside the machine's own."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.features.elementary import binary_exponent, exp, log, pow, power_of_two
from tests.runtime.kernels.bench import same
from tools.elementary_accuracy import CASES, errors

INF, NAN = math.inf, math.nan
POSITIVE = st.floats(min_value=5e-324, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_every_function_is_within_one_unit_in_the_last_place(case: object) -> None:
    assert max(ours for ours, _ in errors(case, 300)) < 1.0  # type: ignore[arg-type]


@pytest.mark.parametrize(("x", "value"), [
    (0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (709.8, INF), (1e308, INF),
    (-745.2, 0.0), (-1e308, 0.0), (5e-324, 1.0), (-745.1, 5e-324), (1e-20, 1.0),
])  # fmt: skip
def test_exp_at_its_edges(x: float, value: float) -> None:
    assert same([exp(x)], [value])


@pytest.mark.parametrize(("x", "value"), [
    (1.0, 0.0), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-5e-324, NAN), (-INF, NAN), (INF, INF),
    (NAN, NAN), (5e-324, -744.4400719213812), (math.e, 1.0), (2.0, 0.6931471805599453),
])  # fmt: skip
def test_log_at_its_edges(x: float, value: float) -> None:
    assert same([log(x)], [value])


EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 1e300, -1e300, 2.0**53, 2.0**53 + 2,
         -(2.0**53), 5e-324, -5e-324, 1.5, INF, -INF, NAN]  # fmt: skip


def library_pow(x: float, y: float) -> float:
    """Return what IEEE 754 says, from the library, which raises where the answer is no number."""
    try:
        return math.pow(x, y)
    except ValueError:
        return INF if x == 0.0 else NAN
    except OverflowError:
        return -INF if x < 0.0 and y % 2.0 == 1.0 else INF


@pytest.mark.parametrize("x", EDGES)
def test_pow_at_its_edges(x: float) -> None:
    for y in EDGES:
        ours, theirs = pow(x, y), library_pow(x, y)
        assert math.isnan(ours) == math.isnan(theirs), y
        if not math.isnan(ours):
            assert abs(ours - theirs) <= math.ulp(theirs) or ours == theirs, y
            assert math.copysign(1.0, ours) == math.copysign(1.0, theirs), y


@given(st.integers(-30, 30), st.integers(-20, 20))
def test_whole_powers_of_small_whole_numbers_are_exact_where_a_float_holds_them(
    x: int, n: int
) -> None:
    if n < 0 and x != 0:
        assert pow(float(x), float(n)) == pytest.approx(1 / x**-n, rel=3e-16)
    elif n >= 0 and abs(x**n) < 2**53:
        assert pow(float(x), float(n)) == x**n


@given(POSITIVE)
def test_an_exponent_is_the_one_that_frexp_finds(x: float) -> None:
    assert binary_exponent(x) == math.frexp(x)[1] - 1


@pytest.mark.parametrize("k", [*range(-1022, 1024, 31), -1022, 1023])
def test_a_power_of_two_is_exact(k: int) -> None:
    assert power_of_two(k) == math.ldexp(1.0, k)


def test_exp_and_log_never_turn_around() -> None:
    rng = random.Random(5)
    for _ in range(3_000):
        x = rng.uniform(-700, 700)
        assert exp(x) <= exp(math.nextafter(x, INF))
        y = math.exp(x)
        assert log(y) <= log(math.nextafter(y, INF))
