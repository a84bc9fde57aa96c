"""A request that is lost again and again is counted as one that is refused: told, and mended in the same way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_levels_of_entries import RESTS
from tests.runtime.live.test_protected_meanwhile import LAYERS
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

FLIPS = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8, allow_flip: true }"}}
TURN = at_bar(
    1,
    emit("entry_long", size="0.02 base", stop_loss=48000.0),
    emit(
        "place_stop_short", trigger=49800.0, size="0.03 base", stop_loss=51000.0, order_ref="turn"
    ),
) + at_bar(2, emit("entry_long", size="0.08 base"))
NO_ROOM = 10006  # the venue's word for too many requests
NEVER_CHANGED = (
    Switch(kind=Fault.DROP_REQUEST, on="order/amend"),
    Switch(kind=Fault.CODE, on="order/amend", value=10016),
    Switch(kind=Fault.HTTP, on="order/amend", value=504),
    Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=40_000),
    Switch(kind=Fault.CODE, on="order/amend", value=NO_ROOM),
    Switch(kind=Fault.CODE, on="order/amend", value=10002),  # by our clock: it fails at once
)


@pytest.mark.parametrize("fault", NEVER_CHANGED)
def test_a_stop_whose_smaller_size_is_lost_again_and_again_is_replaced(
    tmp_path: Path, fault: Switch
) -> None:
    """At its price it closed lots of another layer, told to nobody."""
    card = LAYERS + at_bar(4, emit("exit_long", size="0.04 base", method="fifo"))
    live = Live(tmp_path, card, **SHARED)
    live.bar(bars=4)
    live.venue.faults.add(fault)
    live.bar()
    live.wait(35_000)
    stops = {(order.spec.layer, order.remaining) for order in live.ledger.book}
    assert stops == {("o1", 10), ("o2", 30)}
    live.trade("49490", 5_000)
    assert live.held == 30
    live.venue.faults.clear()
    ended(live)


@pytest.mark.parametrize(
    "fault", [{"kind": Fault.DROP_REQUEST}, {"kind": Fault.CODE, "value": NO_ROOM}]
)
def test_a_turn_whose_size_is_lost_again_and_again_is_told(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    """Without room it ends at once, each time: it counts as well, from the second on."""
    live = Live(tmp_path, TURN, **FLIPS)
    live.bar(bars=2)
    live.venue.faults.add(Switch(on="order/amend", link="*o*", **fault))
    live.bar()
    live.wait(40_000)
    assert live.warned("change_lost")


@pytest.mark.parametrize(
    "fault", [{"kind": Fault.DROP_REQUEST}, {"kind": Fault.CODE, "value": NO_ROOM}]
)
def test_a_cancel_that_is_lost_twice_is_told_and_holds_entries(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    live = Live(tmp_path, at_bar(1, RESTS) + at_bar(2, emit("cancel_order", order_ref="a")))
    live.bar(bars=2)
    live.venue.faults.add(Switch(on="order/cancel", **fault))
    live.bar()
    live.wait(40_000)
    assert live.warned("cancel_refused")
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: cancel_refused"
    live.venue.faults.clear()
    live.wait(60_000)
    assert not live.at_venue()
    ended(live)


EXIT_MOVED = (
    at_bar(1, emit("entry_long", size="0.05 base", stop_loss=48000.0))
    + at_bar(2, emit("place_limit_exit_long", size="0.05 base", price=50500.0, order_ref="x"))
    + at_bar(3, emit("amend_order", order_ref="x", price=50200.0))
)


def texts(live: Live) -> list[str]:
    return [notice.text for notice in live.session.notices if notice.kind == "change_lost"]


@pytest.mark.parametrize("fault", NEVER_CHANGED)
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_move_of_an_exit_that_is_lost_again_and_again_is_told_once(
    tmp_path: Path, fault: Switch, is_killed: bool
) -> None:
    """The market came to where it was to be and turned, and nobody knew that it was not there."""
    live = Live(tmp_path, EXIT_MOVED)
    live.bar(bars=3)
    live.venue.faults.add(fault)
    live.bar()
    live.wait(40_000)
    said = "`x` stays as it was: its change was lost again and again"
    said = f"{said}, and it is asked for again until it is done"
    assert texts(live) == [said]
    if is_killed:
        live.restart()
    live.wait(60_000)
    assert texts(live) == ([] if is_killed else [said])
    live.venue.faults.clear()
    live.wait(20_000)
    assert live.order("x").limit_price == 50_200.0
    ended(live)


def test_a_move_of_an_exit_that_is_lost_twice_is_not_told(tmp_path: Path) -> None:
    live = Live(tmp_path, EXIT_MOVED)
    live.bar(bars=3)
    live.venue.faults.add(replace(NEVER_CHANGED[0], times=2))
    live.bar()
    live.wait(60_000)
    assert live.order("x").limit_price == 50_200.0
    assert not live.warned("change_lost")
    ended(live)


def test_the_cancel_of_an_exit_that_nobody_has_heard_of_is_told_once(tmp_path: Path) -> None:
    """Six times in a minute and a half: it was lost, its stop closed a part of it, and the venue knows no such order."""
    layer = emit("entry_long", size="0.06 base", protect="layer", stop_loss=48000.0)
    out = emit("exit_long", size="0.06 base", method="fifo")
    card = LAYERS + at_bar(3, layer).replace("id: b", "id: c") + at_bar(4, out)
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=4)
    link = live.names.link("o4")
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link=link, times=1))
    live.wait(60_500 - live.venue.now % 60_000)
    live.trade("49490", 1_000)
    live.wait(120_000)
    told = [one.text for one in live.session.notices if one.kind == "cancel_refused"]
    assert told == ["the cancel of o4 was refused 2 times (unknown_ref)"]
    ended(live)


@pytest.mark.parametrize(
    ("out", "left"),
    [
        (emit("exit_long", size="0.04 base"), 10),
        (emit("exit_long"), 0),
        (emit("place_limit_exit_long", price=50500.0, size="0.04 base", order_ref="x"), 50),
    ],
)
def test_an_exit_for_which_the_venue_has_no_room_has_failed_as_one_that_is_refused(
    tmp_path: Path, out: str, left: int
) -> None:
    """It waited to leave for as long as there was none, and nobody knew; a close of all was said to be in doubt."""
    card = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=48000.0)) + at_bar(3, out)
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=NO_ROOM))
    live.bar()
    live.wait(20_000)
    assert {notice.kind for notice in live.session.notices} == {"exit_lost"}
    assert live.desk.guard.halted == "an exit could not be carried out"
    live.venue.faults.clear()
    live.wait(60_000)
    assert live.held == live.venue_held == left
    assert [o.remaining for o in live.ledger.book if o.spec.order_ref] == [40] * (left == 50)
    ended(live)


def test_a_short_want_of_room_is_waited_out(tmp_path: Path) -> None:
    """Two seconds without room are no failure: the same stop is made smaller, and nobody is told."""
    card = LAYERS + at_bar(4, emit("exit_long", size="0.04 base", method="fifo"))
    live = Live(tmp_path, card, **SHARED)
    live.bar(bars=4)
    before = {order.spec.layer: order.order_id for order in live.ledger.book}
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=NO_ROOM))
    live.bar()
    live.wait(2_000)
    live.venue.faults.clear()
    live.wait(5_000)
    stops = {order.spec.layer: (order.order_id, order.remaining) for order in live.ledger.book}
    assert stops == {"o1": (before["o1"], 10), "o2": (before["o2"], 30)}
    ended(live)


def test_a_stop_that_nobody_makes_smaller_is_told_in_words_that_are_so(tmp_path: Path) -> None:
    """Nothing was refused: there was no room for it."""
    card = LAYERS + at_bar(4, emit("exit_long", size="0.04 base", method="fifo"))
    live = Live(tmp_path, card, **SHARED)
    live.bar(bars=4)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=NO_ROOM))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=NO_ROOM, link="*v*"))
    live.bar()
    live.wait(40_000)
    told = [one.text for one in live.session.notices if one.kind == "stop_too_large"]
    assert len(told) == 1
    assert "making it smaller failed 3 times (refused, lost or no room)" in told[0]
    assert live.desk.guard.halted == "a stop could not be made smaller"


def test_a_cancel_of_a_bracket_that_is_lost_is_told(tmp_path: Path) -> None:
    """The first entry has filled, and its sibling works on."""
    both = {"size": "0.05 base", "stop_loss": 48000.0, "order_group": "g", "oco": True}
    card = at_bar(
        1,
        emit("place_stop_long", trigger=50300.0, order_ref="up", **both),
        emit("place_limit_long", price=49700.0, order_ref="down", **both),
    )
    live = Live(tmp_path, card)
    live.bar(bars=2)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel"))
    live.trade("50310", 1_000)
    live.wait(40_000)
    assert live.warned("cancel_refused")


SHARED_EXITS = (
    at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0))
    + at_bar(2, emit("place_limit_exit_long", size="0.04 base", price=50900.0, order_ref="x"))
    + at_bar(3, emit("place_limit_exit_long", size="0.06 base", price=50500.0, order_ref="y"))
    + at_bar(5, emit("exit_long", size="0.05 base"))
)


@pytest.mark.parametrize(
    "fault",
    [
        Switch(kind=Fault.DROP_REQUEST, on="order/amend"),
        Switch(kind=Fault.CODE, on="order/amend", value=10016),
        Switch(kind=Fault.CODE, on="order/amend", value=110003),
    ],
)
@pytest.mark.parametrize("times", [1, 4])
def test_an_exit_that_is_to_share_what_is_held_is_made_smaller_however_often_that_fails(
    tmp_path: Path, fault: Switch, times: int
) -> None:
    """It stood too large for good after one lost amend, and closed what another exit was for."""
    live = Live(tmp_path, SHARED_EXITS, **SHARED)
    live.bar(bars=5)
    link = live.names.link(live.order("y").order_id)
    live.venue.faults.add(replace(fault, times=times, link=link))
    live.bar()
    live.wait(90_000)
    assert {(o.spec.order_ref, o.remaining) for o in live.ledger.book if o.spec.order_ref} == {
        ("x", 40), ("y", 10),
    }  # fmt: skip
    assert live.warned("change_lost") == (times > 3)
    live.venue.faults.clear()
    live.trade("50510", 5_000)
    assert live.held == 40
    ended(live)
