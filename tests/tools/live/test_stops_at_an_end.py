"""A session that ends in order while a stop covers more than it is to: that is waited for, and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live
from tests.runtime.live.test_protected_meanwhile import LAYERS
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit
from tests.tools.live.test_patience import who_stops
from tools.fakebybit.faults import Fault, Switch
from tools.live.cockpit import Cockpit

CARD = LAYERS + at_bar(4, emit("exit_long", size="0.04 base", method="fifo"))


def stopped(tmp_path: Path, faults: list[Switch], lasts_ms: int) -> tuple[Live, Cockpit, int]:
    """End a session while faults keep a stop of 50 lots from becoming one of 10; return how many seconds it took."""
    live = Live(tmp_path, CARD, pace=Pace(), **SHARED)
    live.bar(bars=4)
    for fault in faults:
        live.venue.faults.add(fault)
    live.bar()
    live.wait(2_000)
    cockpit = who_stops(live)
    cockpit.stop("ann", closes=False)
    for second in range(40):
        if second * 1_000 == lasts_ms:
            live.venue.faults.clear()
        live.run(1_000)
        if cockpit.may_end:
            return live, cockpit, second + 1
    raise AssertionError("it never ends")


LOST = Switch(kind=Fault.DROP_REQUEST, on="order/amend")
ALONE = Switch(kind=Fault.CODE, on="order/create", value=110007, link="*v*")  # no other is taken
NO_ROOM = Switch(kind=Fault.CODE, on="order/amend", value=10006)


@pytest.mark.parametrize("fault", [LOST, NO_ROOM])
def test_a_stop_that_is_to_become_smaller_is_waited_for(tmp_path: Path, fault: Switch) -> None:
    live, cockpit, _ = stopped(tmp_path, [fault], 5_000)
    assert cockpit.left_behind == ""
    assert {(o.spec.layer, o.remaining) for o in live.ledger.book} == {("o1", 10), ("o2", 30)}
    live.laws()
    live.replayed()


def test_a_stop_that_stays_too_large_is_said_by_who_ends(tmp_path: Path) -> None:
    """Not waited for for ever; at its price it would close lots of the other layer."""
    _, cockpit, seconds = stopped(tmp_path, [LOST, ALONE], 60_000)
    assert seconds in (29, 30, 31)
    assert cockpit.left_behind == "a stop for 50 lots where 10 are its"
