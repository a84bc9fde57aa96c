"""Trailing stops on hand-made bars: where they stand, when they begin, what they never do."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.account.standing import followed, stop_in_force, trail_price, trails
from runtime.orders.commands import SetProtection
from runtime.orders.order_spec import Effect, Protect, Trail
from tests.runtime.backends.sim.bench import Bench, Row, level

CALM: Row = (100.0, 100.0, 100.0, 100.0)


def entered(
    *rows: Row, side: str = "buy", execution: dict[str, Any] | None = None, **more: Any
) -> Bench:
    """Return a bench on which an entry of 10 lots has filled at 100 in a bar that did not move."""
    bench = Bench([CALM, *rows], execution=execution)
    bench.place(side, "market", 10, **more)
    return bench.bar()


def test_a_share_of_the_entry_becomes_a_distance_once() -> None:
    bench = entered((100, 150, 100, 150), trail=Trail(distance_pct=2.0)).bar()
    assert trail_price(bench.ledger) == 148.0  # 2 % of 150 would be 147


def test_a_distance_is_whole_ticks_away_from_the_price() -> None:
    bench = entered((100, 110, 100, 110), trail=Trail(distance=2.4)).bar()
    assert trail_price(bench.ledger) == 107.0


def test_a_trail_is_hit_inside_the_bar_that_moved_it() -> None:
    bench = entered((100, 110, 100, 101), trail=Trail(distance=2.0)).bar()
    assert bench.fills[1:] == [("v1", 10, 108.0, 1)]  # up to 110 first, then back to 101
    assert bench.reasons[1:] == ["trail"]
    assert bench.held == 0


def test_a_short_trails_below_itself() -> None:
    bench = entered((100, 100, 90, 99), side="sell", trail=Trail(distance=2.0)).bar()
    assert bench.fills[1:] == [("v1", 10, 92.0, 1)]


def test_it_never_moves_back() -> None:
    rows = ((100, 107, 100, 106), (106, 106, 105, 105), (105, 106, 105, 105))
    bench = entered(*rows, trail=Trail(distance=3.0))
    levels = [trail_price(bench.bar().ledger) for _ in rows]
    assert levels == [104.0, 104.0, 104.0]


def test_the_position_leaves_at_the_tighter_of_stop_and_trail() -> None:
    rows = ((100, 107, 100, 106), (106, 106, 105, 106), (106, 106, 89, 90))
    bench = entered(*rows, trail=Trail(distance=3.0), stop_loss=level(95))
    assert (bench.ledger.stop_price(), stop_in_force(bench.ledger)) == (95.0, 97.0)
    bench.bar()
    bench.send(SetProtection(stop_loss=level(90)))
    bench.bar()
    assert (bench.ledger.stop_price(), trail_price(bench.ledger)) == (90.0, 104.0)
    bench.bar()
    assert bench.fills[1:] == [("v1", 10, 104.0, 3)]


def test_a_tighter_stop_leaves_by_the_stop() -> None:
    bench = entered((100, 100, 90, 91), trail=Trail(distance=9.0), stop_loss=level(95)).bar()
    assert bench.fills[1:] == [("v1", 10, 95.0, 1)]
    assert bench.reasons[1:] == ["stop_loss"]
    assert bench.ledger.results.exit_reason == "stop"


def test_a_trail_that_is_taken_away_leaves_the_stop() -> None:
    rows = ((100, 107, 100, 106), (106, 106, 105, 106))
    bench = entered(*rows, trail=Trail(distance=3.0), stop_loss=level(90)).bar()
    bench.send(SetProtection(removes_trail=True))
    bench.bar()
    assert (trail_price(bench.ledger), stop_in_force(bench.ledger)) == (None, 90.0)


def test_a_trail_that_waits_begins_at_its_price() -> None:
    trail = Trail(distance=1.0, activate=102.0)
    bench = entered((100, 101, 100, 101), (101, 102, 101, 102), (102, 102, 100, 100), trail=trail)
    assert trail_price(bench.bar().ledger) is None
    assert trail_price(bench.bar().ledger) == 101.0
    assert bench.bar().fills[1:] == [("v1", 10, 101.0, 3)]


def test_a_jump_past_its_start_begins_it_at_the_open() -> None:
    bench = entered((106, 106, 105.5, 106), trail=Trail(distance=1.0, activate=102.0)).bar()
    assert trail_price(bench.ledger) == 105.0


@pytest.mark.parametrize(
    ("trail", "begins"),
    [(Trail(distance=1.0, activate_pct=4.0), 104.0), (Trail(distance=1.0, activate_r=0.6), 103.0)],
    ids=["percent", "risk"],
)
def test_its_start_is_measured_from_the_first_fill(trail: Trail, begins: float) -> None:
    below = begins - 1
    rows: tuple[Row, ...] = ((100, below, 100, below), (below, begins, below, begins))
    bench = entered(*rows, trail=trail, stop_loss=level(95))
    assert trail_price(bench.bar().ledger) is None
    assert trail_price(bench.bar().ledger) == begins - 1


def test_what_replaces_a_trail_is_never_looser() -> None:
    rows = ((100, 107, 100, 106), (106, 107, 106, 107), (107, 130, 107, 130))
    bench = entered(*rows, trail=Trail(distance=2.0)).bar()
    bench.send(SetProtection(trail=Trail(distance=10.0)))
    bench.bar()
    assert trail_price(bench.ledger) == 105.0  # 97 behind the price that it begins at
    bench.bar()
    assert trail_price(bench.ledger) == 120.0


def test_a_later_fill_of_its_entry_keeps_the_best_price() -> None:
    rows = [CALM, (100.0, 110.0, 100.0, 110.0), (110.0, 110.0, 105.0, 110.0)]
    bench = Bench(rows, execution={"fill_model": "volume_weighted"})
    order = bench.place("buy", "limit", 60, limit_price=100.0, trail=Trail(distance=8.0))
    bench.bar(2)
    held = bench.held
    assert 0 < held < 60
    assert bench.status(order)[0] == "partial"
    assert trail_price(bench.ledger) == 102.0


def test_a_layers_trail_leaves_with_its_layer_alone() -> None:
    rows = ((100, 110, 100, 110), (110, 110, 107, 107))
    bench = entered(*rows, stop_loss=level(90))
    bench.place(
        "buy", "market", 5, protect=Protect.LAYER, stop_loss=level(95), trail=Trail(distance=2.0)
    )
    bench.bar(2)
    assert bench.fills[2:] == [("v2", 5, 108.0, 2)]
    assert bench.held == 10


def test_bars_that_reach_no_order_move_it_too() -> None:
    bench = entered((100, 104, 100, 104), (104, 104, 104, 104), trail=Trail(distance=20.0))
    assert bench.exchange.quiet_until(1, 3) == 1
    bench.bar(2)
    assert trail_price(bench.ledger) == 84.0


def test_attached_on_the_next_bar_it_stands_where_the_bar_left_it() -> None:
    rows = [(100.0, 110.0, 100.0, 101.0), (101.0, 101.0, 101.0, 101.0)]
    bench = Bench(rows, execution={"attached": "next_bar"})
    bench.place("buy", "market", 10, trail=Trail(distance=2.0))
    bench.bar()
    assert bench.held == 10
    bench.bar()
    assert bench.fills[1:] == [("v1", 10, 101.0, 1)]  # passed at the open of the bar it is live on


def test_attached_on_the_next_bar_it_follows_every_bar_from_there_on() -> None:
    """Only what the fill's own bar brings waits: a trail that stands is met where the market moved it to."""
    rows = [CALM, (100.0, 101.0, 99.0, 100.0), (102.0, 110.0, 101.0, 101.0)]
    bench = Bench(rows, execution={"attached": "next_bar"}).bar()
    bench.place("buy", "market", 10, trail=Trail(distance=2.0))
    bench.bar().bar()
    assert bench.fills[1:] == [("v1", 10, 108.0, 2)]


def test_attached_on_the_next_bar_it_is_not_met_by_the_jump_to_its_first_bar() -> None:
    """Placed at the close behind 101: passed there already, and not any more at the open."""
    rows = [(100.0, 101.0, 97.0, 97.0), (103.0, 104.0, 103.0, 104.0)]
    bench = Bench(rows, execution={"attached": "next_bar"})
    bench.place("buy", "market", 10, trail=Trail(distance=2.0))
    bench.bar().bar()
    assert bench.held == 10
    assert trail_price(bench.ledger) == 102.0


def test_at_one_price_it_is_the_stop_that_acts() -> None:
    bench = entered((100, 100, 90, 91), trail=Trail(distance=5.0), stop_loss=level(95)).bar()
    assert bench.fills[1:] == [("v1", 10, 95.0, 1)]
    assert bench.reasons[1:] == ["stop_loss"]


def test_an_entry_met_on_the_way_finds_the_trail_where_the_market_brought_it() -> None:
    """At 105 the first trail stands at 102; the looser one that the entry brings is never below it."""
    bench = entered((100, 110, 100, 110), trail=Trail(distance=3.0))
    bench.place("buy", "stop_market", 5, trigger_price=105, trail=Trail(distance=20.0))
    assert trail_price(bench.bar().ledger) == 102.0


def test_a_trail_that_has_left_is_spent() -> None:
    bench = entered((100, 110, 100, 101), (101, 120, 101, 101), trail=Trail(distance=2.0)).bar()
    bench.place("buy", "market", 5)
    bench.bar()
    assert bench.held == 5
    assert trail_price(bench.ledger) is None


def test_an_exit_of_a_part_keeps_it_on_the_rest() -> None:
    bench = entered((100, 110, 100, 110), (110, 110, 105, 105), trail=Trail(distance=2.0)).bar()
    bench.place("sell", "market", 4, effect=Effect.REDUCE)
    bench.bar()
    assert bench.fills[1:] == [("o2", 4, 110.0, 2), ("v1", 6, 108.0, 2)]


def test_where_nobody_tells_how_the_price_went_a_bar_counts_from_the_fill_on() -> None:
    ledger = entered(trail=Trail(distance=2.0)).ledger
    at = trails(ledger)[None].since
    late = followed(ledger, 1, at - 60_000, at, high=110.0, low=90.0, close=104.0)
    of_its_fill = followed(ledger, 1, at - 1, at + 59_999, high=110.0, low=90.0, close=104.0)
    of_the_next = followed(ledger, 1, at, at + 60_000, high=110.0, low=90.0, close=104.0)
    assert not late
    assert [moved.price for moved in of_its_fill] == [104.0]
    assert [moved.price for moved in of_the_next] == [110.0]
