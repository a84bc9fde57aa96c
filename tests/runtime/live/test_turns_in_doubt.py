"""An entry that turns the position beside an exit of an older close that may still act: what it turns is what is held.

The older exit may be lost, refused and owed, in pieces, or acknowledged and not found until late; it is done, and the
turn is as large as a back-test has it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.base import Loudness
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import D, Live, ended
from tests.runtime.live.test_exits_in_doubt import HELD
from tests.runtime.live.test_pieces_in_doubt import HOW, WHOLE
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

FLIPS = {"more": "position_policy: { mode: long_short, max_layers: 8, allow_flip: true }"}
WITH = {"stop_loss": 55000.0, "order_ref": "turn"}
TURNS = {
    "entry": emit("entry_short", size="0.05 base", **WITH),
    "target": emit("adjust_size", size="0.05 base", side="short"),
}


def beside(
    tmp_path: Path,
    turn: str,
    *faults: Switch,
    most: str = WHOLE,
    until: int = 62_000,
    last: int = 5,
    bars: int = 5,
    more: str = "",
) -> Live:
    """Return a session of 100 lots that exits with 70, the faults for so many ms from there on, and then turns.

    Where the venue takes less than 90 at market it exits with those, in pieces.
    """
    exit_lots = emit("exit_long", size="0.07 base" if most == WHOLE else "0.09 base")
    card = HELD + at_bar(4, exit_lots) + at_bar(5, turn, last=last) + more
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=3)
    live.act("facts", max_market_qty=most)
    live.backend._facts_at = 0
    live.bar()
    live.run(58_000)
    live.venue.trade(D(50_000))
    for fault in faults:
        live.venue.faults.add(fault)
    live.run(until)
    live.venue.faults.clear()
    live.bar(bars=bars)
    return live


def refused(live: Live) -> list[str]:
    return [one.code for one in live.desk.engine.refusals]


@pytest.mark.parametrize("how", ["lost", "late"])
@pytest.mark.parametrize("most", [WHOLE, "0.08"])
@pytest.mark.parametrize("turn", TURNS)
def test_an_entry_that_turns_waits_for_a_close_that_knows_of_every_older_exit(
    tmp_path: Path, turn: str, most: str, how: str
) -> None:
    """70 of 100 lots are in doubt, whole or in pieces, when 50 short are asked for: they leave a close later."""
    fault = Switch(on="order/create", link="*-o2*", **HOW[how])
    live = beside(tmp_path, TURNS[turn], fault, most=most, last=6)
    assert refused(live) == ["venue_uncertain"]
    assert live.held == live.venue_held == -50
    assert not live.warned("came_back")
    ended(live)


def lost(live: Live) -> list[tuple[str, bool]]:
    """Return how loud a turn was told as lost, and whether with what an exit closes in its place."""
    said = [one for one in live.session.notices if one.kind == "entry_lost"]
    return [(one.loudness, "30 lots that it was to close" in one.text) for one in said]


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize("turn", TURNS)
def test_what_a_turn_that_nothing_asks_for_again_was_to_close_beside_an_older_exit_is_closed(
    tmp_path: Path, turn: str, *, is_killed: bool
) -> None:
    """The exit acts two seconds after the close: the other 30 were held for good, which the card had turned."""
    acts_late = Switch(on="order/create", link="*-o2*", kind=Fault.DELAY_EFFECT, value=62_000)
    live = beside(tmp_path, TURNS[turn], acts_late, bars=0)
    live.run(8_000)
    assert refused(live) == ["venue_uncertain"]
    assert live.held == live.venue_held == 30
    if is_killed:
        live.restart()
    live.bar(bars=3)
    assert live.held == live.venue_held == 0
    assert lost(live) == [(Loudness.ALARM, True)]
    ended(live)


MORE = emit("entry_long", size="0.03 base")
LATER = {
    "an exit": ((emit("exit_long"),), 0),
    "a turn": ((emit("entry_short", size="0.02 base"),), -20),
    "a target size": ((emit("adjust_size", size="0.02 base"),), 20),
    "more": ((MORE,), 30),
    "more and an exit": ((MORE, emit("exit_long", size="0.02 base")), 30),
}


@pytest.mark.parametrize("what", LATER)
def test_what_a_later_close_asks_for_is_closed_once_beside_a_lost_turn(
    tmp_path: Path, what: str
) -> None:
    asked, left = LATER[what]
    acts_late = Switch(on="order/create", link="*-o2*", kind=Fault.DELAY_EFFECT, value=62_000)
    live = beside(tmp_path, TURNS["entry"], acts_late, more=at_bar(6, *asked, block="z"))
    assert live.held == live.venue_held == left
    ended(live)


def test_a_limit_that_turns_and_would_fill_at_once_is_refused_beside_an_older_exit(
    tmp_path: Path,
) -> None:
    """It would be changed to what is held where it rests, and has filled before that here."""
    turn = emit("place_limit_short", size="0.05 base", price=49990.0, **WITH)
    acts_late = Switch(on="order/create", link="*-o2*", kind=Fault.DELAY_EFFECT, value=62_000)
    live = beside(tmp_path, turn, acts_late)
    assert refused(live) == ["venue_uncertain"]
    assert live.held == live.venue_held == 30
    ended(live)


@pytest.mark.parametrize("is_sent_again", [True, False])
def test_an_entry_that_turns_is_refused_beside_what_a_person_reduces(
    tmp_path: Path, *, is_sent_again: bool
) -> None:
    """A `reduce` of a half is refused a moment before the close, and owed at it, or its effect is late."""
    card = HELD + at_bar(5, TURNS["entry"])
    how = {"kind": Fault.CODE, "value": 110007, "times": 1} if is_sent_again else HOW["late"]
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=5)
    live.run(58_500)
    live.venue.trade(D(50_000))
    live.venue.faults.add(Switch(on="order/create", **how))
    live.session.said("reduce", "ann", "", 50.0)
    live.run(1_000)
    live.venue.faults.clear()
    live.bar(bars=3)
    assert refused(live) == ["venue_uncertain"]
    assert live.held == live.venue_held == 0  # the other half is closed a close later
    ended(live)


@pytest.mark.parametrize("turn", TURNS)
def test_an_entry_that_turns_leaves_beside_an_exit_that_has_ended(
    tmp_path: Path, turn: str
) -> None:
    live = beside(tmp_path, TURNS[turn])
    assert refused(live) == []
    assert live.held == live.venue_held == -50
    ended(live)


@pytest.mark.parametrize("how", ["lost", "late"])
@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_target_size_that_follows_a_fill_was_to_close_is_closed_where_it_waits_in_vain(
    tmp_path: Path, how: str, *, is_killed: bool
) -> None:
    """It waits ten seconds for the exit of an older close; then 50 of 120 lots were held for good."""
    follow = (
        "[{ action: adjust_size, metadata: { size: 0.05 base, side: short, stop_loss: 55000 } }]"
    )
    more = emit("place_limit_long", size="0.02 base", price=49_900.0, on_fill=follow)
    card = HELD + at_bar(2, more) + at_bar(4, emit("exit_long", size="0.07 base"))
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=4)
    live.run(50_000)
    fault = {"kind": Fault.DROP_REQUEST} if how == "lost" else HOW["late"] | {"value": 85_000}
    live.venue.faults.add(Switch(on="order/create", link="*-o3*", **fault))
    live.run(56_000)
    live.venue.trade(D("49890"))
    live.run(6_000)
    assert live.held == live.venue_held == 120
    if is_killed:
        live.restart()
    live.run(22_000)
    (said,) = [one for one in live.session.notices if one.kind == "entry_lost"]
    assert "50 lots that it was to close are closed by an exit" in said.text
    live.venue.faults.clear()
    live.wait(90_000)
    assert live.held == live.venue_held == 0
    ended(live)


@pytest.mark.parametrize("late_ms", [0, 4_000, 30_000])
def test_a_turn_that_closes_in_place_of_an_exit_of_its_close_is_told_once(
    tmp_path: Path, late_ms: int
) -> None:
    """The exit of 70 is late or lost: the turn of 80 closes 80 of 100 and opens nothing, and nobody knew."""
    card = HELD + at_bar(5, emit("exit_long", size="0.07 base"), TURNS["entry"])
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=5)
    live.wait(50_000)
    late = Switch(on="order/create", link="*-o2*", kind=Fault.DELAY_EFFECT, value=late_ms)
    lost = Switch(on="order/create", link="*-o2*", kind=Fault.DROP_REQUEST)
    live.venue.faults.add(late if late_ms else lost)
    live.run(60_000)
    live.venue.faults.clear()
    live.run(30_000)
    assert live.held == live.venue_held == 0
    (said,) = [one.text for one in live.session.notices if one.kind == "entry_lost"]
    assert "`turn` (entry_short) closed 50 lots" in said
    ended(live)


def test_a_turn_beside_an_exit_of_its_close_that_is_done_is_not_told(tmp_path: Path) -> None:
    card = HELD + at_bar(5, emit("exit_long", size="0.07 base"), TURNS["entry"])
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=7)
    assert live.held == live.venue_held == -50
    assert not live.warned("entry_lost")
    ended(live)
