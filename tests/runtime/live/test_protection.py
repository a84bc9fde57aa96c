"""The position, its stop, and what others do to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.live.guard import SessionLimits
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import SYMBOL, Live
from tests.runtime.live.test_placing import LIMIT, MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


def stops(live: Live) -> list[str]:
    return [name for name in live.at_venue() if name.startswith("v")]


def test_038_a_stop_that_fills_closes_the_position(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    assert stops(live) == ["v1"]
    live.trade("48900", 3_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_038_a_stop_that_a_person_put_on_the_position_books(tmp_path: Path) -> None:
    """Its child has no name of ours."""
    live = started(tmp_path, MARKET)
    answer = live.road.client.post(
        "position/trading-stop", category="linear", symbol=SYMBOL, positionIdx=0, tpslMode="Full",
        stopLoss="49500", slTriggerBy="LastPrice",
    )  # fmt: skip
    assert answer["retCode"] == 0
    live.run(1_000)
    live.trade("49400", 5_000)
    assert live.held == live.venue_held == 0
    outside = [o for o in live.ledger.orders.values() if o.spec.role is Role.OUTSIDE]
    assert [(o.spec.reason, o.filled) for o in outside] == [("stop_loss", 100)]
    live.laws()


def test_what_is_larger_than_the_largest_market_order_closes_in_pieces(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.act("facts", max_market_qty="0.08")
    live.backend._facts_at = 0
    live.run(2_000)
    assert live.ledger.instrument.max_market_lots == 80
    live.session.said("flatten", "test")
    live.run(5_000)
    assert live.held == live.venue_held == 0
    closes = [o for o in live.ledger.orders.values() if o.spec.role is Role.CLOSE_AT_END]
    assert [order.filled for order in closes] == [80, 20]
    assert live.desk.guard.halted == ""


def test_an_entry_leaves_where_its_stop_in_pieces_finds_room_and_not_beyond(
    tmp_path: Path,
) -> None:
    """Ten conditional orders of a contract: nine pieces for two entries leave, an eleventh does not."""
    rest = {"price": 49_000.0, "stop_loss": 48_000.0}
    card = "".join(
        at_bar(bar, emit("place_limit_long", size=f"{size} base", order_ref=ref, **rest))
        for bar, ref, size in ((3, "a", 0.07), (4, "b", 0.02), (5, "c", 0.02))
    )
    live = Live(tmp_path, card)
    live.act("facts", max_market_qty="0.01")
    live.backend._facts_at = 0
    live.bar(bars=6)
    assert [live.order(ref).state for ref in "abc"] == ["pending", "pending", "rejected"]
    assert live.order("c").reason == "too_many_orders"
    live.trade("48900", 5_000)
    assert live.held == live.venue_held == 90
    stops = [float(o.qty) for o in live.venue.state.open_orders(SYMBOL) if o.trigger]
    assert stops == [0.01] * 9
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.laws()


def test_the_stop_of_a_layer_takes_room_for_each_of_its_pieces(tmp_path: Path) -> None:
    rest = {"price": 49_000.0, "stop_loss": 48_000.0, "protect": "layer"}
    card = "".join(
        at_bar(bar, emit("place_limit_long", size="0.04 base", order_ref=ref, **rest))
        for bar, ref in ((3, "a"), (4, "b"), (5, "c"))
    )
    live = Live(tmp_path, card, more={"more": "position_policy: { max_layers: 10 }"})
    live.act("facts", max_market_qty="0.01")
    live.backend._facts_at = 0
    live.bar(bars=6)
    assert [live.order(ref).state for ref in "abc"] == ["pending", "pending", "rejected"]
    live.trade("48900", 5_000)
    assert live.held == live.venue_held == 80
    assert len(live.venue.state.open_orders(SYMBOL)) == 8
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.laws()


def test_039_a_liquidation_is_booked_and_halts(tmp_path: Path) -> None:
    """The position is liquidated: the takeover books, the session halts."""
    live = started(tmp_path, MARKET)
    live.act("liquidate")
    live.run(12_000)
    assert live.held == live.venue_held == 0
    assert "liquidated" in live.desk.guard.halted
    live.laws()


@pytest.mark.parametrize("act", ["adl", "manual"])
def test_040_what_the_venue_or_a_hand_takes_away_is_booked(tmp_path: Path, act: str) -> None:
    """Deleveraging or a hand takes a part of the position away."""
    live = started(tmp_path, MARKET)
    live.act(act, amount="0.04" if act == "adl" else "-0.04")
    live.run(5_000)
    assert live.held == live.venue_held == 60
    (stop,) = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]
    assert stop.remaining == 60
    live.laws()


def test_deleveraging_is_no_liquidation_whichever_of_its_messages_comes_first(
    tmp_path: Path,
) -> None:
    """The order's row alone is heard: the position is smaller, and nothing halts."""
    live = started(tmp_path, MARKET)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="execution", times=1_000))
    live.act("adl", amount="0.04")
    live.run(1_000)
    (taken,) = [o for o in live.ledger.orders.values() if o.spec.role is Role.OUTSIDE]
    assert (taken.spec.reason, live.desk.guard.halted) == ("adl", "")
    live.laws()
    assert live.held == live.venue_held == 60


def test_041_a_close_by_hand_is_booked_and_the_stop_goes(tmp_path: Path) -> None:
    """The position was closed by hand in the app."""
    live = started(tmp_path, MARKET)
    live.act("close_by_hand")
    live.run(5_000)
    assert live.held == live.venue_held == 0
    assert stops(live) == []
    live.laws()


def test_042_an_order_of_somebody_else_is_told_and_not_touched(tmp_path: Path) -> None:
    """Somebody else places an order on the contract: shown, never touched."""
    live = started(tmp_path, LIMIT)
    live.act("foreign_order", amount="0.02", price="48000")
    live.run(20_000)
    assert live.warned("outside_order")
    open_ = live.venue.state.open_orders(SYMBOL)
    assert [str(o.price) for o in open_ if not o.link] in (["48000"], ["48000.0"], ["48000.00"])
    live.session.said("halt", "test")
    live.run(5_000)
    assert [o.link for o in live.venue.state.open_orders(SYMBOL)] == [""]


def test_043_a_stop_that_vanished_is_put_back_within_five_seconds(tmp_path: Path) -> None:
    """The stop vanished at the venue: seen and put back within five seconds."""
    live = started(tmp_path, MARKET)
    live.act("drop_stop")
    live.run(5_000)
    (stop,) = live.venue.state.open_orders(SYMBOL)
    assert live.names.order_id(stop.link) == "v2"
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.laws()


def test_044_a_position_that_cannot_be_protected_is_closed(tmp_path: Path) -> None:
    """The stop cannot be placed: asked three times, then the position is closed and the session halts."""
    bad = Switch(kind=Fault.CODE, on="order/create", link="*-v*", at=(1, 2, 3), value=110003)
    live = started(tmp_path, MARKET, bad)
    live.run(12_000)
    assert live.held == live.venue_held == 0
    assert "protected" in live.desk.guard.halted
    live.laws()


def test_a_target_that_the_market_has_passed_closes_at_once(tmp_path: Path) -> None:
    beyond = Switch(kind=Fault.CODE, on="order/create", link="*-v2", value=110092)
    card = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0, take_profit=50500.0))
    live = started(tmp_path, card, beyond)
    live.run(5_000)
    assert live.held == live.venue_held == 0
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def test_044_two_refusals_are_survived(tmp_path: Path) -> None:
    bad = Switch(kind=Fault.CODE, on="order/create", link="*-v*", at=(1, 2), value=110003)
    live = started(tmp_path, MARKET, bad)
    live.run(8_000)
    assert live.held == live.venue_held == 100
    assert len(stops(live)) == 1
    live.laws()


def test_045_a_close_in_an_emergency_goes_on_until_flat_and_never_turns(tmp_path: Path) -> None:
    """A close in an emergency fills in part: asked again for what is left, reduce-only."""
    live = started(tmp_path, MARKET)
    live.act("thin_book", amount="0.001")
    live.session.said("flatten", "test")
    live.run(5_000)
    assert live.held == live.venue_held == 50  # the book is empty, and the stop stays until then
    assert stops(live)
    live.trade("50000", 5_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_046_a_moved_stop_is_one_amendment(tmp_path: Path) -> None:
    """A stop is moved by one amendment: no moment without one."""
    live = Live(tmp_path, MARKET + at_bar(2, emit("adjust_stop", price=49200.0)))
    live.bar(bars=3)
    live.run(2_000)
    (stop,) = live.venue.state.open_orders(SYMBOL)
    assert float(stop.trigger) == 49200.0
    assert sum(path == "order/amend" for path, _ in live.posted) == 1
    assert sum(path == "order/create" for path, _ in live.posted) == 2
    live.laws()


def test_050_when_both_the_exit_and_the_stop_fill_the_position_never_turns(tmp_path: Path) -> None:
    """Exit and stop both fill: nothing turns the position."""
    card = MARKET + at_bar(2, emit("exit_long"), block="x")
    live = Live(tmp_path, card, faults=[Switch(kind=Fault.BOTH_FILL)])
    live.bar(bars=2)
    live.bar("48900")
    live.run(5_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_056_a_position_that_may_only_shrink_stops_entries(tmp_path: Path) -> None:
    """The venue lets the position only shrink: entries wait, with the reason."""
    live = started(tmp_path, MARKET)
    live.act("reduce_only_mark")
    live.run(12_000)
    assert "reduce_only_now" in live.desk.guard.why_no_entries(live.venue.now)


def test_a_halt_takes_entries_away_and_leaves_stops(tmp_path: Path) -> None:
    card = MARKET + at_bar(
        2, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b")
    )
    live = Live(tmp_path, card)
    live.bar(bars=3)
    assert len(live.at_venue()) == 2
    live.session.said("halt", "test")
    live.run(3_000)
    assert live.at_venue() == ["v1"]
    live.laws()


def test_nothing_new_leaves_after_a_halt(tmp_path: Path) -> None:
    live = Live(tmp_path, LIMIT)
    live.session.said("halt", "test")
    live.bar(bars=3)
    assert live.posted == []
    assert live.order("in").reason == "held_back"


@pytest.mark.parametrize(
    ("limits", "code"),
    [(SessionLimits(max_notional_usdt=1_000), "max_notional_usdt"),
     (SessionLimits(price_band_pct=0.1), "price_band_pct"),
     (SessionLimits(max_orders_per_minute=0), "max_orders_per_minute"),
     (SessionLimits(max_open_orders=0), "max_open_orders")],
)  # fmt: skip
def test_a_limit_holds_an_entry_back(tmp_path: Path, limits: SessionLimits, code: str) -> None:
    live = Live(tmp_path, LIMIT, limits=limits)
    live.bar(bars=2)
    assert live.order("in").reason == code
    assert live.posted == []


def test_a_loss_beyond_the_limit_halts_and_keeps_the_stop(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET, limits=SessionLimits(max_daily_loss_usdt=50))
    live.bar(bars=2)
    live.bar("49300")
    live.bar("49300")
    assert "max_daily_loss_usdt" in live.desk.guard.halted
    assert live.held == live.venue_held == 100
    assert len(stops(live)) == 1
    live.laws()


@pytest.mark.parametrize(("protect", "taken"), [("layer", 5), ("position", 7)])
def test_an_entry_whose_stops_the_venue_would_not_take_does_not_leave(
    tmp_path: Path, protect: str, taken: int
) -> None:
    """Each layer with a stop and a target of its own needs two of ten conditional orders."""
    card = "".join(
        at_bar(
            n,
            emit(
                "entry_long",
                size="0.01 base",
                stop_loss=49000.0 - n,
                take_profit=51000.0,
                protect=protect,
                order_ref=f"r{n}",
            ),
        )
        for n in range(1, 8)
    )
    many = {"more": "position_policy: { max_layers: 10 }"}
    live = Live(tmp_path, card, more=many)
    live.bar(bars=10)
    held_back = {o.reason for o in live.ledger.orders.values() if o.state == "rejected"}
    assert live.held == live.venue_held == 10 * taken
    assert held_back == (set() if taken == 7 else {"too_many_orders"})
    assert len(live.venue.state.waiting(SYMBOL)) == (2 if protect == "position" else 10)
    assert not live.desk.guard.halted
    live.laws()


def test_limits_can_only_be_tightened() -> None:
    limits = SessionLimits(max_notional_usdt=1_000)
    assert limits.tightened("max_notional_usdt", 500).max_notional_usdt == 500
    for name, value in (("max_notional_usdt", 2_000), ("no_such", 1), ("max_drawdown_pct", -1)):
        with pytest.raises(ValueError, match=r"limit|tightened|zero or more"):
            limits.tightened(name, value)
