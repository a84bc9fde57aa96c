"""A close of everything is over when nothing is held and nothing may fill any more, an entry that was given up neither."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, SYMBOL, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

ENTRY = at_bar(1, emit("entry_long", size="0.05 base", order_ref="in"))
TURN = ENTRY + at_bar(3, emit("entry_short", size="0.05 base", order_ref="turn"))
FLIPS = {"more": "position_policy: { mode: long_short, allow_flip: true }"}


def given_up(tmp_path: Path, card: str, bars: int, *, late_ms: int) -> Live:
    """A session whose newest entry is acknowledged, takes effect only later, and counts as over meanwhile."""
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=bars)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=late_ms, times=1)
    live.venue.faults.add(late)
    live.run(2_500)
    return live


@pytest.mark.parametrize(("card", "bars"), [(ENTRY, 1), (TURN, 3)])
@pytest.mark.parametrize("late_ms", [9_000, 30_000])
def test_what_fills_after_a_flatten_that_was_over_is_closed(
    tmp_path: Path, card: str, bars: int, late_ms: int
) -> None:
    live = given_up(tmp_path, card, bars, late_ms=late_ms)
    live.session.said("flatten", "ann")
    live.run(late_ms + 5_000)
    assert live.warned("came_back")
    assert (live.held, live.venue_held, live.at_venue()) == (0, 0, [])
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_what_fills_after_a_restart_that_follows_a_flatten_is_closed(tmp_path: Path) -> None:
    live = given_up(tmp_path, ENTRY, 1, late_ms=30_000)
    live.session.said("flatten", "ann")
    live.run(15_000)
    live.restart()
    live.run(30_000)
    assert (live.held, live.venue_held) == (0, 0)
    live.laws()
    live.replayed()


def test_what_fills_after_a_word_to_go_on_stays(tmp_path: Path) -> None:
    """Nobody wants it closed any more: it is told, and stands as the card has asked for it."""
    live = given_up(tmp_path, ENTRY, 1, late_ms=30_000)
    live.session.said("flatten", "ann")
    live.run(15_000)
    live.session.said("resume", "ann")
    live.run(30_000)
    assert live.warned("came_back")
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_an_entry_that_was_given_up_may_fill_for_as_long_as_an_exit_is_sought(
    tmp_path: Path,
) -> None:
    live = given_up(tmp_path, ENTRY, 1, late_ms=200_000)
    assert live.desk.in_doubt == []
    live.session.said("stop", "ann")
    live.run(20_000)
    assert live.desk.in_doubt == [live.order("in").order_id]
    live.run(90_000)
    assert live.desk.in_doubt == []
    live.replayed()


def test_an_entry_that_the_venue_refuses_is_in_no_doubt(tmp_path: Path) -> None:
    live = Live(tmp_path, ENTRY, pace=Pace())
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=1))
    live.bar(bars=2)
    assert live.order("in").reason
    assert live.desk.in_doubt == []


def test_an_entry_that_was_at_the_venue_and_is_nowhere_to_be_found_may_fill_yet(
    tmp_path: Path,
) -> None:
    """A replica that has lost it: its cancel finds nothing, no list has it."""
    placed = emit("place_limit_long", price=49900.0, size="0.05 base", order_ref="in")
    live = Live(tmp_path, at_bar(1, placed), pace=Pace())
    live.bar(bars=2)
    order = live.order("in")
    assert order.is_accepted
    for known in (live.venue.state.active[SYMBOL], live.venue.state.orders):
        for name in [name for name, one in known.items() if one.link]:
            del known[name]
    live.session.said("stop", "ann")
    live.run(20_000)
    assert order.reason == "vanished"
    assert live.desk.in_doubt == [order.order_id]


def beside(live: Live, lots: int) -> None:
    """Let the venue hold so many lots more, which nothing explains."""
    live.venue.state.positions[SYMBOL].size += Decimal(lots) / 1_000
    live.venue.state.changes.positions.append(SYMBOL)


def test_what_the_venue_holds_is_closed_by_the_process_that_comes_after_a_flatten(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, ENTRY)
    live.bar(bars=3)
    beside(live, 30)
    live.run(1_000)
    live.session.said("flatten", "ann")
    live.restart()
    live.wait(60_000)
    assert (live.held, live.venue_held, live.at_venue()) == (0, 0, [])
    assert live.desk.uncompared_since is None
    live.replayed()


def test_what_somebody_opens_after_a_flatten_was_done_is_not_closed_by_a_restart(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, ENTRY)
    live.bar(bars=3)
    live.session.said("flatten", "ann")
    live.wait(30_000)
    assert (live.held, live.venue_held) == (0, 0)
    live.kill()
    beside(live, 30)
    live._boot()
    live.wait(60_000)
    assert live.venue_held == 30
    assert live.desk.guard.halted.startswith("position_differs")
    live.replayed()
