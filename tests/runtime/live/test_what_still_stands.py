"""A stop whose change nobody answers about stands where it stood: what is in doubt is the change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, D, Live
from tests.runtime.live.test_placing import MARKET
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

MOVED = MARKET + at_bar(3, emit("adjust_stop", price=49500.0), block="m")
HALVED = MARKET + at_bar(3, emit("exit_long", size_pct=0.5), block="m")


def changed(tmp_path: Path, card: str, *faults: Switch) -> Live:
    """A session whose change of a stop has just left."""
    live = Live(tmp_path, card)
    live.bar(bars=3)
    for fault in faults:
        live.venue.faults.add(fault)
    live.wait(MINUTE - live.venue.now % MINUTE)
    return live


@pytest.mark.parametrize("seconds", [0, 4, 8, 12])
@pytest.mark.parametrize("card", [MOVED, HALVED], ids=["moved", "halved"])
def test_a_lost_change_of_a_stop_that_stands_is_no_missing_stop(
    tmp_path: Path, card: str, seconds: int
) -> None:
    """Whether the question about it is answered at once or after some seconds: nothing is closed for it."""
    deaf = Switch(on="order/realtime", kind=Fault.DROP_ANSWER)
    live = changed(tmp_path, card, Switch(on="order/amend", times=1, kind=Fault.DROP_REQUEST), deaf)
    for step in range(120):
        if step == 4 * seconds:
            live.venue.faults.clear()
        live.run(250)
        assert live.desk.coverage.open_lots(live.ledger) == 0
    live.run(20_000)
    lots, price = (100, 49_500.0) if card is MOVED else (50, 49_000.0)
    assert live.held == live.venue_held == lots
    assert [(o.remaining, o.trigger_price) for o in live.ledger.book] == [(lots, price)]
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def lose_the_first_stop(live: Live) -> None:
    """Fill an entry whose stop is lost; from its close on nobody answers what became of it."""
    live.venue.faults.add(Switch(on="order/create", link="*-v1*", kind=Fault.DROP_REQUEST))
    live.venue.trade(D(50_000))
    live.wait(MINUTE - live.venue.now % MINUTE)
    for path in ("order/realtime", "order/history"):
        live.venue.faults.add(Switch(on=path, kind=Fault.DROP_ANSWER))


def test_a_stop_that_stays_unknown_is_three_failures_after_three_times_as_long_as_is_borne(
    tmp_path: Path,
) -> None:
    """Not earlier: looking again in between is no failure of anything that was asked."""
    live = Live(tmp_path, MARKET)
    live.bar()
    lose_the_first_stop(live)
    began = live.venue.now
    live.run(2_000, 50)
    assert live.held == 100
    live.run(began + 14_000 - live.venue.now)
    assert live.held == live.venue_held == 100
    assert not live.desk.guard.halted
    live.run(4_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted == "a position could not be protected"
    live.laws()
