"""A session that ends in order while the venue holds more than its ledger: a close means that, too; what stays is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import Live
from tests.runtime.live.test_close_out import beside
from tests.strategies.runs import at_bar, emit
from tests.tools.live.test_patience import who_stops
from tools.fakebybit.faults import Fault, Switch
from tools.live.cockpit import Cockpit

HELD = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0))


def held(tmp_path: Path, how: str) -> Live:
    """A session that holds 50 at a venue that holds 80: nothing explains it, or frames were lost."""
    live = Live(tmp_path, HELD)
    live.bar(bars=3)
    live.wait(20_000)
    if how == "nothing explains it":
        beside(live, 30)
        live.run(500)
        return live
    for topic in ("execution", "order", "position"):
        live.venue.faults.add(Switch(kind=Fault.DROP, on=topic))
    live.act("manual", amount="0.03")
    live.run(2_500)
    live.venue.faults.clear()
    return live


def ended(live: Live, cockpit: Cockpit) -> None:
    while not cockpit.may_end:
        live.run(250)


@pytest.mark.parametrize("how", ["nothing explains it", "frames were lost"])
def test_a_stop_that_closes_closes_what_the_venue_holds(tmp_path: Path, how: str) -> None:
    live = held(tmp_path, how)
    assert (live.held, live.venue_held) == (50, 80)
    cockpit = who_stops(live)
    cockpit.stop("ann", closes=True)
    ended(live, cockpit)
    assert (live.held, live.venue_held, live.at_venue()) == (0, 0, [])
    assert cockpit.left_behind == ""
    live.replayed()


def test_a_stop_that_closes_and_hears_nothing_of_the_venue_says_so(tmp_path: Path) -> None:
    live = held(tmp_path, "frames were lost")
    live.venue.faults.add(Switch(kind=Fault.CODE, on="position/list", value=10016))
    cockpit, began = who_stops(live), live.venue.now
    cockpit.stop("ann", closes=True)
    ended(live, cockpit)
    assert live.venue.now - began >= 120_000
    assert "it was not compared since" in cockpit.left_behind


def test_a_stop_says_what_the_venue_holds_more(tmp_path: Path) -> None:
    live = held(tmp_path, "nothing explains it")
    live.run(10_000)
    cockpit = who_stops(live)
    cockpit.stop("ann", closes=False)
    ended(live, cockpit)
    assert live.venue_held == 80
    said = "what nothing explains: the venue holds +30 lots more than the ledger"
    assert cockpit.left_behind == said
