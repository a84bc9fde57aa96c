"""A layer's stop covers its layer: what is too large for one covers no other, and is made smaller until it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order_spec import Role
from runtime.orders.patience import ATTEMPTS
from tests.runtime.live.bench import MINUTE, D, Live
from tests.runtime.live.covered import short_of_stops, stopped
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
OWN = {"protect": "layer"}
FIRST = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0, **OWN))
EXIT = emit("exit_long", size="0.04 base")
SECOND = emit("entry_long", size="0.03 base", stop_loss=49500.0, **OWN)
LATER = FIRST + at_bar(3, EXIT) + at_bar(4, SECOND)


def refused(code: int, times: int | None = None) -> list[Switch]:
    return [
        Switch(kind=Fault.CODE, on="order/amend", value=code, times=times),
        Switch(kind=Fault.CODE, on="order/create", value=code, link="*v*", times=times),
    ]


def stops(live: Live) -> list[tuple[str | None, int, float | None]]:
    found = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]
    return sorted((o.spec.layer, o.remaining, o.trigger_price) for o in found)


@pytest.mark.parametrize("code", [110007, 110003])
def test_a_layer_whose_stop_is_refused_is_closed_beside_a_stop_of_another_that_is_too_large(
    tmp_path: Path, code: int
) -> None:
    """50 lots of a stop of which 10 are held cover none of the 30 of the other layer."""
    live = Live(tmp_path, LATER, **SHARED)
    live.bar(bars=3)
    for fault in refused(code):
        live.venue.faults.add(fault)
    live.bar()
    live.run(2_000)
    live.bar()
    assert live.desk.coverage.open_lots(live.ledger) == 30
    live.run(20_000)
    assert live.desk.guard.halted
    assert live.desk.close_out.why == "uncovered"
    live.laws()
    assert live.held == live.venue_held == 0
    live.replayed()


def test_refusals_of_a_stop_that_covers_are_no_failure_to_protect_another_layer(
    tmp_path: Path,
) -> None:
    """The stop of the first layer could not be made smaller, three times: that of the second is taken at once."""
    live = Live(tmp_path, LATER, **SHARED)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=110007, times=3))
    live.bar()
    live.run(7_000)
    live.bar()
    live.run(20_000)
    assert live.held == live.venue_held == 40
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def test_the_law_of_stops_is_of_each_layer(tmp_path: Path) -> None:
    """As much as is held stands in all, and one layer has none of it: the law that the bench holds sessions to says so."""
    live = Live(tmp_path, FIRST + at_bar(4, SECOND), **SHARED)
    live.bar(bars=6)
    first, second = (o.order_id for o in live.ledger.book if o.spec.role is Role.STOP_LOSS)
    assert stopped(live.ledger, {first: D("0.05"), second: D("0.03")}) == {"o1": 50, "o2": 30}
    assert short_of_stops(live.ledger, {first: D("0.05"), second: D("0.03")}) == {}
    assert short_of_stops(live.ledger, {first: D("0.08")}) == {"o2": 30}
    live.laws()


# ---------------------------------------------------------------- made smaller

BOTH = (
    FIRST
    + at_bar(2, emit("entry_long", size="0.03 base", stop_loss=48500.0, **OWN))
    + at_bar(4, EXIT)
)


def uncut(tmp_path: Path, times: int | None, *faults: Switch) -> Live:
    """A session in which 10 of 50 lots of the first layer are left and its stop is not made smaller."""
    live = Live(tmp_path, BOTH, **SHARED)
    live.bar(bars=4)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=110007, times=times))
    for fault in faults:
        live.venue.faults.add(fault)
    live.bar()
    return live


@pytest.mark.parametrize("times", [1, 2, 3, 5, None])
def test_a_stop_that_is_not_made_smaller_is_replaced_by_one_of_the_right_size(
    tmp_path: Path, times: int | None
) -> None:
    """At its price it closes its own layer's lots and no others; at no time is a lot without a stop."""
    live = uncut(tmp_path, times)
    for _ in range(100):
        live.run(100)
        assert live.desk.coverage.open_lots(live.ledger) == 0
    assert stops(live) == [("o1", 10, 49_000.0), ("o2", 30, 48_500.0)]
    assert live.desk.guard.halted == ""
    assert not live.warned("stop_too_large")
    live.trade("48990", 5_000)
    assert live.held == live.venue_held == 30
    live.laws()
    live.replayed()


PLACED = Switch(kind=Fault.CODE, on="order/create", value=110007, link="*v*")


def test_a_stop_that_stays_too_large_is_told_once_and_halts_and_is_asked_for_on(
    tmp_path: Path,
) -> None:
    live = uncut(tmp_path, None, PLACED)
    live.run(15_000)
    assert [x.kind for x in live.session.notices].count("stop_too_large") == 1
    assert live.desk.guard.halted == ""
    live.run(15_000)
    assert live.desk.guard.halted == "a stop could not be made smaller"
    assert live.held == live.venue_held == 40
    live.run(120_000)
    asked = [x for path, x in live.posted if path == "order/amend" or "-v" in x["orderLinkId"]]
    assert 10 <= len(asked) <= 24  # ever less often
    assert [x.kind for x in live.session.notices].count("stop_too_large") == 1
    live.venue.faults.clear()
    live.run(31_000)
    assert stops(live) == [("o1", 10, 49_000.0), ("o2", 30, 48_500.0)]
    live.laws()
    live.replayed()


def test_a_stop_of_all_that_is_held_closes_no_lot_of_another_and_does_not_halt(
    tmp_path: Path,
) -> None:
    card = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0)) + at_bar(3, EXIT)
    live = Live(tmp_path, card)
    live.bar(bars=3)
    for fault in (Switch(kind=Fault.CODE, on="order/amend", value=110007), PLACED):
        live.venue.faults.add(fault)
    live.bar()
    live.run(40_000)
    assert live.warned("stop_too_large")
    assert live.desk.guard.halted == ""
    live.laws()
    assert stops(live) == [(None, 10, 49_000.0)]


def test_a_start_goes_on_with_a_stop_that_was_not_made_smaller(tmp_path: Path) -> None:
    live = uncut(tmp_path, None, PLACED)
    live.run(10_000)
    live.venue.faults.clear()
    live.restart()
    live.run(31_000)
    assert stops(live) == [("o1", 10, 49_000.0), ("o2", 30, 48_500.0)]
    live.laws()
    live.replayed()


# ---------------------------------------------------------------- refused before


def test_what_was_refused_before_more_was_held_is_no_failure_to_protect_that(
    tmp_path: Path,
) -> None:
    """The stop could not be made smaller, nor another be placed: the next fill's growth is taken, nothing is closed."""
    card = (
        at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0))
        + at_bar(3, emit("exit_long", size="0.05 base"))
        + at_bar(6, emit("entry_long", size="0.08 base"))
    )
    live = Live(tmp_path, card)
    live.bar(bars=3)
    for fault in (Switch(kind=Fault.CODE, on="order/amend", value=110007), PLACED):
        live.venue.faults.add(fault)
    live.bar(bars=3)
    live.venue.trade(D(50_000))
    live.wait(MINUTE - live.venue.now % MINUTE - 100)
    assert live.desk.ledger.absences[Role.STOP_LOSS, None].refusals >= ATTEMPTS
    live.venue.faults.clear()
    live.run(60_000)
    assert live.held == live.venue_held == 130
    assert live.desk.guard.halted == ""
    assert stops(live) == [(None, 130, 49_000.0)]
    live.laws()
    live.replayed()


def test_three_refusals_of_a_stop_that_is_to_grow_close_the_position_whatever_was_before(
    tmp_path: Path,
) -> None:
    card = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0)) + at_bar(
        4, emit("entry_long", size="0.03 base")
    )
    live = Live(tmp_path, card)
    live.bar(bars=4)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=110007))
    live.bar()
    live.run(15_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted == "a position could not be protected"
    live.laws()
