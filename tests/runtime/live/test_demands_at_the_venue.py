"""What a close or an event demands reaches the venue in the order in which it is safe."""

from __future__ import annotations

from pathlib import Path

from runtime.live.items import LinkSaid, Reconciled, Told
from runtime.orders.commands import SubmitOrder
from runtime.orders.events import OrderAccepted, OrderRejected, RequestRefused
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

TURN = MARKET + at_bar(
    3, "exit_long", emit("entry_short", size="0.05 base", order_ref="turn"), block="turn"
)


def creates(live: Live) -> list[str | None]:
    links = [str(body["orderLinkId"]) for path, body in live.posted if path == "order/create"]
    return [live.names.order_id(link) for link in links]


def turning(tmp_path: Path, *faults: Switch) -> Live:
    """A session whose card has decided to leave and to enter the other side at one close."""
    live = started(tmp_path, TURN, *faults)
    live.bar(bars=2)
    return live


def test_an_entry_of_the_other_side_waits_until_its_exit_has_ended(tmp_path: Path) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", link="*-o2*", value=2_000)
    live = turning(tmp_path, late)
    assert creates(live)[-1] == "o2"  # answered, and not carried out yet
    assert live.held == live.venue_held == 100
    live.run(3_000)
    assert creates(live)[-1] == "o3"
    assert live.held == live.venue_held == -50
    live.laws()
    live.replayed()


def test_an_entry_whose_exit_fails_does_not_leave(tmp_path: Path) -> None:
    """It would only net what is still held."""
    bad = Switch(kind=Fault.CODE, on="order/create", link="*-o2*", value=110003)
    live = turning(tmp_path, bad)
    live.run(3_000)
    assert "o3" not in creates(live)
    assert (live.order("turn").state, live.order("turn").reason) == ("rejected", "would_flip")
    assert live.held == live.venue_held == 100
    live.laws()
    live.replayed()


def test_an_entry_that_waits_is_given_up_with_a_halt_and_never_leaves(tmp_path: Path) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", link="*-o2*", value=2_000)
    live = turning(tmp_path, late)
    live.session.said("halt", "test")
    live.run(5_000)
    assert "o3" not in creates(live)
    assert live.order("turn").state == "rejected"
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_a_stop_that_the_market_has_passed_closes_at_once_and_halts_nothing(tmp_path: Path) -> None:
    passed = Switch(kind=Fault.CODE, on="order/create", link="*-v1*", times=1, value=110093)
    live = started(tmp_path, MARKET, passed)
    live.run(1_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted == ""
    close = live.ledger.orders["v2"]
    assert close.spec.role is Role.STOP_LOSS
    assert [fill.reason for fill in close.fills] == ["sl_on_entry"]
    live.laws()


def test_a_stop_that_never_left_is_asked_for_when_the_link_is_up_and_not_before(
    tmp_path: Path,
) -> None:
    live = started(tmp_path, MARKET)
    desk = live._desk()
    for event in live.replayed().events:
        if isinstance(event, OrderAccepted) and event.order_id == "v1":
            break  # of this stop nobody has heard
        desk.engine.apply(event)
    now = {"bar": desk.ledger.bar + 1, "ts": live.venue.now}
    desk.take(LinkSaid(link="private", is_up=False, why="cut", ts=live.venue.now))
    lost = OrderRejected(order_id="v1", code="not_sent", text="no link", **now)
    assert desk.take(Told(event=lost)) == []
    assert (
        desk.take(Told(event=RequestRefused(order_id="o1", request="amend", code="x", **now))) == []
    )
    assert desk.take(LinkSaid(link="private", is_up=True, why="", ts=live.venue.now)) == []
    (asked,) = desk.take(Reconciled(ts=live.venue.now))
    assert isinstance(asked, SubmitOrder)
    assert (asked.spec.order_id, asked.spec.role) == ("v2", Role.STOP_LOSS)


def test_a_stop_is_made_or_grown_before_another_goes(tmp_path: Path) -> None:
    """Where a position turns, the new stop leaves before the cancel of the old one."""
    card = MARKET + at_bar(
        3, emit("entry_short", size="0.05 base", stop_loss=51000.0, order_ref="turn"), block="turn"
    )
    live = Live(tmp_path, card, more={"more": "position_policy: { allow_flip: true }"})
    live.bar(bars=4)
    live.run(1_000)
    assert live.held == live.venue_held == -50
    posted = [(path, live.names.order_id(str(body["orderLinkId"]))) for path, body in live.posted]
    assert posted.index(("order/create", "v2")) < posted.index(("order/cancel", "v1"))
    live.laws()


def test_a_session_that_stops_asks_for_nothing_and_leaves_its_stops(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    asked = len(live.posted)
    live.backend.stop()
    live.kill()
    live.venue.advance(live.venue.now + 10_000)
    assert len(live.posted) == asked
    assert live.at_venue() == ["v1"]


def test_three_refusals_of_a_stop_close_and_halt_within_the_time_that_is_borne(
    tmp_path: Path,
) -> None:
    bad = Switch(kind=Fault.CODE, on="order/create", link="*-v*", at=(1, 2, 3), value=110003)
    live = started(tmp_path, MARKET, bad)
    live.run(live.desk.coverage.timeout_ms)
    assert creates(live)[-4:] == ["v1", "v2", "v3", "v4"]  # three stops, then the close
    assert live.held == live.venue_held == 0
    assert "protected" in live.desk.guard.halted
    live.replayed()
