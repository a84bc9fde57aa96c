"""Entries that have waited, and what the market has passed meanwhile: their own stop or target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, D, Live, ended
from tests.runtime.live.test_held_entries import follows
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

NEAR = "{ action: place_%s, metadata: { %s, size: 0.05 base, order_ref: dca, %s } }"
LIMIT = NEAR % ("limit_long", "price: 49500", "stop_loss: 48000, take_profit: 50700")
STOP = NEAR % ("stop_long", "trigger: 50500", "stop_loss: 48000, take_profit: 50700")
SHORT = NEAR % ("limit_short", "price: 50500", "stop_loss: 51000")
SHORTS = at_bar(
    1, emit("place_limit_short", size="0.1 base", price=50100.0, order_ref="in", stop_loss=55000.0, on_fill=f"[{SHORT}]")
)  # fmt: skip
BOTH = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}


def unheard(
    tmp_path: Path,
    action: str,
    price: str,
    links: tuple[str, ...] = ("private",),
    near: str = "45000.0",
) -> Live:
    """Return a session of which links are down and whose entry of `on_fill` waits, the market at a price by then.

    No bar closes meanwhile: the market is seen between closes, while bars come.
    """
    card = SHORTS if action == SHORT else follows(action).replace("45000.0", near)
    live = Live(tmp_path, card, more=BOTH)
    live.bar(bars=3)
    live.trade("50150" if action == SHORT else "49890", 2_000)
    live.wait(MINUTE - live.venue.now % MINUTE - 3_000)
    for link in links:
        live.venue.hub.close(live.streams.pop(link))
        live.session.link(link, is_up=False, why="cut")
    live.run(20_000)
    assert (live.held, live.desk.kept) == (live.venue_held, {live.order("dca").order_id})
    live.trade(price, 3_000)
    return live


def heard(live: Live) -> None:
    for link in list(live.streams):
        live.venue.hub.close(live.streams.pop(link))
        live.session.link(link, is_up=False, why="cut")
    live.connect()


@pytest.mark.parametrize(
    ("action", "price", "code"),
    [
        (LIMIT, "47900", "stop_on_wrong_side"),
        (SHORT, "51100", "stop_on_wrong_side"),
        (STOP, "50800", "target_on_wrong_side"),
    ],
)
def test_an_entry_that_has_waited_does_not_leave_where_the_market_has_passed_its_stop_or_target(
    tmp_path: Path, action: str, price: str, code: str
) -> None:
    live = unheard(tmp_path, action, price)
    before = live.held
    heard(live)
    live.run(20_000)
    order = live.order("dca")
    assert (order.state, order.reason) == ("rejected", code)
    assert live.warned("entry_lost")
    assert live.held == live.venue_held == before
    ended(live)


def test_what_an_entry_has_passed_is_seen_where_nothing_is_held_any_more(tmp_path: Path) -> None:
    """The stop of what was held is hit as well: the venue values no position, bars say where the market is."""
    live = unheard(tmp_path, LIMIT, "47900", near="49000.0")
    heard(live)
    live.run(20_000)
    order = live.order("dca")
    assert (order.state, order.reason) == ("rejected", "stop_on_wrong_side")
    assert live.held == live.venue_held == 0
    ended(live)


@pytest.mark.parametrize(
    ("action", "price"), [(LIMIT, "48100"), (LIMIT, "50800"), (SHORT, "50900"), (STOP, "50600")]
)
def test_an_entry_that_has_waited_leaves_where_its_levels_still_hold(
    tmp_path: Path, action: str, price: str
) -> None:
    """A limit above its stop fills at the market, one the market went away from rests."""
    live = unheard(tmp_path, action, price)
    heard(live)
    live.run(20_000)
    assert live.order("dca").is_accepted
    assert not live.warned("entry_lost")
    ended(live)


def test_a_market_that_nobody_has_seen_for_long_is_looked_at_before_an_entry_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars of an hour: the last close says nothing of the market that a link is back to."""
    monkeypatch.setattr("runtime.live.held._SEEN_MS", 0)
    live = unheard(tmp_path, LIMIT, "49950", ("public",))
    live.trade("47900", 100)
    live.refused = {"private"}  # that one is up
    live.connect()
    live.run(20_000)
    order = live.order("dca")
    assert (order.state, order.reason) == ("rejected", "stop_on_wrong_side")
    assert live.warned("entry_lost")
    ended(live)


def test_an_entry_whose_request_was_lost_does_not_leave_again_past_its_stop(tmp_path: Path) -> None:
    live = unheard(tmp_path, LIMIT, "49950")
    live.wait(MINUTE - live.venue.now % MINUTE - 10_000)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create"))
    heard(live)
    live.run(5_000)
    assert (live.desk.kept, live.order("dca").is_accepted) == (set(), False)
    live.venue.trade(D("47900"))
    live.wait(MINUTE - live.venue.now % MINUTE + 3_000)
    live.venue.faults.clear()
    live.run(50_000)
    assert (live.order("dca").state, live.warned("entry_lost")) == ("rejected", True)
    assert live.held == live.venue_held == 100
    ended(live)
