"""What a person closes at the venue while an exit comes to nothing is what that exit was to close."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, Live, ended
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

ONE = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0))
LAYERS = at_bar(
    1, emit("entry_long", size="0.05 base", protect="layer", stop_loss=49500.0)
) + at_bar(2, emit("entry_long", size="0.05 base", protect="layer", stop_loss=48500.0))
AT_MARKET = at_bar(3, emit("exit_long", size="0.04 base", method="fifo"))
AT_LIMIT = at_bar(3, emit("place_limit_exit_long", size="0.04 base", price=50500.0))
REFUSED = Switch(kind=Fault.CODE, on="order/create", value=110003, link="*o[23]*")
LOST = Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*o[23]*")


def came_to_nothing(folder: Path, card: str, fault: Switch) -> Live:
    """Return a session that holds 100 lots and whose exit of 40 does not reach the venue."""
    live = Live(folder, card, pace=Pace(), **SHARED)
    live.bar(bars=3)
    live.venue.faults.add(fault)
    live.wait(MINUTE - live.venue.now % MINUTE + 500)
    live.wait(12_000)
    assert live.held == 100
    return live


@pytest.mark.parametrize("entries", [ONE, LAYERS])
@pytest.mark.parametrize("exit_", [AT_MARKET, AT_LIMIT])
@pytest.mark.parametrize("restarts", [False, True])
def test_an_exit_that_a_person_has_done_by_hand_is_not_done_again(
    tmp_path: Path, entries: str, exit_: str, *, restarts: bool
) -> None:
    """The halt says: close by hand, then `resume`. The same 40 lots again would leave 20 of 100."""
    live = came_to_nothing(tmp_path, entries + exit_, REFUSED)
    assert live.desk.guard.halted == "an exit could not be carried out"
    live.act("manual", amount="-0.04")
    live.wait(3_000)
    live.session.said("resume", "ann")
    if restarts:
        live.restart()
    live.venue.faults.clear()
    live.wait(60_000)
    assert live.held == live.venue_held == 60
    assert not live.desk.exits.owed
    assert not live.desk.guard.halted
    live.trade("50600", 5_000)
    assert live.held == 60
    ended(live)


def test_of_an_exit_that_a_person_has_done_in_part_the_rest_is_done(tmp_path: Path) -> None:
    live = came_to_nothing(tmp_path, ONE + AT_MARKET, REFUSED)
    live.act("manual", amount="-0.01")
    live.venue.faults.clear()
    live.wait(60_000)
    assert live.held == live.venue_held == 60
    ended(live)


@pytest.mark.parametrize("exit_", [AT_MARKET, AT_LIMIT])
def test_an_exit_of_unknown_fate_that_a_person_has_done_by_hand_is_not_sent_again(
    exit_: str, tmp_path: Path
) -> None:
    live = came_to_nothing(tmp_path, ONE + exit_, LOST)
    live.act("manual", amount="-0.04")
    live.wait(3_000)
    live.venue.faults.clear()
    live.wait(150_000)
    live.trade("50600", 5_000)
    assert live.held == live.venue_held == 60
    ended(live)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("lots", "held"), [("-0.04", 60), ("-0.01", 60), ("-0.06", 40)])
@pytest.mark.parametrize("exit_", [AT_MARKET, AT_LIMIT])
def test_an_exit_that_waits_out_a_ban_does_not_do_again_what_a_person_has_done_by_hand(
    lots: str, held: int, exit_: str, tmp_path: Path, *, restarts: bool
) -> None:
    """It waits where requests leave, not having left: 40 sold by hand and 40 more afterwards left 20 of 100."""
    banned = Switch(kind=Fault.BAN, on="order/create", value=600_000, times=1)
    live = came_to_nothing(tmp_path, ONE + exit_, banned)
    live.act("manual", amount=lots)
    live.wait(3_000)
    if restarts:
        live.restart()
    live.wait(700_000)
    live.trade("50600", 5_000)
    assert live.held == live.venue_held == held
    ended(live)


def test_what_a_person_closes_beside_an_exit_that_is_done_comes_off_nothing(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, ONE + AT_MARKET, pace=Pace(), **SHARED)
    live.bar(bars=3)
    live.act("manual", amount="-0.04")
    live.bar()
    assert live.held == live.venue_held == 20
    ended(live)
