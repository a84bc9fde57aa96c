"""Difference bounds decide exactly whether constraints hold together."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.lints.reasoning.bounds import (
    ZERO,
    Closure,
    Difference,
    at_least,
    at_most,
    feasible,
    tighten,
)

KEYS = ("a", "b", "c")
SIDES = st.sampled_from((*KEYS, ZERO))
CONSTRAINTS = st.lists(
    st.builds(Difference, SIDES, SIDES, st.integers(-3, 3).map(float), st.booleans()), max_size=7
)
RANGES = [bound for key in KEYS for bound in (at_least(key, 0), at_most(key, 3))]


def holds(item: Difference, values: dict[str, float]) -> bool:
    gap = values[str(item.left)] - values[str(item.right)]
    return gap < item.limit if item.strict else gap <= item.limit


def brute_force(constraints: list[Difference], steps: list[float]) -> bool:
    return any(
        all(holds(c, {ZERO: 0.0, **dict(zip(KEYS, point, strict=True))}) for c in constraints)
        for point in product(steps, repeat=3)
    )


@given(CONSTRAINTS)
@settings(max_examples=200, deadline=None)
def test_whole_numbers_agree_with_trying_all_of_them(constraints: list[Difference]) -> None:
    expected = brute_force([*constraints, *RANGES], [0.0, 1.0, 2.0, 3.0])
    assert feasible([*constraints, *RANGES], frozenset(KEYS)) is expected


@given(CONSTRAINTS)
@settings(max_examples=100, deadline=None)
def test_real_numbers_agree_with_trying_quarters(constraints: list[Difference]) -> None:
    # Three variables under whole limits: if anything holds, something on the quarters does.
    expected = brute_force([*constraints, *RANGES], [n / 4 for n in range(13)])
    assert feasible([*constraints, *RANGES]) is expected


@given(CONSTRAINTS)
@settings(max_examples=200, deadline=None)
def test_real_numbers_agree_with_z3(constraints: list[Difference]) -> None:
    z3 = pytest.importorskip("z3", reason="the solver extra is not installed")
    terms = {key: z3.Real(key) for key in KEYS} | {ZERO: z3.RealVal(0)}
    solver = z3.Solver()
    for c in constraints:
        gap = terms[str(c.left)] - terms[str(c.right)]
        solver.add(gap < c.limit if c.strict else gap <= c.limit)
    assert feasible(constraints) is (solver.check() == z3.sat)


@given(CONSTRAINTS)
@settings(max_examples=100, deadline=None)
def test_the_order_of_constraints_does_not_matter(constraints: list[Difference]) -> None:
    assert feasible(constraints) is feasible(constraints[::-1])


def test_a_copy_of_a_closure_is_independent() -> None:
    closure = Closure()
    assert closure.add(at_most("a", 5.0))
    other = closure.copy()
    assert not other.add(at_least("a", 6.0))
    assert closure.add(at_least("a", 5.0))


def test_below_three_means_at_most_two_for_whole_numbers_only() -> None:
    below = at_most("n", 3.0, strict=True)
    assert tighten(below, {"n"}) == at_most("n", 2.0)
    assert tighten(below, frozenset()) == below


def test_sums_of_card_literals_are_not_claimed_to_contradict_by_rounding() -> None:
    assert feasible([at_most("a", 0.1 + 0.2), at_least("a", 0.3)])
    assert feasible(
        [Difference("a", "b", 0.1), Difference("b", "c", 0.2), Difference("c", "a", -0.3)]
    )
