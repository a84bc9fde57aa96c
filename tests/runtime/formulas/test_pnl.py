"""The average is the venue's: cash flows and the average always tell the same story."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from runtime.formulas.pnl import average_entry, profit

STEPS = st.lists(
    st.tuples(st.sampled_from([1, 1, -1]), st.integers(1, 60), st.integers(400, 1600)), max_size=20
)


def test_an_entry_after_a_reduction_averages_with_what_is_held() -> None:
    """Buy 12 at 50, sell 6, buy 6 at 40: (6 * 50 + 6 * 40) / 12 = 45, not 840 / 18 = 46.67."""
    average = average_entry(0, 0.0, 12, 50.0)
    assert average == 50.0
    assert average_entry(6, average, 6, 40.0) == 45.0


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0.01, 1e6))
def test_an_entry_at_the_average_leaves_every_bit_of_it(held: int, lots: int, price: float) -> None:
    assert average_entry(held, price, lots, price) == price


@given(STEPS, st.integers(400, 1600))
def test_balance_and_average_are_the_cash_that_moved(
    steps: list[tuple[int, int, int]], close: int
) -> None:
    held, average, realized, cash = 0, 0.0, 0.0, Fraction(0)
    for sign, lots, quarter in steps:
        price = quarter / 4
        if sign > 0:
            average = average_entry(held, average, lots, price)
        else:
            lots = min(lots, held)
            realized += profit(1, lots, average, price)
        held += sign * lots
        cash -= sign * lots * Fraction(price)
    last = close / 4
    told = realized + profit(1, held, average, last)
    assert abs(Fraction(told) - (cash + held * Fraction(last))) < Fraction(1, 10**6)
