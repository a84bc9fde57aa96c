"""How much of a bar limit orders get: one budget for all of a side, shares that nest, what is ahead."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.backends.sim.budget import Budget, Serving
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import OrderType, Side
from tests.properties.test_exchange_laws import play
from tests.runtime.backends.sim.bench import FINE, Bench, Row, level

AT_100: Row = (100.0, 100.0, 100.0, 100.0, 1.0)
VOLUME = {"fill_model": "volume_weighted"}


def bench(*rows: Row, **more: Any) -> Bench:
    return Bench(rows, instrument=FINE, execution=more.pop("execution", VOLUME), **more)


def test_shares_nest() -> None:
    """V 1000, 100 to 98, tick 0.1: n = 21. f(99) = 26.19, f(98) = 2.38: 5 and 2.3."""
    made = bench(AT_100, (100, 100, 98, 99, 1000))
    near = made.place("buy", "limit", 50, limit_price=99)
    far = made.place("buy", "limit", 50, limit_price=98)
    made.bar(2)
    assert made.told == [(near, 5, 99, "maker"), (far, 2.3, 98, "maker")]


def test_a_better_order_that_takes_the_share_leaves_the_worse_one_nothing() -> None:
    made = bench(AT_100, (100, 100, 98, 99, 1000))
    near = made.place("buy", "limit", 500, limit_price=99)
    made.place("buy", "limit", 50, limit_price=98)
    made.bar(2)
    assert made.told == [(near, 26.1, 99, "maker")]


def test_each_share_counts_all_that_worse_orders_took_of_it() -> None:
    """a 5 of f(99) = 26.19; b 21 of f(98.9) = 23.8; c has f(98.8) = 21.4, but f(99) - 26 is left."""
    made = bench(AT_100, (100, 100, 98, 99, 1000))
    a = made.place("buy", "limit", 50, limit_price=99)
    b = made.place("buy", "limit", 210, limit_price=98.9)
    c = made.place("buy", "limit", 500, limit_price=98.8)
    made.bar(2)
    assert [fill[:2] for fill in made.told] == [(a, 5), (b, 21), (c, 0.1)]


def test_the_jump_comes_first_and_a_taker_has_no_queue() -> None:
    """Close 100, V 1000, open 98: resting 99 × 50 gets 50; an arriving 101 × 50 gets 50 at 98."""
    made = bench(AT_100, AT_100, (98, 98.5, 97.5, 98, 1000))
    bid = made.place("buy", "limit", 500, limit_price=99)
    made.bar(2)
    taker = made.place("buy", "limit", 500, limit_price=101)
    made.bar()
    assert made.told == [(bid, 50, 99, "maker"), (taker, 50, 98, "taker")]


def test_resting_and_taking_together_never_exceed_the_participation() -> None:
    made = bench(AT_100, AT_100, (98, 98.5, 97.5, 98, 1000))
    made.place("buy", "limit", 500, limit_price=99)
    made.bar(2)
    made.place("buy", "limit", 900, limit_price=101)
    made.place("buy", "limit", 900, limit_price=98.5)
    made.bar()
    assert [fill[1] for fill in made.told] == [50, 50]


@pytest.mark.parametrize("prices", [(97.0, 98.0, 99.0), (99.0, 98.0, 97.0)])
def test_a_ladder_under_one_jump_gets_one_share_whatever_the_order_of_its_lines(
    prices: tuple[float, ...],
) -> None:
    """500 each over a bar of volume 1000: 50 to the best; then all meet the open 96 within 100."""
    rows: list[Row] = [
        (100, 100.5, 99.5, 100, 1000), (100, 100.5, 99.8, 100, 1000), (96, 96.5, 95, 96, 1000),
        (96, 96.5, 96, 96, 1000),
    ]  # fmt: skip
    made = bench(*rows)
    ids = {price: made.place("buy", "limit", 5000, limit_price=price) for price in prices}
    made.bar(4)
    assert made.told == [(ids[99.0], 50, 99, "maker"), (ids[99.0], 100, 96, "taker")]


def test_market_orders_and_stops_are_outside_the_budget_and_counted_above_the_volume() -> None:
    made = bench(AT_100, (100, 100, 97, 97.5, 100), (97.5, 97.5, 97.5, 97.5, 100))
    made.bar()
    made.place("buy", "market", 50_000, stop_loss=level(98))
    made.bar()
    assert [fill[1:3] for fill in made.told] == [(5000, 100), (5000, 98)]
    assert made.exchange.tally.above_volume == 2
    assert made.exchange.tally.most_of_volume == 50.0


def test_a_market_order_beyond_the_volume_is_whole_at_the_open_and_takes_nothing_from_limits() -> (
    None
):
    """5,000 at market in a bar of 100, at one price; the bid beside it gets what it gets alone."""

    def told(*, with_market: bool) -> list[tuple[str, float, float, str]]:
        made = bench(AT_100, (100, 100, 97, 97.5, 100), (97.5, 97.5, 97.5, 97.5, 100))
        made.bar()
        made.place("buy", "limit", 50, limit_price=98)
        if with_market:
            made.place("buy", "market", 50_000)
        made.bar()
        return made.told

    alone = told(with_market=False)
    market, *beside = told(with_market=True)
    assert market == ("o2", 5000, 100, "taker")
    assert alone
    assert beside == alone


def test_each_finer_bar_has_its_own_budget() -> None:
    from runtime.market.frame import Frame
    from tests.runtime.backends.sim.bench import MINUTE

    fine = Frame("TEST", "1m", MINUTE // 2)
    for index, row in enumerate([(100.0, 100.0, 98.0, 98.5), (98.5, 99.5, 98.0, 99.0)]):
        fine.append(index * MINUTE // 2, *row, 500.0)
    made = bench((100, 100, 98, 99, 1000), fine=fine, execution=VOLUME | {"intrabar": "magnify"})
    bid = made.place("buy", "limit", 5000, limit_price=99)
    made.bar()
    # First 11 of 21 levels: 13.0. Then the market has left it behind: 50 as taker at 98.5.
    assert made.told == [(bid, 13.0, 99, "maker"), (bid, 50, 98.5, "taker")]


# ---------------------------------------------------------------- what is ahead


def test_who_comes_to_be_inside_the_bar_is_offered_what_is_ahead() -> None:
    """100-98-104-103, V 1000: a target that a fill at the low brings sees 7 of 9 of the way.

    1000 · 7/9 · 11/61 · 0.05 = 7.0; of the whole bar it would have 9.0.
    """
    made = bench((100, 100, 100, 100, 1e9), (100, 104, 98, 103, 1000))
    made.place("buy", "market", 1000)
    made.bar()
    made.place(
        "buy", "limit", 1000, limit_price=98, take_profit=level(103), take_profit_type="limit"
    )
    made.bar()
    assert made.told[1:] == [("o2", 0.8, 98, "maker"), ("v1", 7.0, 103, "maker")]


def test_a_stop_limit_takes_from_what_is_ahead_and_the_rest_waits_in_the_book() -> None:
    """100-98-104-103: triggered at 102, 3 of 9 are ahead: 10 % of 333. The rest rests at 102.5."""
    made = bench((100, 100, 100, 100, 1e9), (100, 104, 98, 103, 1000), (103, 103, 102, 103, 1000))
    order = made.place("buy", "stop_limit", 5000, trigger_price=102, limit_price=102.5)
    made.bar(2)
    assert made.told == [(order, 33.3, 102, "taker")]
    made.bar()
    assert made.told[1] == (order, 27.2, 102.5, "maker")  # 6/11 * 0.05 * 1000


def test_what_the_open_does_not_give_a_stop_limit_rests_in_the_bar() -> None:
    """It triggers on the jump and takes 100 of 500 at 101; the way goes over 102 and comes back, and
    the close leaves it behind: the queue model fills the rest there."""
    made = bench(AT_100, (101, 104, 100.5, 101.5, 1000), execution={"fill_model": "queue"})
    order = made.place("buy", "stop_limit", 5000, trigger_price=100.5, limit_price=102)
    made.bar(2)
    assert made.told == [(order, 100, 101, "taker"), (order, 400, 102, "maker")]


def test_fills_before_it_was_there_took_other_volume() -> None:
    budget = Budget(1, 100, 1000)
    budget.serve(Serving(99.0, 20, 0.5, False), 20)
    inside = Serving(98.0, 15, 1.5, False, 1.0, ((98.0, 10), (99.0, 12)))
    assert budget.for_resting(inside) == 0  # 99 and worse had all of the share of 99
    budget = Budget(1, 100, 1000)
    budget.serve(Serving(98.0, 15, 0.5, False), 8)
    inside = Serving(99.0, 40, 1.5, False, 1.0, ((99.0, 10),))
    assert budget.for_resting(inside) == 10
    budget.serve(inside, 6)
    later = Serving(99.0, 40, 2.5, False, 1.0, ((99.0, 10),))
    assert budget.for_resting(later) == 4


# ---------------------------------------------------------------- queue, denied, left behind


def test_in_queue_a_bar_that_closes_beyond_a_limit_has_filled_it() -> None:
    """Bid 99 × 950, V 1000, bar 100 100 90 90: 91 of 101 levels traded there, 900 and a bit."""
    made = bench(AT_100, (100, 100, 90, 90, 1000), execution={"fill_model": "queue"})
    near = made.place("buy", "limit", 8000, limit_price=99)
    far = made.place("buy", "limit", 5000, limit_price=98)
    made.bar(2)
    assert made.told == [(near, 800, 99, "maker"), (far, 100.9, 98, "maker")]


def test_in_queue_a_limit_that_the_close_does_not_leave_behind_shares_the_participation() -> None:
    made = bench(AT_100, (100, 100, 90, 99.5, 1000), execution={"fill_model": "queue"})
    near = made.place("buy", "limit", 8000, limit_price=99)
    made.place("buy", "limit", 5000, limit_price=98)
    made.bar(2)
    assert made.told == [(near, 100, 99, "maker")]


def test_what_the_market_left_behind_gains_and_the_result_sums_it() -> None:
    """Bid 99 × 100, close 90, open 90: 45 at 99, 55 at 90: 55 · 9 = 495 better than the limit."""
    made = bench((100, 100.5, 99.5, 100, 1000), (100, 100, 90, 90, 1000), (90, 91, 89, 90, 1000))
    made.place("buy", "limit", 1000, limit_price=99)
    made.bar(3)
    assert made.exchange.tally.remainder_improvement == 495.0
    whole = bench(
        (100, 100.5, 99.5, 100, 1000), (100, 100, 90, 90, 1000), execution={"fill_model": "touch"}
    )
    whole.place("buy", "limit", 1000, limit_price=99)
    whole.bar(2)
    assert [fill[1:3] for fill in whole.told] == [(100, 99)]
    assert whole.exchange.tally.remainder_improvement == 0.0


@pytest.mark.parametrize(("close", "fills"), [(99.5, 0), (98.0, 1)])
def test_on_the_jump_too_the_model_says_how_much(close: float, fills: int) -> None:
    """Bid 99, close 100, open 97: the conservative model wants the close below 99."""
    made = bench(AT_100, (97, 99.6, 96.5, close, 1000), execution={"fill_model": "conservative"})
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar(2)
    assert len(made.told) == fills
    assert made.exchange.tally.denied_by_model == 1 - fills
    assert made.status(bid)[0] == ("filled" if fills else "pending")


# ---------------------------------------------------------------- laws


@given(st.data())
def test_no_bar_gives_the_limits_of_a_side_more_than_its_budget(data: st.DataObject) -> None:
    """From the events alone: the sum of limit fills of a side against the volume of the bar."""
    made = play(data)
    if made.exchange.terms.settings.execution.fill_model not in ("volume_weighted", "queue"):
        return
    taken: dict[tuple[int, Side], int] = {}
    for event in made.events:
        if isinstance(event, OrderFilled):
            order = made.ledger.orders[event.order_id]
            if order.spec.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT):
                key = (event.bar, order.side)
                taken[key] = taken.get(key, 0) + event.quantity
    is_queue = made.exchange.terms.settings.execution.fill_model == "queue"
    for (bar, _), lots in taken.items():
        volume = made.exchange.data.exec.volume[bar]
        assert lots <= volume * (1.0 if is_queue else 0.10) + 1e-9
