"""What the card asked for and the venue did not do: exits come again, stops stand where they should, or people hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import on_create, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
MOVED = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=47000.0, order_ref="in")) + at_bar(
    3, emit("adjust_stop", price=49900.0)
)
LOST = {
    "request lost": on_create(Fault.DROP_REQUEST),
    "empty book": Switch(kind=Fault.NO_LIQUIDITY, times=1),
    "not carried out": on_create(Fault.CODE, value=10016),
    "refused": on_create(Fault.CODE, value=10002, times=2),
}


def with_an_exit(tmp_path: Path, fault: Switch, exit_: str = "exit_long") -> Live:
    live = Live(tmp_path, HELD + at_bar(3, exit_))
    live.bar(bars=3)
    live.run(2_000)
    live.venue.faults.add(fault)
    live.bar()
    return live


@pytest.mark.parametrize("how", LOST)
def test_an_exit_that_came_to_nothing_is_told_and_asked_again(tmp_path: Path, how: str) -> None:
    live = with_an_exit(tmp_path, LOST[how])
    live.run(15_000)
    assert live.held == live.venue_held == 0
    assert live.warned("exit_lost")
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def test_a_part_that_came_to_nothing_is_asked_again_as_that_part(tmp_path: Path) -> None:
    part = emit("exit_long", size_pct=0.4)
    live = with_an_exit(tmp_path, LOST["empty book"], part)
    live.restart()
    live.run(15_000)
    assert live.held == live.venue_held == 60
    live.laws()
    live.replayed()


def test_an_exit_that_fails_three_times_halts_and_goes_on(tmp_path: Path) -> None:
    live = with_an_exit(tmp_path, Switch(kind=Fault.NO_LIQUIDITY))
    live.run(20_000)
    assert live.desk.guard.halted == "an exit could not be carried out"
    assert live.venue_held == 100
    live.venue.faults.clear()
    live.run(40_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_an_exit_of_a_position_that_is_gone_is_not_asked_again(tmp_path: Path) -> None:
    live = with_an_exit(tmp_path, Switch(kind=Fault.NO_LIQUIDITY))
    live.run(4_000)
    live.venue.faults.clear()
    live.act("close_by_hand")
    live.run(10_000)
    asked = len(live.posted)
    live.run(40_000)
    assert len(live.posted) == asked
    assert live.held == live.venue_held == 0
    live.laws()


NOT_MOVED = {
    "no effect": Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=10**9),
    "refused": Switch(kind=Fault.CODE, on="order/amend", value=10001, text="x"),
}


@pytest.mark.parametrize("how", NOT_MOVED)
def test_a_stop_that_stays_where_it_was_halts_and_stands(tmp_path: Path, how: str) -> None:
    live = Live(tmp_path, MOVED)
    live.bar(bars=3)
    live.run(2_000)
    live.venue.faults.add(NOT_MOVED[how])
    live.bar()
    live.run(25_000)
    assert live.desk.guard.halted == "a stop could not be moved"
    assert live.held == live.venue_held == 100
    assert live.at_venue() == ["v1"]
    live.trade("47500", 13_000)
    assert live.held == live.venue_held == 0
    live.replayed()


def test_a_stop_that_is_on_its_way_is_no_failure(tmp_path: Path) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=4_000)
    live = started(tmp_path, MOVED)
    live.venue.faults.add(late)
    live.bar(bars=3)
    live.run(10_000)
    assert not live.desk.guard.halted
    assert live.ledger.orders["v1"].trigger_price == 49900.0
    live.laws()
