"""A layer's stop covers its layer: what is too large for one covers no other, and is made smaller until it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order_spec import Role
from tests.runtime.live.bench import D, Live
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
    assert live.desk.guard.halted == "a position could not be protected"
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
