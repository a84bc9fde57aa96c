"""What a turn opens beyond what it was to open is taken back at once, and told: somebody else had closed what it carried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.account.turning import surplus, to_take_back
from runtime.backends.base import Loudness
from runtime.backends.bybit.pace import Pace
from runtime.decide.late_fills import LateFills
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import MINUTE, Live, ended
from tests.strategies.runs import Run, at_bar, card_text, emit, flat
from tools.fakebybit.faults import Fault, Switch

FLIPS = {"more": "position_policy: { mode: long_short, max_layers: 8, allow_flip: true }"}
CREATE = "order/create"
TOO_FAR = "turned_too_far"
STOPPED = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49900.0))
BARE = at_bar(1, emit("entry_long", size="0.05 base"))
TURN = emit("entry_short", size="0.05 base", stop_loss=50500.0, order_ref="turn")
BARE_TURN = emit("entry_short", size="0.05 base", order_ref="turn")
REVERSE = emit(
    "place_stop_short", trigger=49890.0, size="0.05 base", stop_loss=50300.0, order_ref="turn"
)


def late(ms: int) -> Switch:
    """Return the fault of one order whose effect is so late."""
    return Switch(kind=Fault.DELAY_EFFECT, value=ms, on=CREATE, times=1)


def before(tmp_path: Path, card: str, bars: int = 3, **more: Any) -> Live:
    """Return a session half a second before the close that decides the turn."""
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS, snapshot_every=5, **more)
    live.bar(bars=bars)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    return live


def turning(tmp_path: Path, card: str, ms: int = 1_500, **more: Any) -> Live:
    """Return a session whose turn has left and is so late in its effect."""
    live = before(tmp_path, card, **more)
    live.venue.faults.add(late(ms))
    live.run(700, 100)
    return live


def given_back(live: Live) -> list[int]:
    """Return the lots that exits have given back."""
    return [o.filled for o in live.ledger.orders.values() if o.spec.reason == TOO_FAR]


def told(live: Live) -> list[Any]:
    return [notice for notice in live.session.notices if notice.kind == TOO_FAR]


def holds(live: Live, lots: int, *exits: int) -> None:
    """Hold a session to what it holds and has given back, told once each, and to its laws."""
    assert live.held == live.venue_held == lots
    assert given_back(live) == list(exits)
    assert [notice.loudness for notice in told(live)] == [Loudness.ALARM] * len(exits)
    assert not live.desk.guard.halted
    ended(live)


@pytest.mark.parametrize("what", ["stop", "target"])
def test_the_stop_or_target_of_what_was_held_fills_beside_a_turn_at_market(
    tmp_path: Path, what: str
) -> None:
    """Four tenths of a second are enough, and no fault: a fall crosses down and hits the stop."""
    card, price = STOPPED, "49890"
    if what == "target":
        card, price = STOPPED.replace("stop_loss: 49900.0", "take_profit: 50100.0"), "50110"
    live = turning(tmp_path, card + at_bar(3, TURN), ms=400)
    live.trade(price, 5_000)
    turn = live.order("turn")
    assert live.ledger.orders[f"{turn.order_id}s1r0"].spec.created_at == turn.end_ts
    holds(live, -50, 50)


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("trigger", [49900.0, 49890.0])
def test_a_resting_turn_beside_the_stop_at_its_price_opens_no_more_than_its_size(
    tmp_path: Path, trigger: float, *, apart: bool
) -> None:
    """Stop and reverse, as it is traded: one print through both, and the amend is on its way."""
    card = STOPPED + at_bar(2, REVERSE.replace("49890.0", str(trigger)))
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=4)
    for price in ("49950", "49910") * apart + ("49880",):
        live.trade(price, 2_000)
    holds(live, -50, 50)
    stop = live.ledger.protective(Role.STOP_LOSS)
    assert (stop.remaining, stop.trigger_price) == (50, 50300.0)


@pytest.mark.parametrize("word", ["exit_long", "exit_all"])
def test_a_later_exit_of_the_card_closes_beside_a_turn_in_doubt(tmp_path: Path, word: str) -> None:
    card = BARE + at_bar(3, BARE_TURN) + at_bar(4, emit(word))
    live = turning(tmp_path, card, ms=62_000)
    live.run(70_000)
    holds(live, -50, 50)


def test_a_person_reduces_beside_a_turn_on_its_way(tmp_path: Path) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN))
    live.session.said("reduce", "ann", "", 50.0)
    live.run(5_000)
    holds(live, -50, 25)


def test_a_turn_that_was_given_up_comes_back(tmp_path: Path) -> None:
    """Its closing half has left as an exit of its own by then: all that it opens beyond its size goes back."""
    live = turning(tmp_path, STOPPED + at_bar(3, TURN), ms=75_000)
    live.trade("49890", 20_000)
    assert live.held == 0
    live.run(70_000)
    assert live.warned("came_back")
    holds(live, -50, 50)


@pytest.mark.parametrize("how", ["refused", "lost"])
def test_a_turn_whose_amend_comes_to_nothing_after_the_stop(tmp_path: Path, how: str) -> None:
    """The stop fills; the resting turn is to be 50 large, stays 100, and is met eight seconds later."""
    card = STOPPED + at_bar(2, REVERSE.replace("49890.0", "49800.0"))
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=4)
    kind = Fault.CODE if how == "refused" else Fault.DROP_REQUEST
    live.venue.faults.add(Switch(kind=kind, on="order/amend", value=10016))
    live.trade("49890", 8_000)
    assert live.held == 0
    live.trade("49790", 5_000)
    holds(live, -50, 50)


@pytest.mark.parametrize("word", ["pause", "halt"])
def test_what_turned_too_far_leaves_where_entries_are_held_back(tmp_path: Path, word: str) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN), ms=4_000)
    live.trade("49890", 500)
    live.session.said(word, "ann")
    live.run(8_000)
    assert live.held == live.venue_held == -50
    assert given_back(live) == [50]


def test_an_exit_of_a_surplus_that_is_refused_is_asked_for_again(tmp_path: Path) -> None:
    """Beside it the new stop covers all that is held, and is no larger than that once it is done."""
    live = turning(tmp_path, STOPPED + at_bar(3, TURN))
    live.trade("49890", 0)
    refused = Switch(kind=Fault.CODE, value=110007, on=CREATE, link="*s1r*", times=2)
    live.venue.faults.add(refused)
    live.run(2_500)
    assert live.held == live.venue_held == -100
    assert live.desk.to_close == 50
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.run(5_000)
    assert [o.remaining for o in live.ledger.book if o.spec.role is Role.STOP_LOSS] == [50]
    assert (live.held, given_back(live)) == (-50, [0, 0, 50])
    ended(live)


@pytest.mark.parametrize("lots", [50, 80])
@pytest.mark.parametrize("times", [2, 4])
def test_a_target_size_takes_over_a_surplus_that_is_still_owed(
    tmp_path: Path, lots: int, times: int
) -> None:
    """The newest word says how much is to be held: what was to be given back is none of it."""
    target = at_bar(4, emit("adjust_size", size=f"{lots / 1000} base"))
    live = turning(tmp_path, STOPPED + at_bar(3, TURN) + target)
    live.trade("49890", 0)
    live.venue.faults.add(Switch(kind=Fault.CODE, value=110007, on=CREATE, link="*s1r*"))
    live.run(2_500)
    assert live.held == live.venue_held == -100
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    live.venue.faults.add(
        Switch(kind=Fault.CODE, value=110007, on=CREATE, link="*-5*", times=times)
    )
    live.run(20_000)
    ended(live)
    assert live.held == live.venue_held == -lots
    assert not any(given_back(live))


def test_a_surplus_above_the_largest_market_order_leaves_in_pieces(tmp_path: Path) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN), ms=4_000)
    live.act("facts", max_market_qty="0.02")
    live.backend._facts_at = 0
    live.trade("49890", 10_000)
    assert live.held == live.venue_held == -50
    assert sorted(given_back(live)) == [10, 20, 20]
    ended(live)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_kill_at_the_request_that_gives_back_loses_and_doubles_nothing(
    tmp_path: Path, *, has_arrived: bool
) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN))

    def kill(path: str, body: dict[str, Any]) -> None:
        if path == CREATE and str(body["orderLinkId"]).endswith("s1r0"):
            if has_arrived:
                live.road.carry("POST", path, body)
            raise Killed

    live.road.before = kill
    live.venue.trade(49890)
    with pytest.raises(Killed):
        live.run(8_000)
    live.road.before = lambda _path, _body: None
    live.restart()
    live.run(30_000)
    assert live.held == live.venue_held == -50
    assert given_back(live) == [50]
    ended(live)


def test_flatten_beside_a_turn_on_its_way_leaves_nothing(tmp_path: Path) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN))
    live.session.said("flatten", "ann")
    live.run(8_000)
    assert live.held == live.venue_held == 0
    ended(live)


def test_two_turns_of_one_close_open_what_both_were_to_open_in_any_order(tmp_path: Path) -> None:
    """The second arrives first and closes 30 of the 50: the first opens 80, which is what both wanted."""
    second = emit("entry_short", size="0.03 base", stop_loss=51000.0)
    live = turning(tmp_path, BARE + at_bar(3, BARE_TURN, second), ms=8_000)
    live.run(15_000)
    assert live.order("turn").done == 80
    holds(live, -80)


def test_a_stop_that_is_told_after_the_turn_is_known_to_have_closed_what_it_carried(
    tmp_path: Path,
) -> None:
    """In the ledger it is the stop then that opens too much: what the turn was to close it has closed."""
    live = turning(tmp_path, STOPPED + at_bar(3, TURN), ms=700)
    live.venue.faults.add(Switch(kind=Fault.LATE, on="*", value=3_000, times=3))
    live.trade("49890", 200)
    live.run(500)
    assert (live.held, live.venue_held) == (-50, -100)
    live.run(3_000)
    assert live.held == -100
    live.run(45_000)
    holds(live, -50, 50)


def test_what_a_turn_has_opened_too_much_is_taken_from_its_own_layer(tmp_path: Path) -> None:
    turn = TURN.replace("order_ref: turn", "order_ref: turn, protect: layer")
    live = turning(tmp_path, STOPPED + at_bar(3, turn))
    live.trade("49890", 5_000)
    exits = [o.spec.layer for o in live.ledger.orders.values() if o.spec.reason == TOO_FAR]
    assert exits == [live.order("turn").order_id]
    holds(live, -50, 50)


def test_what_follows_a_turn_is_as_large_as_it_was_to_open(tmp_path: Path) -> None:
    """Nor does the card see an exit: the stop was the last, and none of the new position."""
    out = "[{ action: place_limit_exit_short, metadata: { price: 49000, size: fill, order_ref: out } }]"
    turn = emit("entry_short", size="0.05 base", stop_loss=50500.0, order_ref="turn", on_fill=out)
    live = turning(tmp_path, STOPPED + at_bar(3, turn))
    live.trade("49890", 5_000)
    assert live.ledger.results.exit_reason == "stop"
    assert live.ledger.counters.exits == 0
    order = live.order("turn")
    assert live.ledger.results.risk == pytest.approx(0.05 * (50500.0 - order.fills[0].price))
    assert (order.opened, surplus(order, live.ledger)) == (100, 50)
    assert LateFills().ask(order, live.ledger).lots == 50
    live.bar("49890")
    assert live.order("out").quantity == 50
    holds(live, -50, 50)


def test_a_card_that_may_not_turn_gives_nothing_back(tmp_path: Path) -> None:
    live = turning(tmp_path, STOPPED + at_bar(3, TURN))
    live.trade("49890", 5_000)
    settings = live.ledger.settings
    policy = replace(settings.policy, allow_flip=False)
    live.ledger.settings = replace(settings, policy=policy)
    assert surplus(live.order("turn"), live.ledger) == 0
    assert to_take_back(live.order("turn"), live.ledger) is None


@pytest.mark.parametrize("opens_at", [49990.0, 49890.0])
def test_a_back_test_of_the_same_opens_what_the_card_says(opens_at: float) -> None:
    """The gap of the open passes the stop, and the turn fills at that open: 50 short, as live."""
    bars = [*flat(50000.0, 4), (opens_at, 50000.0, 49800.0, 49850.0), *flat(49850.0, 3)]
    run = Run(card_text(STOPPED + at_bar(3, TURN), **FLIPS), bars).live()
    assert run.ledger.position.side.sign * run.ledger.position.quantity == -50
    assert all(order.done <= order.opens for order in run.ledger.orders.values())
