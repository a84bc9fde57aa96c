"""A bar in which nothing traded is a hole for last prices; mark, funding and liquidation go on."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from runtime.account.builtins import read
from runtime.account.margin import used_margin
from runtime.orders.commands import CancelOrder
from runtime.orders.order_spec import TimeInForce
from tests.runtime.backends.sim.bench import FINE, Bench, Row, frame, fundings, level

AT_100: Row = (100.0, 100.5, 99.5, 100.0, 1000.0)
DEAD: Row = (100.0, 100.0, 100.0, 100.0, 0.0)


def bench(*rows: Row, **more: Any) -> Bench:
    return Bench(rows, instrument=FINE, **more)


def test_a_market_order_waits_for_the_first_open_that_trades() -> None:
    made = bench(AT_100, DEAD, DEAD, (95, 96, 94.5, 95.5, 1000))
    made.bar()
    order = made.place("buy", "market", 100)
    made.bar(2)
    assert made.told == []
    assert made.status(order)[0] == "pending"
    assert order in made.ledger.book
    made.bar()
    assert made.told == [(order, 10, 95, "taker")]


def test_a_waiting_market_order_is_a_working_order_in_every_respect() -> None:
    made = bench(AT_100, DEAD, DEAD, AT_100)
    made.bar()
    order = made.place("buy", "market", 100, order_ref="e")
    made.bar()
    assert read(made.ledger, "pending_order_count", "") == 1.0
    assert made.ledger.book.by_ref("e") is not None
    assert used_margin(made.ledger) > 0.0
    made.send(CancelOrder(order_id=order, reason="card"))
    made.bar(2)
    assert made.status(order) == ("cancelled", "card")
    assert made.told == []


def test_a_waiting_market_order_comes_before_what_arrives_with_the_bar() -> None:
    made = bench(AT_100, DEAD, (95, 96, 94.5, 95.5, 1000))
    made.bar()
    first = made.place("buy", "market", 100)
    made.bar()
    second = made.place("buy", "market", 100)
    made.bar()
    assert [fill[0] for fill in made.told] == [first, second]


def test_no_trigger_and_no_fill_but_time_to_live_counts_the_bar() -> None:
    """A dead bar whose prices reach everything: nothing traded there."""
    made = bench(AT_100, (100, 110, 90, 100, 0.0), AT_100)
    made.place("buy", "market", 100, stop_loss=level(95), take_profit=level(105))
    bid = made.place("buy", "limit", 10, limit_price=95, ttl_bars=2)
    made.bar(2)
    assert len(made.told) == 1
    assert made.status(bid) == ("expired", "ttl")
    made.bar()
    assert len(made.told) == 1


def test_the_next_jump_starts_from_the_last_traded_close() -> None:
    """The dead bar closes at 90; the jump that meets the bid at 97 goes from 100 to 95."""
    made = bench(AT_100, (90, 90, 90, 90, 0.0), (95, 96, 94, 95, 1000))
    bid = made.place("buy", "limit", 100, limit_price=97)
    made.bar(3)
    assert made.told == [(bid, 10, 97, "maker")]


def test_a_stop_that_a_dead_bar_jumps_over_acts_at_the_next_traded_open() -> None:
    made = bench(AT_100, (90, 90, 90, 90, 0.0), (96, 97, 95, 96, 1000))
    made.place("buy", "market", 100, stop_loss=level(97))
    made.bar(3)
    assert made.told[1:] == [("v1", 10, 96, "taker")]


def test_protection_put_off_to_a_dead_bar_does_not_act_there() -> None:
    made = bench(AT_100, (99, 99, 99, 99, 0.0), (98, 98.5, 97, 98, 1000),
                 execution={"attached": "next_bar"})  # fmt: skip
    made.place("buy", "market", 100, stop_loss=level(99.9))
    made.bar(2)
    assert len(made.told) == 1
    made.bar()
    assert made.told[1:] == [("v1", 10, 98, "taker")]


def test_mark_funding_and_liquidation_go_on() -> None:
    mark = frame([(100, 100, 100, 100), (100, 100, 85, 100)])
    made = bench(AT_100, DEAD, mark=mark, account={"max_leverage": 10.0})
    made.place("buy", "market", 100)
    made.bar(2)
    assert made.reasons[1:] == ["liquidation"]
    paying = bench(AT_100, DEAD, funding=fundings((2, 0.01)))
    paying.place("buy", "market", 100)
    paying.bar(2)
    assert paying.funding == [(2, 100, 10)]


@pytest.mark.parametrize("force", [TimeInForce.IOC, TimeInForce.FOK])
def test_at_once_orders_expire_where_nothing_trades(force: TimeInForce) -> None:
    made = bench(AT_100, DEAD)
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=101, time_in_force=force)
    made.bar()
    assert made.status(order)[0] == "expired"


def test_a_limit_marketable_in_a_dead_bar_takes_at_the_next_traded_open() -> None:
    made = bench(AT_100, DEAD, (100.2, 101, 99, 100, 1000))
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=101)
    made.bar(2)
    assert made.told == [(order, 10, 100.2, "taker")]


def test_unknown_volume_is_not_none_of_it() -> None:
    made = bench((100.0, 100.5, 99.5, 100.0, nan), (100.0, 100.5, 99.5, 100.0, nan))
    order = made.place("buy", "market", 100)
    made.bar()
    assert made.told == [(order, 10, 100, "taker")]
    assert made.exchange.tally.above_volume == 0
