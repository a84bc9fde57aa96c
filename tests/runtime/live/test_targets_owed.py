"""Targets that the venue refused, or never received: asked for again as long as their position is held, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order import Order
from runtime.orders.order_spec import OrderType, Role
from tests.runtime.live.bench import BTC, MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.live.screen_text import target_of
from tools.live.view import position_of

TARGET = Role.TAKE_PROFIT
LEVELS = {"take_profit": 50500.0, "stop_loss": 49000.0}
MARKET = at_bar(1, emit("entry_long", size="0.05 base", **LEVELS))
LIMIT = at_bar(1, emit("entry_long", size="0.05 base", take_profit_type="limit", **LEVELS))
BARE = at_bar(1, emit("entry_long", size="0.05 base", take_profit=50500.0))
SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
LAYERS = at_bar(1, emit("entry_long", size="0.05 base", protect="layer", **LEVELS)) + at_bar(
    4, emit("entry_long", size="0.04 base", protect="layer", **{**LEVELS, "take_profit": 50600.0})
)
GROWS = at_bar(1, emit("entry_long", size="0.05 base", **LEVELS)) + at_bar(
    4, emit("entry_long", size="0.05 base", **{**LEVELS, "take_profit": 50400.0})
)
VAIN = {
    "refused": (Fault.CODE, 110007, None),
    "server error": (Fault.CODE, 10016, None),
    "three server errors": (Fault.CODE, 10016, 3),
    "rate limit": (Fault.CODE, 10006, None),
    "lost": (Fault.DROP_REQUEST, 0, None),
}


def short(live: Live, how: str, *, on: str = "order/create", first: int = 2) -> None:
    """Have every request for the protective orders from the `first` on come to nothing: all are targets."""
    kind, value, times = VAIN[how]
    for link in (f"*v[{first}-9]", "*v[12][0-9]"):
        live.venue.faults.add(Switch(kind=kind, on=on, value=value, link=link, times=times))


def targets(live: Live) -> list[tuple[int, float | None]]:
    found = [o for o in live.ledger.book if o.spec.role is TARGET and o.is_accepted]
    return [(order.stands, order.limit_price or order.trigger_price) for order in found]


def filled(live: Live) -> list[Order]:
    orders = live.ledger.orders.values()
    return [order for order in orders if order.spec.role is TARGET and order.filled]


def told(live: Live) -> list[str]:
    return [one.kind for one in live.session.notices if one.kind.startswith("target_")]


def ends_well(live: Live) -> None:
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def entered(tmp_path: Path, card: str, how: str) -> Live:
    live = Live(tmp_path, card)
    short(live, how)
    live.bar(bars=2)
    assert live.held == live.venue_held == 50
    return live


@pytest.mark.parametrize("card", [MARKET, LIMIT], ids=["market", "limit"])
@pytest.mark.parametrize("how", VAIN)
def test_a_target_that_came_to_nothing_is_asked_for_until_it_stands_and_is_told_once(
    tmp_path: Path, how: str, card: str
) -> None:
    live = entered(tmp_path, card, how)
    live.wait(45_000)
    assert how == "three server errors" or "target_missing" in told(live)
    live.venue.faults.clear()
    live.wait(45_000)
    assert targets(live) == [(50, 50_500.0)]
    assert live.held == 50
    assert told(live) in (["target_missing", "target_back"], [])
    ends_well(live)


def test_a_target_is_asked_for_again_after_a_restart(tmp_path: Path) -> None:
    live = entered(tmp_path, MARKET, "refused")
    live.wait(20_000)
    live.restart()
    live.run(2_000)
    assert told(live) == ["target_missing"]  # by this process
    live.venue.faults.clear()
    live.wait(45_000)
    assert targets(live) == [(50, 50_500.0)]
    ends_well(live)


def test_a_layers_target_comes_back_and_the_other_layers_stays(tmp_path: Path) -> None:
    live = Live(tmp_path, LAYERS, **SHARED)
    live.bar(bars=4)
    assert targets(live) == [(50, 50_500.0)]
    short(live, "server error", first=4)
    live.bar()
    live.wait(25_000)
    assert (live.held, targets(live)) == (90, [(50, 50_500.0)])
    (text,) = [one.text for one in live.session.notices if one.kind == "target_missing"]
    assert "of layer" in text
    assert "40 lots at 50600.0" in text
    live.venue.faults.clear()
    live.wait(45_000)
    assert sorted(targets(live)) == [(40, 50_600.0), (50, 50_500.0)]
    ends_well(live)


LASTING = [how for how, (_, _, times) in VAIN.items() if times is None]


def moved_in_vain(tmp_path: Path, how: str) -> Live:
    """A position of 100 whose target stands with 50 at 50,500; it should be all of it at 50,400."""
    live = Live(tmp_path, GROWS, **SHARED)
    live.bar(bars=4)
    short(live, how, on="order/amend")
    live.bar()
    live.wait(20_000)
    assert (live.held, targets(live)) == (100, [(50, 50_500.0)])
    assert told(live) == ["target_missing"]
    return live


@pytest.mark.parametrize("how", LASTING)
def test_a_change_of_a_target_that_came_to_nothing_is_asked_for_until_it_is_done(
    tmp_path: Path, how: str
) -> None:
    live = moved_in_vain(tmp_path, how)
    live.venue.faults.clear()
    live.wait(45_000)
    assert targets(live) == [(100, 50_400.0)]
    assert told(live) == ["target_missing", "target_back"]
    ends_well(live)


@pytest.mark.parametrize("how", [how for how in LASTING if how != "rate limit"])  # that waits here
def test_where_the_market_reaches_a_target_that_could_not_move_all_is_closed_and_no_lot_twice(
    tmp_path: Path, how: str
) -> None:
    live = moved_in_vain(tmp_path, how)
    live.trade("50450", 15_000)
    assert live.held == live.venue_held == 0
    assert sum(order.filled for order in filled(live)) == 100
    if how == "refused":
        assert {order.spec.order_type for order in filled(live)} == {OrderType.MARKET}
    ends_well(live)


@pytest.mark.parametrize("card", [MARKET, LIMIT, BARE], ids=["market", "limit", "no stop"])
def test_what_was_reached_while_the_target_was_missing_is_owed_when_the_market_has_turned(
    tmp_path: Path, card: str
) -> None:
    live = Live(tmp_path, card)
    short(live, "refused", first=1 if card is BARE else 2)
    live.bar(bars=2)
    live.wait(10_000)
    live.trade("50510", 3_000)
    live.trade("50300", 3_000)
    assert live.held == 50
    live.venue.faults.clear()
    live.wait(45_000)
    assert live.held == live.venue_held == 0
    (close,) = filled(live)
    assert (close.spec.order_type, close.filled) == (OrderType.MARKET, 50)
    ends_well(live)


def test_what_was_reached_and_found_nobody_in_the_book_stays_owed(tmp_path: Path) -> None:
    live = entered(tmp_path, MARKET, "refused")
    live.wait(10_000)
    live.trade("50510", 3_000)
    live.venue.faults.clear()
    live.venue.faults.add(Switch(kind=Fault.NO_LIQUIDITY, times=1))
    live.trade("50300", 500)
    live.wait(75_000)
    assert live.held == live.venue_held == 0
    targets_of_it = [o for o in live.ledger.orders.values() if o.spec.role is TARGET]
    assert [o.filled for o in targets_of_it[-2:]] == [0, 50]
    assert {o.spec.order_type for o in targets_of_it[-2:]} == {OrderType.MARKET}
    ends_well(live)


@pytest.mark.parametrize(("card", "is_closed"), [(MARKET, True), (LIMIT, False)])
def test_a_price_that_is_touched_meets_a_target_at_market_and_no_limit(
    tmp_path: Path, card: str, is_closed: bool
) -> None:
    live = entered(tmp_path, card, "refused")
    live.wait(10_000)
    live.trade("50500", 2_000)
    live.trade("50300", 2_000)
    live.venue.faults.clear()
    live.wait(45_000)
    assert (live.held == 0) is is_closed
    ends_well(live)


def test_a_bar_that_nobody_saw_live_counts_where_all_of_it_came_after_the_target_was_missing(
    tmp_path: Path,
) -> None:
    live = entered(tmp_path, MARKET, "refused")
    live.refused.add("public")
    live.disconnect()
    live.connect()
    live.run(MINUTE - live.venue.now % MINUTE + 5_000)
    live.trade("50510")
    live.trade("50300")
    assert live.desk.coverage.targets.reached(live.ledger, live.venue.now) == {}
    live.wait(MINUTE)
    assert list(live.desk.coverage.targets.reached(live.ledger, live.venue.now)) == [(TARGET, None)]
    live.refused.clear()
    live.connect()
    live.venue.faults.clear()
    live.wait(45_000)
    assert live.held == live.venue_held == 0
    ends_well(live)


def test_a_part_whose_target_was_not_found_is_not_closed_at_market_while_it_may_come_true(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, LAYERS.replace("50500.0", "51000.0"), **SHARED)
    live.bar(bars=4)
    short(live, "lost", first=4)
    live.bar()
    live.wait(20_000)
    live.trade("50610", 1_000)
    live.trade("50300", 10_000)
    live.venue.faults.clear()
    live.run(12_000)
    assert live.held == live.venue_held == 90
    assert sorted(targets(live)) == [(40, 50_600.0), (50, 51_000.0)]
    live.wait(120_000)  # sought for long enough: what was reached is owed, standing or not
    assert (live.held, targets(live)) == (50, [(50, 51_000.0)])
    assert [(o.spec.order_type, o.filled) for o in filled(live)] == [(OrderType.MARKET, 40)]
    ends_well(live)


def test_the_screen_says_of_a_target_that_it_does_not_stand(tmp_path: Path) -> None:
    live = entered(tmp_path, MARKET, "refused")
    live.wait(10_000)
    held = position_of(live.desk)
    assert held is not None
    assert held.target_missing == BTC.base(50)
    assert target_of(held) == "50500 (0.05 DOES NOT STAND)"
    live.venue.faults.clear()
    live.wait(45_000)
    stands = position_of(live.desk)
    assert stands is not None
    assert target_of(stands) == "50500"
