"""Words and limits hold for what is on its way and for what changes, not only for new orders."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.live.codec import decode
from runtime.live.guard import SessionLimits
from runtime.live.journal import RecordKind
from runtime.orders.events import RequestRefused
from tests.runtime.live.bench import MINUTE, SYMBOL, Live
from tests.runtime.live.test_placing import LIMIT, MARKET
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LARGER = at_bar(
    1, emit("place_limit_long", size="0.01 base", price=49900.0, stop_loss=49000.0, order_ref="in")
) + at_bar(3, emit("amend_order", order_ref="in", size="0.19 base"))
NEARER = at_bar(
    1, emit("place_limit_long", size="0.01 base", price=45000.0, stop_loss=44000.0, order_ref="in")
) + at_bar(3, emit("amend_order", order_ref="in", price=50100.0))
FURTHER = at_bar(
    1, emit("place_limit_long", size="0.01 base", price=45000.0, stop_loss=39000.0, order_ref="in")
) + at_bar(3, emit("amend_order", order_ref="in", price=40000.0))
SMALLER = at_bar(
    1, emit("place_limit_long", size="0.02 base", price=45000.0, stop_loss=44000.0, order_ref="in")
) + at_bar(3, emit("amend_order", order_ref="in", size="0.01 base"))


def refused(live: Live) -> list[str]:
    """Return the codes of the changes that the guard refused."""
    rows = [r.body for r in live.journal.records() if r.kind is RecordKind.EVENT]
    told = [decode(row) for row in rows if "RequestRefused" in row]
    return [event.code for event in told if isinstance(event, RequestRefused)]


def test_a_limit_on_notional_holds_for_a_change_of_an_entry(tmp_path: Path) -> None:
    live = Live(tmp_path, LARGER, limits=SessionLimits(max_notional_usdt=1_000))
    live.bar(bars=4)
    live.run(3_000)
    assert refused(live) == ["max_notional_usdt"]
    assert live.order("in").quantity == 10
    live.trade("49800", 5_000)
    assert live.held == live.venue_held == 10
    live.laws()
    live.replayed()


def test_a_band_holds_for_a_price_an_entry_is_moved_to(tmp_path: Path) -> None:
    live = Live(tmp_path, FURTHER, limits=SessionLimits(price_band_pct=11))
    live.bar(bars=4)
    live.run(3_000)
    assert refused(live) == ["price_band_pct"]
    assert live.order("in").limit_price == 45_000.0


@pytest.mark.parametrize("card", [LARGER, NEARER], ids=["larger", "nearer"])
def test_a_paused_session_does_not_open_by_changing_an_entry(tmp_path: Path, card: str) -> None:
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.session.said("pause", "ann")
    live.bar()
    live.run(3_000)
    assert refused(live) == ["held_back"]
    assert live.held == live.venue_held == 0
    assert live.order("in").quantity == 10
    live.laws()
    live.replayed()


def test_a_paused_session_still_makes_an_entry_smaller(tmp_path: Path) -> None:
    live = Live(tmp_path, SMALLER)
    live.bar(bars=3)
    live.session.said("pause", "ann")
    live.bar()
    live.run(3_000)
    assert refused(live) == []
    assert live.order("in").quantity == 10


def test_a_tighter_limit_takes_away_what_is_beyond_it(tmp_path: Path) -> None:
    live = Live(tmp_path, LIMIT, limits=SessionLimits(max_notional_usdt=50_000))
    live.bar(bars=2)
    live.run(2_000)
    live.session.said("limit", "ann", "max_notional_usdt", 6_000.0)
    live.run(2_000)
    assert live.at_venue(), "an entry within the tighter limit stays"
    live.session.said("limit", "ann", "max_notional_usdt", 1_000.0)
    live.run(2_000)
    assert live.at_venue() == []
    assert not live.desk.guard.halted
    live.laws()


def test_a_limit_below_what_is_held_halts_and_keeps_the_stop(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET, limits=SessionLimits(max_notional_usdt=50_000))
    live.bar(bars=2)
    live.run(2_000)
    live.session.said("limit", "ann", "max_notional_usdt", 4_950.0)
    live.run(2_000)
    assert not live.desk.guard.halted, "a few basis points beyond a limit is no breach"
    live.session.said("limit", "ann", "max_notional_usdt", 1_000.0)
    live.run(2_000)
    assert "max_notional_usdt" in live.desk.guard.halted
    assert live.at_venue() == ["v1"]


def test_a_stop_takes_the_entries_away_first(tmp_path: Path) -> None:
    """An entry that filled after the end would have no stop: it is gone before the process is."""
    live = Live(tmp_path, LIMIT)
    live.bar(bars=2)
    live.run(1_000)
    assert live.at_venue()
    live.session.said("stop", "ann")
    live.run(2_000)
    assert live.at_venue() == []
    live.bar(bars=2)  # and what the card asks for meanwhile does not leave
    assert live.at_venue() == []
    live.laws()


def test_a_start_after_a_stop_trades_again(tmp_path: Path) -> None:
    live = Live(tmp_path, LIMIT)
    live.bar()
    live.session.said("stop", "ann")
    live.run(2_000)
    assert live.desk.guard.why_no_entries(live.venue.now)
    live.restart()
    live.run(3_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""


@pytest.mark.parametrize(
    "faults",
    [
        [Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=1_500, times=1)],
        [
            Switch(kind=Fault.DROP_ANSWER, on="order/create", times=1),
            Switch(kind=Fault.DROP, on="*", times=3),
        ],
    ],
    ids=["late", "silent"],
)
def test_flatten_closes_what_was_on_its_way(tmp_path: Path, faults: list[Switch]) -> None:
    live = Live(tmp_path, MARKET, faults=faults)
    while live.ledger.bar < 1:
        live.run(250, 250)
    assert live.order("in") in list(live.ledger.book) or live.held
    live.session.said("flatten", "ann")
    live.run(20_000)
    assert live.order("in").filled
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


@pytest.mark.parametrize("earlier", ["", "reduce"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": Fault.CODE, "value": 10016}, {"kind": Fault.DROP_REQUEST}],
    ids=["refused", "lost"],
)
@pytest.mark.parametrize("is_killed", [False, True])
def test_resume_takes_back_the_pause_of_a_flatten_and_not_its_close(
    tmp_path: Path, earlier: str, fault: dict[str, Any], is_killed: bool
) -> None:
    """Its close in two pieces comes to nothing, alone or beside a `reduce` that does: it is asked for until it is done."""
    live = Live(tmp_path, MARKET)
    live.bar(bars=3)
    live.act("facts", max_market_qty="0.06")
    live.backend._facts_at = 0
    live.run(3_000)
    assert live.held == 100
    live.venue.faults.add(Switch(on="order/create", times=2 if earlier else 1, **fault))
    for word in filter(None, (earlier, "flatten", "resume")):
        live.session.said(word, "ann", value=50.0)
        live.run(50, 50)
    assert live.desk.guard.why_no_entries(live.venue.now).startswith("closing: ")
    if is_killed:
        live.restart()
    live.run(20_000)
    assert live.held == live.venue_held == 0
    assert "closing" not in live.desk.guard.blocked
    live.run(65_000)  # a piece that was given up may have been late
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()
    live.replayed()


def test_no_entry_leaves_after_a_resume_until_what_flatten_closes_is_closed(
    tmp_path: Path,
) -> None:
    card = MARKET + at_bar(
        4, emit("entry_long", size="0.01 base", stop_loss=49000.0, order_ref="early")
    )
    card += at_bar(6, emit("entry_long", size="0.01 base", stop_loss=49000.0, order_ref="later"))
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.venue.faults.add(Switch(on="order/create", kind=Fault.CODE, value=10016))
    live.session.said("flatten", "ann")
    live.run(1_000)
    live.session.said("resume", "ann")
    live.bar(bars=2)
    assert live.order("early").reason == "held_back"
    assert live.held == 100
    live.venue.faults.clear()
    live.bar(bars=3)
    assert live.order("later").filled == live.held == live.venue_held == 10
    live.laws()
    live.replayed()


def test_closes_that_waited_in_the_socket_decide_nothing_but_the_newest(tmp_path: Path) -> None:
    """The machine slept: an entry of a close five minutes ago is not sent at today's price."""
    card = at_bar(3, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="in"))
    live = Live(tmp_path, card)
    live.bar(bars=2)
    for price in ("50500", "51000", "51500", "52000", "52500"):
        live.venue.trade(Decimal(price))
        live.venue.advance(live.venue.now + MINUTE)
    live.pump()
    live.run(3_000)
    assert live.ledger.bar >= 6
    assert live.held == live.venue_held == 0
    assert live.venue.state.open_orders(SYMBOL) == []


def test_a_close_waits_for_no_order_of_others(tmp_path: Path) -> None:
    """Somebody's order rests: entries run again after `resume`, and what it fills is left alone."""
    card = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0))
    card += at_bar(5, emit("entry_long", size="0.05 base", stop_loss=45000.0), block="again")
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.act("foreign_order", amount="0.02", price="48000")
    live.run(3_000)
    for word in ("flatten", "resume"):
        live.session.said(word, "ann")
        live.run(10_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.bar(bars=4)
    assert live.held == live.venue_held == 50
    live.trade("47900", 5_000)
    live.run(10_000)
    assert live.held == live.venue_held == 70
    live.laws()
    live.replayed()


@pytest.mark.parametrize("code", [10002, 10006])
def test_a_change_that_was_put_back_does_not_move_an_entry_after_a_pause(
    tmp_path: Path, code: int
) -> None:
    live = Live(tmp_path, NEARER)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", times=1, value=code))
    sent: list[str] = []

    def before(path: str, _body: object) -> None:
        if path == "order/amend":
            sent.append(path)
            live.worker.waiting.insert(0, lambda: live.session.said("pause", "ann"))

    live.road.before = before
    live.bar()
    live.run(5_000)
    assert sent == ["order/amend"]
    assert live.held == live.venue_held == 0
    assert live.order("in").limit_price == 45_000.0
    live.laws()
    live.replayed()
