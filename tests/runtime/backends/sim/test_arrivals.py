"""What was sent at a close takes effect at the next open: by the last close first, then by the open.

Worked examples; the right answer stands in each test.
"""

from __future__ import annotations

import pytest

from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection
from runtime.orders.order_spec import TimeInForce
from tests.runtime.backends.sim.bench import FINE, Bench, Row, level

AT_100: Row = (100.0, 100.5, 99.5, 100.0)


def bench(*rows: Row, **more: object) -> Bench:
    return Bench(rows, instrument=FINE, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("model", "got"), [("touch", 10.0), ("volume_weighted", 4.5)])
def test_a_limit_at_the_close_rests_and_pays_as_maker(model: str, got: float) -> None:
    """Close = open = 100: n = 11, k = 10 levels, so 4.5 of a volume of 100."""
    bars: Row = (100, 100.1, 99.1, 99.9, 100)
    made = bench(AT_100, bars, execution={"fill_model": model})
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=100)
    made.bar()
    assert made.told == [(order, got, 100, "maker")]


def test_a_post_only_at_the_close_stays_and_one_beyond_it_is_cancelled() -> None:
    made = bench(AT_100, (100, 100.5, 99.5, 100))
    made.bar()
    at = made.place("buy", "limit", 100, limit_price=100, post_only=True)
    beyond = made.place("buy", "limit", 100, limit_price=100.1, post_only=True)
    made.bar()
    assert made.told == [(at, 10, 100, "maker")]
    assert made.status(beyond) == ("cancelled", "post_only_would_cross")


def test_a_post_only_that_only_the_jump_made_marketable_makes_at_its_own_price() -> None:
    made = bench(AT_100, (98, 98.5, 97.5, 98))
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=99, post_only=True)
    made.bar()
    assert made.told == [(order, 10, 99, "maker")]


@pytest.mark.parametrize("force", [TimeInForce.IOC, TimeInForce.FOK])
def test_at_once_orders_that_the_jump_made_marketable_pay_their_price_as_taker(
    force: TimeInForce,
) -> None:
    made = bench(AT_100, (98, 98.5, 97.5, 98))
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=99, time_in_force=force)
    away = made.place("buy", "limit", 100, limit_price=97.6, time_in_force=force)
    made.bar()
    assert made.told == [(order, 10, 99, "taker")]
    assert made.status(away)[0] == "expired"


def test_fok_looks_at_what_the_jump_left_of_the_volume() -> None:
    """A bid of 50 rests; the jump gives it the 50 a resting side may have; 60 more are not there."""
    made = bench(AT_100, (98, 98.5, 97.5, 98), execution={"fill_model": "volume_weighted"})
    bid = made.place("buy", "limit", 500, limit_price=99)
    made.bar()
    more = {"limit_price": 101.0, "time_in_force": TimeInForce.FOK}
    too_much = made.place("buy", "limit", 501, **more)
    fits = made.place("buy", "limit", 500, **more)
    made.bar()
    assert made.told == [(bid, 50, 99, "maker"), (fits, 50, 98, "taker")]
    assert made.status(too_much) == ("expired", "fok_unfillable")


@pytest.mark.parametrize(("limit", "price"), [(102.0, 101.0), (100.5, 100.5)])
def test_a_taker_pays_slippage_up_to_its_limit(limit: float, price: float) -> None:
    made = bench(AT_100, AT_100, account={"slippage_bps": 100.0})
    made.bar()
    order = made.place("buy", "limit", 100, limit_price=limit)
    made.bar()
    assert made.told == [(order, 10, price, "taker")]


def test_a_post_only_moved_to_a_marketable_price_is_cancelled() -> None:
    made = bench(AT_100, AT_100, AT_100)
    order = made.place("buy", "limit", 100, limit_price=99, post_only=True)
    made.bar()
    made.send(AmendOrder(order_id=order, limit_price=100.4))
    made.bar()
    assert made.status(order) == ("cancelled", "post_only_would_cross")


def test_a_cancel_is_not_in_effect_before_the_open_and_the_result_counts_it() -> None:
    made = bench(AT_100, AT_100, (97, 98, 96, 97))
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar(2)
    made.send(CancelOrder(order_id=bid, reason="card"))
    made.bar()
    assert made.told == [(bid, 10, 99, "maker")]
    assert made.exchange.tally.fill_before_cancel == 1


def test_an_amendment_is_not_in_effect_before_the_open_either() -> None:
    made = bench(AT_100, AT_100, (97, 98, 96, 97))
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar(2)
    made.send(AmendOrder(order_id=bid, limit_price=95.0))
    made.bar()
    assert made.told == [(bid, 10, 99, "maker")]


def test_age_restarts_when_an_order_is_moved_or_grows_not_when_it_shrinks() -> None:
    def first(change: dict[str, float]) -> str:
        made = bench(AT_100, AT_100, AT_100, (100, 100, 97, 98))
        old = made.place("buy", "limit", 100, limit_price=98)
        made.place("buy", "limit", 100, limit_price=98)
        made.bar()
        made.send(AmendOrder(order_id=old, **change))  # type: ignore[arg-type]
        made.bar()
        if "limit_price" in change:
            made.send(AmendOrder(order_id=old, limit_price=98.0))
        made.bar(2)
        return "old" if made.told[0][0] == old else "young"

    assert first({"quantity": 50}) == "old"
    assert first({"quantity": 150}) == "young"
    assert first({"limit_price": 97.5}) == "young"


# ---------------------------------------------------------------- breached stops


def test_a_stop_that_the_jump_passes_is_not_rescued_by_an_entry_that_arrives_with_it() -> None:
    """Stop 98; close 100, open 97; an entry with stop 95 arrives: the 10 are sold at 97 first."""
    made = bench(AT_100, AT_100, (97, 98, 96, 97.5))
    made.place("buy", "market", 100, stop_loss=level(98))
    made.bar(2)
    entry = made.place("buy", "market", 10, stop_loss=level(95))
    made.bar()
    assert made.told[1:] == [("v1", 10, 97, "taker"), (entry, 1, 97, "taker")]
    assert made.ledger.stop_price() == 95.0


def test_a_stop_moved_beyond_the_open_acts_there_before_the_entry_arrives() -> None:
    made = bench(AT_100, AT_100, (97, 98, 96, 97.5))
    made.place("buy", "market", 100, stop_loss=level(90))
    made.bar(2)
    made.send(SetProtection(stop_loss=level(98)))
    entry = made.place("buy", "market", 10, stop_loss=level(95))
    made.bar()
    assert made.told[1:] == [("v1", 10, 97, "taker"), (entry, 1, 97, "taker")]
    assert made.reasons[1] == "stop_loss"


def test_a_stop_entry_that_the_open_has_passed_acts_at_once() -> None:
    made = bench(AT_100, (103, 104, 102, 103))
    made.bar()
    order = made.place("buy", "stop_market", 100, trigger_price=102)
    made.bar()
    assert made.told == [(order, 10, 103, "taker")]


def test_arrivals_come_after_what_the_jump_meets() -> None:
    """The stop at 97 sells the old 10 at 95; a bid placed at the close before is bought after it."""
    made = bench(AT_100, AT_100, (95, 96, 94, 95))
    made.place("buy", "market", 100, stop_loss=level(97))
    made.bar(2)
    bid = made.place("buy", "limit", 100, limit_price=98)
    made.bar()
    assert made.told[1:] == [("v1", 10, 95, "taker"), (bid, 10, 98, "maker")]


@pytest.mark.parametrize("prices", [(97.0, 99.0), (99.0, 97.0)])
def test_of_limits_that_arrive_behind_a_jump_the_best_price_is_served_first(
    prices: tuple[float, float],
) -> None:
    made = bench(
        (100, 100.5, 99.5, 100, 300), (95, 96, 94.5, 95.5, 300),
        execution={"fill_model": "volume_weighted"},
    )  # fmt: skip
    made.bar()
    ids = {price: made.place("buy", "limit", 160, limit_price=price) for price in prices}
    made.bar()
    assert made.told == [(ids[99.0], 15, 99, "maker")]
