"""Facts of the contract that change, sizes that do not fit, and what the venue makes of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.bodies import create
from runtime.backends.bybit.pace import Pace
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.runtime.live.bench import BTC, SYMBOL, Live
from tests.runtime.live.test_placing import LIMIT, MARKET, creates, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.acts import close_by_hand, manual
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.venue import Venue

D = Decimal
EXIT = MARKET + at_bar(2, emit("exit_long"), block="x")


def between(live: Live, path: str, act: Any) -> None:
    """Have something happen once, after a request was decided and before it arrives."""
    once = [act]

    def happen(sent: str, body: dict[str, Any]) -> None:
        if sent == path and once and live.names.order_id(str(body["orderLinkId"])) != "v1":
            once.pop()(live.venue)

    live.road.before = happen


def test_014_no_request_is_a_batch_so_each_has_a_fate_of_its_own(tmp_path: Path) -> None:
    """A batch is refused in part, and what of it is overlooked: none is ever sent."""
    many = at_bar(1, *[
        emit("place_limit_long", size="0.01 base", price=49000.0 + 10 * n, order_ref=f"r{n}")
        for n in range(5)
    ]) + at_bar(3, emit("cancel_all_orders"))  # fmt: skip
    live = Live(tmp_path, many, faults=[Switch(kind=Fault.CODE, on="order/create", at=(3,),
                                               value=110007)])  # fmt: skip
    live.bar(bars=5)
    assert {path for path, _ in live.posted} == {"order/create", "order/cancel"}
    fates = sorted((o.state, o.reason) for o in live.ledger.orders.values())
    assert fates == [("cancelled", "cancel_all_orders")] * 4 + [("rejected", "no_margin")]
    live.laws()


def test_017_what_is_too_small_by_the_newest_facts_does_not_leave(tmp_path: Path) -> None:
    """The least notional was raised while the session ran: one refusal, then the new facts decide."""
    again = at_bar(3, emit("place_limit_long", size="0.1 base", price=49800.0, order_ref="b"))
    live = Live(tmp_path, LIMIT + again)
    live.bar()
    live.act("facts", min_notional="6000")
    live.bar(bars=4)
    assert live.order("in").reason == "below_min_notional"
    assert len(creates(live)) == 1
    assert [r.code for r in live.desk.engine.refusals] == ["below_min_notional"]
    assert live.ledger.instrument.min_notional_usdt == 6000
    live.laws()
    live.replayed()


def test_018_new_limits_of_a_contract_are_taken_over_between_bars(tmp_path: Path) -> None:
    """Limits change twice a month: the next look at the facts takes them, a replay too."""
    live = started(tmp_path, LIMIT)
    live.act("facts", max_market_qty="50")
    live.backend._facts_at = 0
    live.run(2_000)
    assert live.ledger.instrument.max_market_lots == 50_000
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def test_018_another_grid_is_another_contract_and_halts(tmp_path: Path) -> None:
    """Tick and lot are what prices and quantities are counted in: they cannot change under orders."""
    live = started(tmp_path, MARKET)
    live.act("facts", tick_text="0.50")
    live.backend._facts_at = 0
    live.run(2_000)
    assert "grid" in live.desk.guard.halted
    assert live.ledger.instrument.tick == 0.1
    assert live.at_venue() == ["v1"]
    live.session.said("resume", "ann")
    assert "grid" in live.desk.guard.halted  # again: nothing has changed
    live.replayed()


@pytest.mark.parametrize(
    "wrong",
    [{"max_market_qty": D(0)}, {"max_market_qty": D(-5)}, {"min_qty": D(0)}, {"max_qty": D(0)},
     {"step_text": "0"}, {"step_text": "5000"}, {"tick_text": "0"},
     {"max_leverage": D(0)}, {"funding_minutes": 0}, {"min_notional": D(-1)}],
    ids=lambda one: "-".join(f"{name}_{value}" for name, value in one.items()),
)  # fmt: skip
def test_facts_that_no_contract_can_have_are_not_taken(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """A largest order of nothing would cut a stop into pieces of one lot: the old facts hold, entries wait."""
    live = started(tmp_path, MARKET)
    before, posted, market = (
        live.ledger.instrument,
        len(live.posted),
        live.venue.state.markets[SYMBOL],
    )
    right = market.instrument
    market.instrument = replace(right, **wrong)
    live.backend._facts_at = 0
    live.run(2_000)
    assert live.ledger.instrument == before
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: facts_unread"
    assert not live.desk.guard.halted
    assert len(live.posted) == posted
    market.instrument = right
    live.run(100_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()


def test_094_a_contract_that_ends_takes_no_entries_until_it_goes_on(tmp_path: Path) -> None:
    """The end of a contract is announced: no entries from the next look at the facts on."""
    live = started(tmp_path, MARKET)
    live.act("delist", value=live.venue.now + 86_400_000)
    live.backend._facts_at = 0
    live.run(2_000)
    assert "contract ends" in live.desk.guard.why_no_entries(live.venue.now)
    assert live.at_venue() == ["v1"]
    live.act("delist", value=0)
    live.backend._facts_at = 0
    live.run(2_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""


@pytest.mark.parametrize("how", ["status", "delist"])
def test_a_contract_that_trades_again_while_no_session_ran_takes_entries(
    tmp_path: Path, how: str
) -> None:
    """The process ended while the contract did not trade: what its next one hears first lifts that."""
    card = at_bar(6, emit("entry_long", size="0.05 base", stop_loss=49000.0))
    live = Live(tmp_path, card, pace=Pace(facts_ms=20_000))
    live.bar(bars=2)
    if how == "status":
        live.act("facts", status="Settling")
    else:
        live.act("delist", value=live.venue.now + 86_400_000)
    live.wait(25_000)
    assert live.desk.guard.why_no_entries(live.venue.now).startswith("market")
    live.kill()
    if how == "status":
        live.act_on_venue("facts", status="Trading")
    else:
        live.act_on_venue("delist", value=0)
    live._boot()
    live.wait(30_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.bar(bars=6)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


@pytest.mark.parametrize(
    ("side", "role", "rises"),
    [(Side.BUY, Role.ENTRY, True), (Side.SELL, Role.ENTRY, False),
     (Side.SELL, Role.STOP_LOSS, False), (Side.BUY, Role.STOP_LOSS, True),
     (Side.SELL, Role.TAKE_PROFIT, True), (Side.BUY, Role.TAKE_PROFIT, False)],
)  # fmt: skip
def test_020_the_direction_of_a_trigger_is_what_the_order_means(
    side: Side, role: Role, rises: bool
) -> None:
    """A direction guessed from an old last price triggers at once: no price is asked at all."""
    spec = OrderSpec(
        order_id="o1", symbol=SYMBOL, side=side, effect=Effect.OPEN, quantity=1, role=role,
        order_type=OrderType.STOP_MARKET, trigger_price=50_000.0,
    )  # fmt: skip
    assert create(spec, BTC)["triggerDirection"] == (1 if rises else 2)


def test_020_a_stop_entry_that_the_market_passed_on_its_way_acts_at_once_as_in_a_back_test(
    tmp_path: Path,
) -> None:
    """The venue refuses a stop on the wrong side: the same order leaves anew, bounded by the band."""
    stop = at_bar(
        1,
        emit(
            "place_stop_long", size="0.1 base", trigger=50100.0, order_ref="in", stop_loss=49000.0
        ),
    )
    live = Live(tmp_path, stop)
    between(live, "order/create", lambda venue: venue.trade(D("50200")))
    live.bar(bars=2)
    (first, second) = [body for path, body in live.posted if path == "order/create"][:2]
    assert (first["triggerDirection"], first["orderLinkId"]) == (1, second["orderLinkId"])
    assert (second["orderType"], second["timeInForce"], second["price"]) == (
        "Limit",
        "IOC",
        "52605",
    )
    assert "triggerPrice" not in second
    order = live.order("in")
    assert (order.state, order.quantity, order.limit_price) == ("filled", 100, None)
    assert live.held == 100
    assert live.ledger.stop_price() == 49_000.0
    assert not live.desk.guard.halted
    live.laws()


@pytest.mark.parametrize(
    ("limit", "price", "held", "state"),
    [
        ({}, "53000", 0, "expired"),
        ({"limit_price": 50150.0}, "50200", 0, "pending"),
        ({"limit_price": 50300.0}, "50200", 100, "filled"),
    ],
)
def test_020_what_lies_beyond_the_band_is_not_bought_and_a_stop_limit_rests_at_its_limit(
    limit: dict[str, float], price: str, held: int, state: str, tmp_path: Path
) -> None:
    stop = emit("place_stop_long", size="0.1 base", order_ref="in", trigger=50100.0, **limit)
    live = Live(tmp_path, at_bar(1, stop))
    between(live, "order/create", lambda venue: venue.trade(D(price)))
    live.bar(bars=2)
    assert (live.order("in").state, live.held) == (state, held)
    assert not live.warned("changed_by_venue")
    live.laws()


def test_020_a_stop_entry_that_was_passed_does_not_leave_again_under_a_pause(
    tmp_path: Path,
) -> None:
    stop = at_bar(1, emit("place_stop_long", size="0.1 base", trigger=50100.0, order_ref="in"))
    live = Live(tmp_path, stop)

    def passed(venue: Venue) -> None:
        venue.trade(D("50200"))
        live.desk.guard.block("paused", "by ann")

    between(live, "order/create", passed)
    live.bar(bars=2)
    assert live.held == 0
    assert len([path for path, _ in live.posted if path == "order/create"]) == 1


def test_047_a_stop_that_is_so_already_is_asked_for_once(tmp_path: Path) -> None:
    """`not modified` is no error: the amendment has come true and is not sent again."""
    moved = "".join(at_bar(n, emit("adjust_stop", price=49200.0)) for n in (2, 3, 4))
    live = Live(tmp_path, MARKET + moved,
                faults=[Switch(kind=Fault.CODE, on="order/amend", value=34040, times=1)])  # fmt: skip
    live.bar(bars=6)
    (stop,) = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]
    assert stop.request == "none"
    assert sum(path == "order/amend" for path, _ in live.posted) <= 2
    assert not live.desk.guard.halted


def test_048_what_is_below_every_minimum_can_still_be_closed(tmp_path: Path) -> None:
    """The least quantity was raised above what is held: a close of the whole rest is exempt."""
    live = started(tmp_path, MARKET)
    live.act("facts", min_qty="5", min_notional="1000000")
    live.session.said("flatten", "test")
    live.run(5_000)
    assert live.held == live.venue_held == 0
    assert len([x for x in creates(live) if "-v" in x]) == 2  # the stop, and one close
    live.laws()


def test_049_an_exit_that_meets_a_smaller_position_closes_what_is_left(tmp_path: Path) -> None:
    """The position shrank before the exit arrived: it never turns, and nothing is asked twice."""
    live = Live(tmp_path, EXIT)
    live.bar(bars=2)
    between(live, "order/create", lambda venue: manual(venue.state, SYMBOL, D("-0.04")))
    live.bar()
    live.run(5_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_049_an_exit_of_a_position_that_is_gone_is_refused_and_looked_into(tmp_path: Path) -> None:
    """Closed by hand before the exit arrived: the refusal has the venue looked at at once."""
    live = Live(tmp_path, EXIT)
    live.bar(bars=2)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="[!k]*"))
    between(live, "order/create", lambda venue: close_by_hand(venue.state, SYMBOL))
    live.bar()
    live.run(3_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_a_margin_mode_that_somebody_changes_holds_entries_and_is_told(tmp_path: Path) -> None:
    """Cross margin is liquidated elsewhere, and with everything else on the account."""
    live = started(tmp_path, MARKET)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.act("margin_mode", text="REGULAR_MARGIN")
    live.run(12_000)
    (told, *_) = [one for one in live.session.notices if one.kind == "margin_mode"]
    assert "REGULAR_MARGIN" in told.text
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: margin_mode"
    assert not live.desk.guard.halted
    assert live.at_venue() == ["v1"]
    live.venue.faults.add(Switch(kind=Fault.DROP_ANSWER, on="account/info"))
    live.run(80_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: margin_unread"
    live.venue.faults.clear()
    live.run(12_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: margin_mode"
    live.act("margin_mode", text="ISOLATED_MARGIN")
    live.run(90_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()


@pytest.mark.parametrize(
    "fault", [{"kind": Fault.DROP_ANSWER}, {"kind": Fault.CODE, "value": 10016}]
)
def test_a_margin_mode_that_the_account_does_not_say_holds_entries_until_it_does(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    """One answer that stays out is no news; three looks without one are: unknown is not isolated."""
    live = Live(tmp_path, MARKET)
    live.run(12_000)
    live.venue.faults.add(Switch(on="account/info", **fault))
    live.run(15_000)
    assert not live.warned("margin_unread")
    live.run(30_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: margin_unread"
    live.venue.faults.clear()
    live.run(75_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()
    live.replayed()


def test_a_leverage_that_somebody_changes_holds_entries_and_is_told(tmp_path: Path) -> None:
    """A higher one liquidates before the stop: people hear of it before that, with the price."""
    live = started(tmp_path, MARKET)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    other = Client(live.venue)
    both = {"buyLeverage": "50", "sellLeverage": "50"}
    answer = other.post("position/set-leverage", category="linear", symbol=SYMBOL, **both)
    assert answer["retCode"] == 0
    live.run(12_000)
    (told, *_) = [one for one in live.session.notices if one.kind == "leverage"]
    assert "the leverage is 50" in told.text
    assert "liquidated at" in told.text
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: leverage"
    assert not live.desk.guard.halted
    back = {"buyLeverage": "10", "sellLeverage": "10"}
    other.post("position/set-leverage", category="linear", symbol=SYMBOL, **back)
    live.run(90_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()
