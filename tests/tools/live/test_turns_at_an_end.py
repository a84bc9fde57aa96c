"""A session that ends in order in the minute in which a turn was refused beside an exit: what it was to close is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import Live
from tests.runtime.live.test_turns_in_doubt import TURNS, beside
from tests.tools.live.test_patience import who_stops
from tools.fakebybit.faults import Fault, Switch
from tools.live.words import Asked

LATE = Switch(on="order/create", link="*-o2*", kind=Fault.DELAY_EFFECT, value=62_000)


def refused(tmp_path: Path, turn: str) -> Live:
    """A session whose turn of 100 lots was refused beside an exit of 70, which is done by now."""
    live = beside(tmp_path, TURNS[turn], LATE, bars=0)
    live.run(6_000)
    assert live.held == live.venue_held == 30
    return live


@pytest.mark.parametrize("turn", TURNS)
def test_what_a_refused_turn_was_to_close_is_closed_before_a_session_ends(
    tmp_path: Path, turn: str
) -> None:
    live = refused(tmp_path, turn)
    cockpit = who_stops(live)
    assert live.desk.to_close == 30
    assert "30 lots" in cockpit.left_behind
    cockpit.stop("ann", closes=False)
    for _ in range(20):
        live.run(1_000)
        if cockpit.may_end:
            break
    assert cockpit.may_end
    assert live.held == live.venue_held == 0
    assert cockpit.left_behind == ""
    told = [x.text for x in live.session.notices if x.kind == "entry_lost"]
    assert len(told) == 1
    assert "the session ends; 30 lots" in told[0]
    live.bar()
    assert live.held == live.venue_held == 0
    assert len([x for x in live.session.notices if x.kind == "entry_lost"]) == 1
    live.laws()
    live.replayed()


def test_a_person_may_cancel_what_a_refused_turn_was_to_close(tmp_path: Path) -> None:
    live = refused(tmp_path, "entry")
    cockpit = who_stops(live)
    assert live.desk.to_come == ["turn"]
    assert cockpit.ask(Asked("cancel", "ann", name="turn")).is_done
    assert live.desk.to_close == 0
    live.bar()
    live.run(5_000)
    assert live.held == live.venue_held == 30
    live.laws()
    live.replayed()
