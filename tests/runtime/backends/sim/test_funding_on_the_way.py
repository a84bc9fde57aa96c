"""Funding: each time by who holds at that point of the way, at the mark of then."""

from __future__ import annotations

import pytest

from runtime.orders.order_spec import Effect
from tests.runtime.backends.sim.bench import FINE, Bench, Row, frame, fundings

AT_100: Row = (100.0, 100.5, 99.5, 100.0)


def test_a_funding_time_in_a_hole_is_paid_at_the_first_bar_after_it_by_who_held_through_it() -> (
    None
):
    """Bars open at 5, 6, 9, 10; funding at 8: 10 · 100 · 0.01."""
    bars = frame([AT_100] * 4, at=[5, 6, 9, 10])
    made = Bench(bars, instrument=FINE, funding=fundings((8, 0.01)))
    made.place("buy", "market", 100)
    made.bar(2)
    assert made.funding == []
    made.bar()
    assert made.funding == [(8, 100, 10)]


def test_a_funding_time_in_a_hole_comes_before_the_jump_at_the_mark_known_then() -> None:
    """The stop at 98 is passed by the jump to 97: the position paid before it was sold."""
    bars = frame([AT_100, AT_100, (97, 97, 97, 97)], at=[5, 6, 9])
    mark = frame([(100, 101, 99, 100), (100, 102, 99, 101), (97, 97, 97, 97)], at=[5, 6, 9])
    made = Bench(bars, instrument=FINE, funding=fundings((8, 0.01), (9, 0.01)), mark=mark)
    made.place("buy", "market", 100)
    made.bar(2)
    made.place("sell", "market", 100, effect=Effect.REDUCE)
    made.bar()
    # 8:00: mark last known at 7:00 is 101. 9:00 is the end of the hole: the mark bar that opens then.
    assert made.funding == [(8, 101, 10.1), (9, 97, 9.7)]
    assert made.held == 0


def test_a_funding_time_in_a_hole_takes_its_own_mark_where_mark_has_no_hole() -> None:
    bars = frame([AT_100, AT_100, AT_100], at=[5, 6, 9])
    mark = frame([(100, 100, 100, 100)] * 3 + [(104, 104, 104, 104)] * 2, at=[5, 6, 7, 8, 9])
    made = Bench(bars, instrument=FINE, funding=fundings((8, 0.01)), mark=mark)
    made.place("buy", "market", 100)
    made.bar(3)
    assert made.funding == [(8, 104, 10.4)]


@pytest.mark.parametrize(
    ("minute", "paid"),
    [
        (16, []),  # a third of the bar: at 101, not held yet
        (19, []),  # 7/12: 1.75 of the path, 94 + 0.25 · 7 = 95.75: the bid at 95 is not met yet
        (20, [(20, 94, 9.4)]),  # two thirds: at the low
        (24, [(24, 94, 9.4)]),  # the close: by the position after matching
    ],
)
def test_each_segment_takes_a_third_of_the_bar(
    minute: float, paid: list[tuple[float, float, float]]
) -> None:
    """Twelve minutes 100 101 94 94 (O-H-L-C) from minute 12 on, a bid at 95 for 10."""
    bars = frame([AT_100, (100, 101, 94, 94), (94, 94, 94, 94)], minutes=12)
    made = Bench(bars, instrument=FINE, funding=fundings((minute, 0.01)))
    made.place("buy", "limit", 100, limit_price=95)
    made.bar(3)
    assert made.funding == paid


def test_each_funding_time_of_a_long_bar_is_settled_on_its_own() -> None:
    """Bought before; sold at 95 on the way down (between 16 and 20): three times, two of them held."""
    bars = frame([AT_100, (100, 101, 94, 94), (94, 94, 94, 94)], minutes=12)
    made = Bench(bars, instrument=FINE, funding=fundings((14, 0.01), (16, 0.01), (20, 0.01)))
    made.place("buy", "market", 100)
    made.bar()
    made.place("sell", "stop_market", 100, trigger_price=95, effect=Effect.REDUCE)
    made.bar(2)
    # 14: half of the way from 100 to 101.
    assert made.funding == [(14, 100.5, 10.05), (16, 101, 10.1)]


def test_a_mark_that_opens_at_the_time_is_taken_else_mark_as_it_goes() -> None:
    bars = frame([AT_100, (100, 101, 94, 94)], minutes=12)
    coarse = frame([(100, 101, 99, 100), (100, 103, 92, 94)], minutes=12)
    fine = frame([(100, 100, 100, 100)] * 5 + [(98.5, 99, 90, 90)], minutes=4)
    paid = []
    for mark in (coarse, fine):
        made = Bench(bars, instrument=FINE, funding=fundings((20, 0.01)), mark=mark)
        made.place("buy", "market", 100)
        made.bar(2)
        paid.append(made.funding)
    assert paid == [[(20, 92, 9.2)], [(20, 98.5, 9.85)]]


def test_funding_inside_a_bar_that_fills_an_entry_makes_the_bar_ambiguous() -> None:
    """The bid is met before the time on one way, after it on the other."""
    bars = frame([AT_100, (100, 106, 94, 94)], minutes=12)
    made = Bench(bars, instrument=FINE, funding=fundings((16, 0.01)))
    made.place("buy", "limit", 100, limit_price=95)
    made.bar(2)
    assert made.funding == []
    assert made.exchange.tally.ambiguous_bars == [1]


def test_a_bar_that_meets_no_order_pays_its_funding_too() -> None:
    bars = frame([AT_100] * 4)
    made = Bench(bars, instrument=FINE, funding=fundings((2, 0.01), (4, -0.02)))
    made.place("buy", "market", 100)
    made.bar(4)
    assert made.funding == [(2, 100, 10), (4, 100, -20)]
    assert made.ledger.account.funding == -10


@pytest.mark.parametrize(
    "mark", [None, [AT_100, (100, 106, 94, 97)]], ids=["no marks", "coarse marks"]
)
def test_a_funding_mark_that_hangs_on_the_path_makes_the_bar_ambiguous(
    mark: list[Row] | None,
) -> None:
    """A third of 100 106 94 97: at the top, told the other way at the bottom."""
    bars = frame([AT_100, (100, 106, 94, 97)], minutes=12)

    def paid(flipped: frozenset[int]) -> Bench:
        series = None if mark is None else frame(mark, minutes=12)
        made = Bench(bars, instrument=FINE, funding=fundings((16, 0.01)), mark=series)
        made.exchange.flipped = flipped
        made.place("buy", "market", 100)
        return made.bar(2)

    assert paid(frozenset()).funding == [(16, 106, 10.6)]
    assert paid(frozenset()).exchange.tally.ambiguous_bars == [1]
    assert paid(frozenset({1})).funding == [(16, 94, 9.4)]


def test_a_funding_time_with_a_mark_of_its_own_hangs_on_no_path() -> None:
    bars = frame([AT_100, (100, 106, 94, 97)], minutes=12)
    rows: list[Row] = [(99, 99, 99, 99), (101, 101, 101, 101)]
    made = Bench(bars, instrument=FINE, funding=fundings((16, 0.01)),
                 mark=frame(rows, at=[12, 16], minutes=4))  # fmt: skip
    made.place("buy", "market", 100)
    made.bar(2)
    assert made.funding == [(16, 101, 10.1)]
    assert made.exchange.tally.ambiguous_bars == []
