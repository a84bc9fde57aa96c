"""Exits are capped by the position when they arrive, not before."""

from __future__ import annotations

from runtime.orders.events import OrderAmended
from runtime.orders.order_spec import Effect, OnFlat
from tests.runtime.backends.sim.bench import Bench

QUIET = (100.0, 101.0, 99.0, 100.0)


def test_on_flat_spares_the_entry_given_at_the_close_that_closes_the_position() -> None:
    """Both are for the next open: the exit makes it flat, the new bid is for after it."""
    made = Bench([(100, 101, 99, 100)] * 4)
    made.place("buy", "market", 10)
    old = made.place("buy", "limit", 5, limit_price=95, on_flat=OnFlat.CANCEL)
    made.bar(2)
    made.place("sell", "market", 10, effect=Effect.REDUCE)
    new = made.place("buy", "limit", 5, limit_price=96, on_flat=OnFlat.CANCEL)
    made.bar()
    assert made.status(old) == ("cancelled", "on_flat")
    assert made.status(new)[0] == "pending"


def test_an_exit_that_finds_the_position_covered_by_older_ones_is_cancelled_on_arrival() -> None:
    bench = Bench([QUIET, QUIET, QUIET])
    bench.place("buy", "market", 5)
    bench.bar()
    first = bench.place("sell", "limit", 5, limit_price=110.0, effect=Effect.REDUCE)
    second = bench.place("sell", "limit", 5, limit_price=100.0, effect=Effect.REDUCE)
    bench.bar()
    assert bench.status(first)[0] == "pending"
    assert bench.status(second) == ("cancelled", "reduce_only")


def test_an_exit_larger_than_the_position_is_cut_to_it_when_it_arrives() -> None:
    bench = Bench([QUIET, QUIET, QUIET])
    bench.place("buy", "market", 5)
    bench.bar()
    exit_ = bench.place("sell", "limit", 8, limit_price=110.0, effect=Effect.REDUCE)
    bench.bar()
    assert bench.ledger.orders[exit_].quantity == 5


def test_no_word_about_an_order_precedes_its_acceptance() -> None:
    bench = Bench([QUIET, QUIET, QUIET])
    bench.place("buy", "market", 5)
    bench.bar()
    bench.place("sell", "market", 2, effect=Effect.REDUCE)
    exit_ = bench.place("sell", "stop_market", 5, trigger_price=80.0, effect=Effect.REDUCE)
    bench.bar()
    about = [e for e in bench.events if getattr(e, "order_id", None) == exit_]
    amended = [i for i, e in enumerate(about) if isinstance(e, OrderAmended)]
    assert amended
    assert type(about[0]).__name__ == "OrderAccepted"
    assert bench.ledger.orders[exit_].quantity == 3
