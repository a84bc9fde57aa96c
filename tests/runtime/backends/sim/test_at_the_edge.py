"""Prices that meet exactly: at the close, at the open, at equal distance, before the first trade.

Worked examples; the right answer stands in each test.
"""

from __future__ import annotations

import pytest

from runtime.backends.sim.path import by_nearest
from runtime.market.frame import Bar
from runtime.orders.order_spec import Effect
from tests.runtime.backends.sim.bench import FINE, Bench, Row, level

AT_100: Row = (100.0, 100.5, 99.5, 100.0, 1000.0)
DEAD: Row = (100.0, 100.0, 100.0, 100.0, 0.0)


def bench(*rows: Row, **more: object) -> Bench:
    return Bench(rows, instrument=FINE, **more)  # type: ignore[arg-type]


def test_a_limit_exactly_at_the_open_rests_and_is_met_where_the_path_begins() -> None:
    """The later order takes at the open; the one at 100 stands in the book and is met after it."""
    made = bench(AT_100, AT_100)
    made.bar()
    rests = made.place("buy", "limit", 100, limit_price=100)
    takes = made.place("buy", "limit", 100, limit_price=101)
    made.bar()
    assert made.told == [(takes, 10, 100, "taker"), (rests, 10, 100, "maker")]


def test_a_trigger_is_reached_by_a_price_that_only_touches_it() -> None:
    """The bar's high is the buy stop's trigger, its low that of the sell stop: both are there."""
    for side, trigger in (("buy", 101.0), ("sell", 99.0)):
        made = bench(AT_100, (100, 101, 99, 100, 1000))
        made.bar()
        stop = made.place(side, "stop_market", 10, trigger_price=trigger)
        made.bar()
        assert made.told == [(stop, 1, trigger, "taker")]


def test_a_stop_exactly_where_its_entry_fills_is_breached() -> None:
    made = bench(AT_100, (100, 102, 100, 102, 1000))
    made.bar()
    entry = made.place("buy", "stop_market", 10, trigger_price=101, stop_loss=level(101))
    made.bar()
    assert made.told == [(entry, 1, 101, "taker"), ("v1", 1, 101, "taker")]
    assert made.reasons[1] == "sl_on_entry"


def test_a_limit_left_behind_makes_where_the_open_comes_back_to_it() -> None:
    """60 lots of 1,000 x 1/2: the bid at 99 was partly filled, the market closed below it; it opens
    exactly there: marketable means strictly through, so the rest makes."""
    made = bench(AT_100, (100, 100, 98, 98, 100), (99, 99.5, 98.5, 99.2, 1000),
                 execution={"fill_model": "volume_weighted"})  # fmt: skip
    made.bar()
    bid = made.place("buy", "limit", 60, limit_price=99)
    made.bar(2)
    assert [fill[2:] for fill in made.told] == [(99, "maker"), (99, "maker")]
    assert {fill[0] for fill in made.told} == {bid}


@pytest.mark.parametrize(("open_", "high", "low"), [(101.6, 102.0, 101.2), (0.3, 0.4, 0.2)])
def test_at_equal_distances_the_high_comes_first(open_: float, high: float, low: float) -> None:
    """102 - 101.6 and 101.6 - 101.2 are the same four ticks, whatever floats make of them."""
    assert by_nearest(Bar(open_, high, low, open_, 1.0)) == (open_, high, low, open_)


def test_what_a_stop_limit_of_an_earlier_bar_brings_on_the_jump_is_live_there() -> None:
    """It triggered at 102 and rests at 101; the next jump fills it and goes on over its stop."""
    made = bench(AT_100, (100, 103, 100, 102.5), (98, 98.5, 97, 98))
    made.place(
        "buy", "stop_limit", 100, trigger_price=102, limit_price=101, stop_loss=level(99)
    )  # fmt: skip
    made.bar(3)
    assert made.told == [("o1", 10, 101, "maker"), ("v1", 10, 98, "taker")]
    assert made.reasons[1] == "stop_loss"


def test_a_market_order_that_waited_comes_after_limits_that_the_market_left_behind() -> None:
    """An exit and a bid wait for the same trade: limits left behind first, then exits."""
    made = bench(AT_100, AT_100, DEAD, (96, 97, 95, 96, 1000))
    made.place("buy", "market", 100)
    made.bar(2)
    leave = made.place("sell", "market", 100, effect=Effect.REDUCE)
    bid = made.place("buy", "limit", 100, limit_price=101)
    made.bar(2)
    assert [fill[0] for fill in made.told[1:]] == [bid, leave]


def test_before_the_first_trade_the_price_that_was_shown_is_the_last_close() -> None:
    """Shown 100, nothing traded; a bid at 99 was not marketable there: no gift from the open at 98."""
    made = bench(DEAD, (98, 98.5, 97, 98, 1000))
    made.bar()
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar()
    assert made.told == [(bid, 10, 99, "maker")]
