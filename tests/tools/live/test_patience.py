"""A run that is told to stop waits for the wire by the wall's clock, however fast its own time runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.account.margin import entries
from tests.tools.live.made import LADDER, made
from tools.fakebybit.faults import Fault, Switch
from tools.live.cockpit import Cockpit
from tools.live.seen import around
from tools.live.words import Asked

_SETTLING_S = 30


@pytest.mark.parametrize("speed", [1.0, 30.0])
def test_a_stop_waits_for_the_wire_by_the_walls_clock_at_any_speed(
    tmp_path: Path, speed: float
) -> None:
    """An entry whose cancel the venue never hears of: the run ends after thirty seconds on the wall."""
    run, _ = made(LADDER, tmp_path, seed=11)
    while not entries(run.watch.ledger):
        run.steps.step(60_000)
    run.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel*", times=1_000))
    cockpit = Cockpit(
        run.watch,
        run.session.said,
        lambda: around(run.facts, run.session, run.venue.now),
        lambda job: job(),
        speed,
    )
    assert cockpit.ask(Asked("stop", "ann")).is_done
    began, end = run.venue.now, _SETTLING_S * 1_000 * speed
    while not cockpit.may_end:
        assert run.venue.now - began <= end
        run.steps.step(500)
    assert run.venue.now - began >= end
    assert "entries that still work" in cockpit.left_behind
    run.close()


def test_a_second_stop_takes_back_no_close_and_no_patience(tmp_path: Path) -> None:
    """`stop --close`, then `stop` by somebody else: the position is closed first all the same."""
    run, _ = made(LADDER, tmp_path, seed=3)
    while run.watch.ledger.position is None:
        run.steps.step(60_000)
    run.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=1_000))
    run.cockpit.stop("ann", closes=True)
    since = run.cockpit.wish.since
    run.steps.step(3_000)
    run.cockpit.stop("bob", closes=False)
    assert (run.cockpit.wish.closes, run.cockpit.wish.since) == (True, since)
    run.steps.step(30_000)
    assert not run.cockpit.may_end
    assert "the position that was to be closed" in run.cockpit.left_behind
    run.close()
