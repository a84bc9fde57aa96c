"""A target whose move was lost while the market passed the price that the card wanted: closed there, each lot once."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.account.absence import refusals
from runtime.backends.bybit.pace import Pace
from runtime.orders.order_spec import OrderType, Role
from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
VAIN = {
    "lost": Switch(kind=Fault.DROP_REQUEST, times=3),
    "lost once": Switch(kind=Fault.DROP_REQUEST, times=1),
    "refused": Switch(kind=Fault.CODE, value=110007, times=3),
    "refused once": Switch(kind=Fault.CODE, value=110007, times=1),
    "server error": Switch(kind=Fault.CODE, value=10016, times=3),
    "not sent": Switch(kind=Fault.CODE, value=10006, times=3),
}
NOT_ASKED = Pace(reconcile_ms=600_000, request_ms=90_000)  # what became of a request stays open
MORE = {
    "late": Switch(kind=Fault.DELAY_EFFECT, value=6_500, times=1),
    "slow": Switch(kind=Fault.DELAY_EFFECT, value=4_000, times=1),
}


def price(side: str, away: float) -> float:
    return 50_000.0 + (away if side == "long" else -away)


def card(side: str, by: str, kind: str) -> str:
    """Three layers of 20 lots each, their target moved from 500 to 200 away after the last."""
    levels = {
        "size": "0.02 base", "protect": by, "take_profit_type": kind,
        "take_profit": price(side, 500), "stop_loss": price(side, -1_000),
    }  # fmt: skip
    blocks = "".join(at_bar(n, emit(f"entry_{side}", **levels)) for n in (1, 2, 3))
    moves = [emit("adjust_target", price=price(side, 200), layer=n) for n in (0, 1, 2)]
    if by == "position":
        moves = [emit("adjust_target", price=price(side, 200))]
    return blocks + at_bar(5, *moves)


def moved(
    tmp_path: Path, side: str, by: str, kind: str, how: str, *faults: Switch, more: str = "", pace: Pace | None = None,
) -> Live:  # fmt: skip
    live = Live(tmp_path, card(side, by, kind) + more, pace=pace, **SHARED)
    live.bar(bars=5)
    sign = 1 if side == "long" else -1
    assert live.held == live.venue_held == 60 * sign
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    for also in faults:
        live.venue.faults.add(also)
    fault = (VAIN | MORE)[how]
    for order in live.ledger.book:
        if order.spec.role is Role.TAKE_PROFIT:
            link = live.names.link(order.order_id)
            live.venue.faults.add(
                Switch(kind=fault.kind, value=fault.value, times=fault.times, on="order/amend", link=link)
            )  # fmt: skip
    live.run(2_000, 100)
    return live


def closed_at_market(live: Live) -> int:
    """Return the lots that orders of targets have closed at market."""
    return sum(
        order.filled
        for order in live.ledger.orders.values()
        if order.spec.role is Role.TAKE_PROFIT and order.spec.order_type is OrderType.MARKET
    )


def ends_flat(live: Live) -> None:
    """Hold that targets have closed all of it, each lot once."""
    orders = live.ledger.orders.values()
    done = sum(order.filled for order in orders if order.spec.role is Role.TAKE_PROFIT)
    assert (live.held, live.venue_held, done) == (0, 0, 60)
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


@pytest.mark.parametrize("then", ["back", "stays", "back at once"])
@pytest.mark.parametrize("how", VAIN)
@pytest.mark.parametrize("kind", ["market", "limit"])
@pytest.mark.parametrize(("side", "by"), [("long", "position"), ("short", "layer")])
def test_what_the_market_passed_while_a_move_was_lost_is_closed_each_lot_once(
    tmp_path: Path, side: str, by: str, kind: str, how: str, then: str
) -> None:
    """The move went through later, the market was away again, and the target stood: 20 of 60 lots, or all, stayed held."""
    live = moved(tmp_path, side, by, kind, how)
    live.run(1_500)
    live.trade(str(price(side, 250)), 2_000 if then == "back at once" else 9_000)
    if then != "stays":
        live.trade(str(price(side, 100)), 2_000)
    live.venue.faults.clear()
    live.wait(100_000)
    ends_flat(live)


def test_the_market_is_watched_a_second_after_a_move_that_has_no_answer(tmp_path: Path) -> None:
    """The bar that closes would tell it as well, a minute later."""
    live = moved(tmp_path, "long", "layer", "market", "lost once")
    live.run(1_500)
    live.trade("50250", 1_500)
    live.trade("50100", 25_000)
    assert (live.held, closed_at_market(live)) == (0, 60)
    ends_flat(live)


def passed_before_it_stood(tmp_path: Path, by: str) -> Live:
    """Return a session whose move had no answer for so long that it is asked about, and was done after the market had turned."""
    unheard = Switch(kind=Fault.CUT, on="order/amend", times=3)
    live = moved(tmp_path, "long", by, "market", "late", unheard)
    live.run(1_500)
    live.trade("50250", 1_500)
    live.trade("50100", 100)
    assert not closed_at_market(live)
    return live


@pytest.mark.parametrize("by", ["position", "layer"])
def test_what_is_owed_outlives_the_target_that_stands_again(tmp_path: Path, by: str) -> None:
    live = passed_before_it_stood(tmp_path, by)
    live.run(20_000)
    orders = live.ledger.orders.values()
    assert 50_200.0 in {o.trigger_price for o in orders if o.spec.role is Role.TAKE_PROFIT}
    assert closed_at_market(live) == 60
    ends_flat(live)


def test_no_target_is_made_again_for_what_is_owed_whatever_event_asks(tmp_path: Path) -> None:
    live = passed_before_it_stood(tmp_path, "layer")
    last = max(o.order_id for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT)
    link = live.names.link(last)
    for on, late, of in (("order/cancel", 1_400, link), ("order/create", 900, "*")):
        live.venue.faults.add(Switch(kind=Fault.DELAY_EFFECT, value=late, on=on, link=of))
    live.run(20_000)
    orders = live.ledger.orders.values()
    made = [o for o in orders if o.spec.role is Role.TAKE_PROFIT]
    assert sum(o.spec.order_type is OrderType.STOP_MARKET for o in made) == 3
    assert closed_at_market(live) == 60
    ends_flat(live)


def test_a_move_that_was_not_carried_out_has_failed(tmp_path: Path) -> None:
    live = moved(tmp_path, "long", "position", "market", "lost")
    live.run(9_000)
    assert refusals(live.ledger.absences, (Role.TAKE_PROFIT, None)) == 1
    live.venue.faults.clear()
    live.run(30_000)
    assert refusals(live.ledger.absences, (Role.TAKE_PROFIT, None)) == 0
    live.laws()


@pytest.mark.parametrize("by", ["position", "layer"])
def test_what_is_owed_outlives_a_restart(tmp_path: Path, by: str) -> None:
    live = moved(tmp_path, "long", by, "market", "lost once")
    live.run(1_500)
    live.trade("50250", 2_000)
    live.trade("50100", 1_000)
    live.restart()
    live.wait(100_000)
    assert closed_at_market(live) == 60
    ends_flat(live)


@pytest.mark.parametrize("by", ["position", "layer"])
def test_a_target_that_fills_as_it_is_cancelled_closes_nothing_a_second_time(
    tmp_path: Path, by: str
) -> None:
    live = moved(tmp_path, "long", by, "limit", "lost once")
    for order in live.ledger.book:
        if order.spec.role is Role.TAKE_PROFIT:
            link = live.names.link(order.order_id)
            live.venue.faults.add(Switch(kind=Fault.FILL_ON_CANCEL, on="order/cancel", link=link))
    live.run(1_500)
    live.trade("50250", 2_000)
    live.trade("50100", 2_000)
    live.run(30_000)
    assert closed_at_market(live) == 0
    ends_flat(live)


def test_a_move_that_takes_its_time_is_met_by_the_venue_and_owes_nothing(tmp_path: Path) -> None:
    live = moved(tmp_path, "long", "position", "market", "slow")
    live.run(1_500)
    live.trade("50250", 500)
    live.trade("50100", 2_000)
    live.wait(30_000)
    assert (live.held, closed_at_market(live)) == (60, 0)
    live.laws()


def test_a_touch_of_a_price_that_the_card_wants_no_more_is_void(tmp_path: Path) -> None:
    more = at_bar(6, emit("adjust_target", price=50_400.0), block="again")
    live = moved(tmp_path, "long", "position", "market", "lost", more=more, pace=NOT_ASKED)
    live.run(1_500)
    live.trade("50250", 1_000)
    live.trade("50100", 1_000)
    assert (Role.TAKE_PROFIT, None) in live.desk.coverage.targets.met
    live.venue.faults.clear()
    live.wait(2 * MINUTE)
    (target,) = [o for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT]
    assert (live.held, target.trigger_price, closed_at_market(live)) == (60, 50_400.0, 0)
    live.laws()


@pytest.mark.parametrize("how", ["refused", "server error", "lost"])
def test_what_was_traded_before_a_missing_target_moved_there_reaches_it_not(
    tmp_path: Path, how: str
) -> None:
    """A bar's high was above the new price before the card wanted it: all was closed at market, far from both."""
    levels = {"take_profit": 50_500.0, "stop_loss": 49_000.0}
    first = at_bar(1, emit("entry_long", size="0.05 base", **levels))
    dip = emit("place_limit_long", size="0.05 base", price=49_900.0, take_profit=50_300.0)
    live = Live(tmp_path, first + at_bar(2, dip), **SHARED)
    fault = VAIN[how]
    for link in ("*v[2-9]", "*v[12][0-9]"):
        live.venue.faults.add(
            Switch(kind=fault.kind, value=fault.value, on="order/create", link=link)
        )
    live.bar(bars=3)
    live.wait(20_000)
    live.bar()
    for price in ("50310", "50000", "49890"):  # the last one fills the dip, which moves the target
        live.trade(price, 5_000)
    live.bar("49890")
    live.venue.faults.clear()
    live.wait(100_000)
    (target,) = [o for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT]
    assert (live.held, live.venue_held, target.trigger_price) == (100, 100, 50_300.0)
    live.laws()
