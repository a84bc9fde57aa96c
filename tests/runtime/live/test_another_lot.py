"""The venue counts in another lot: all that is held can be closed, a part of it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

CARD = at_bar(1, emit("entry_long", size="0.08 base", stop_loss=49000.0, take_profit=50900.0))


def regridded(live: Live) -> None:
    live.act("facts", step_text="0.01", min_qty="0.01")
    live.wait(25_000)
    assert live.desk.guard.is_regridded
    assert live.desk.guard.halted


def holding(folder: Path) -> Live:
    live = Live(folder, CARD, pace=Pace(facts_ms=20_000))
    live.bar(bars=3)
    assert live.held == 80
    return live


@pytest.mark.parametrize("percent", [10.0, 50.0])
def test_a_part_is_not_closed_whole_in_another_lot(tmp_path: Path, percent: float) -> None:
    """All 80 lots left for a `reduce` of 8: what closes everything needs no quantity, and said none."""
    live = holding(tmp_path)
    regridded(live)
    for after in ("told", "taken up"):
        live.session.said("reduce", "ann", value=percent)
        live.wait(5_000)
        assert live.held == live.venue_held == 80, after
        live.restart()
    live.session.said("flatten", "ann")
    live.wait(5_000)
    assert live.held == live.venue_held == 0
    live.replayed()


def test_a_lot_that_was_another_and_is_the_old_one_after_a_start_closes_parts_again(
    tmp_path: Path,
) -> None:
    """Nothing was news to that start: `reduce` closed no part for good, "in another lot now"."""
    live = holding(tmp_path)
    regridded(live)
    live.kill()
    live.act("facts", step_text="0.001", min_qty="0.001")
    live._boot()
    live.wait(25_000)
    live.session.said("resume", "ann")
    live.wait(5_000)
    assert not live.desk.guard.is_regridded
    assert not live.desk.guard.halted
    live.session.said("reduce", "ann", value=50.0)
    live.wait(5_000)
    assert live.held == live.venue_held == 40
    live.replayed()


def test_all_of_it_is_closed_by_a_reduce_of_all(tmp_path: Path) -> None:
    live = holding(tmp_path)
    regridded(live)
    live.session.said("reduce", "ann", value=100.0)
    live.wait(5_000)
    assert live.held == live.venue_held == 0
    live.replayed()


def test_a_part_asked_for_before_the_lot_was_another_closes_no_more(tmp_path: Path) -> None:
    """It was refused, and is asked for again when the lot is another: 8 lots stay 8, or none."""
    live = holding(tmp_path)
    refused = Switch(kind=Fault.CODE, on="order/create", value=110003, times=2, link="*v[3-9]*")
    live.venue.faults.add(refused)
    live.session.said("reduce", "ann", value=10.0)
    live.run(500)
    regridded(live)
    live.wait(30_000)
    assert live.held == live.venue_held >= 72
    assert not any(body.get("qty") == "0" for _, body in live.posted)
    live.replayed()
