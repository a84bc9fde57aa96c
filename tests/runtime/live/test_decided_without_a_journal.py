"""A close that a process decided while its journal took nothing, and the process after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runtime.live.bench import MINUTE, Live
from tests.runtime.live.scenarios import without_a_disk
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0, order_ref="in"))
HALF = emit("exit_long", size="50% of position")
UP = emit("adjust_stop", price=49000.0)


def decided(live: Live, ms: int) -> None:
    """Live up to the close of bar 4, which the journal does not take, and `ms` on from there."""
    live.bar(bars=4)
    live.wait(MINUTE - live.venue.now % MINUTE - 1_500)
    without_a_disk(live)
    live.run(1_500 + ms, 500)


def exits(live: Live) -> int:
    """Return the lots that the venue has sold of what was bought."""
    return sum(int(e.qty * 1000) for e in live.venue.state.executions if e.side.value == "Sell")


@pytest.mark.parametrize("ms", [1_500, 15_000, 70_000])
def test_an_exit_that_left_without_a_journal_and_has_filled_is_not_decided_again(
    tmp_path: Path, ms: int
) -> None:
    """Half is closed once, and the stop stays where that close has moved it; also with a close in between."""
    live = Live(tmp_path, HELD + at_bar(4, UP, HALF))
    decided(live, ms)
    assert (live.venue_held, exits(live)) == (50, 50)
    live.restart()
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50
    assert live.desk.guard.halted.startswith("lost_order")
    assert live.ledger.stop_price() == 49_000.0
    live.laws()
    live.replayed()


@pytest.mark.parametrize("fault", [Fault.CODE, Fault.DROP_REQUEST])
def test_a_close_before_the_start_waits_until_the_venue_has_told_what_was_filled(
    tmp_path: Path, fault: Fault
) -> None:
    """No answer is not nothing there: while nobody tells executions the close is not decided."""
    live = Live(tmp_path, HELD + at_bar(4, HALF))
    decided(live, 1_500)
    live.venue.faults.add(Switch(kind=fault, on="execution/list", value=10016))
    live.restart()
    live.run(20_000)
    assert (live.venue_held, exits(live)) == (50, 50)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50
    live.laws()
    live.replayed()


def test_an_exit_whose_effect_comes_after_the_start_is_not_decided_again(tmp_path: Path) -> None:
    """The first look finds nothing and agrees; the next, a settle time after the start, finds it."""
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", link="*-o2", value=7_000)
    live = Live(tmp_path, HELD + at_bar(4, HALF), faults=[late])
    decided(live, 6_000)
    assert live.venue_held == 100
    live.restart()
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50
    live.laws()
    live.replayed()


def test_a_process_that_is_killed_before_the_close_comes_leaves_it_undecided_for_the_next(
    tmp_path: Path,
) -> None:
    """Its look has booked the exit, and the next process asks for what came later: the halt says what was found."""
    live = Live(tmp_path, HELD + at_bar(4, HALF))
    decided(live, 1_500)
    live.kill()
    live.venue.advance(live.venue.now + 25_000)
    live._boot()
    assert live.desk.guard.halted.startswith("lost_order")
    assert live.ledger.bar == 3, "the close has not come yet"
    live.restart()
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50
    live.laws()
    live.replayed()


def test_a_bar_that_the_stream_tells_once_more_after_the_start_is_not_decided_again(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, HELD + at_bar(4, HALF))
    frames: list[dict[str, Any]] = []
    take = live.session.frame
    live.session.frame = lambda told: (frames.append(told), take(told))[1]  # type: ignore[method-assign]
    decided(live, 500)
    told = next(
        x for x in reversed(frames) if x["topic"].startswith("kline") and x["data"][0]["confirm"]
    )
    live.restart()
    live.session.frame(told)
    assert live.ledger.bar == 3
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50


def test_a_clock_that_is_behind_does_not_make_the_close_one_after_the_start(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD + at_bar(4, HALF))
    decided(live, 6_000)
    live.kill()
    live.late_ms = 30_000
    live._boot()
    live.bar(bars=2)
    assert live.held == live.venue_held == exits(live) == 50


@pytest.mark.parametrize("has_disk", [True, False])
def test_a_close_of_which_nothing_has_left_is_decided_by_the_next_process(
    tmp_path: Path, has_disk: bool
) -> None:
    """An entry leaves with its line in the journal or not at all: it is missed, and decided at the start."""
    late = at_bar(4, emit("entry_long", size="0.1 base", stop_loss=48000.0, order_ref="in"))
    live = Live(tmp_path, late)
    if has_disk:
        live.bar(bars=4)
        live.wait(MINUTE - live.venue.now % MINUTE - 1_500)
        live.kill()
        live.venue.advance(live.venue.now + 3_000)
        live._boot()
    else:
        decided(live, 1_500)
        live.restart()
    live.run(15_000)
    assert live.held == live.venue_held == 100
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()
