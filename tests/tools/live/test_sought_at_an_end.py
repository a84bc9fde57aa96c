"""A session that ends in order waits for what it asks the venue about, and says what it could not end."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import SYMBOL, Live
from tests.strategies.runs import at_bar, emit
from tests.tools.live.test_held_at_an_end import HELD, ended
from tests.tools.live.test_patience import who_stops
from tools.fakebybit.acts import drop_stops
from tools.fakebybit.faults import Fault, Switch

RESTS = at_bar(1, emit("place_limit_long", size="0.05 base", price=49500.0, stop_loss=49000.0))


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_stop_waits_until_an_entry_that_came_back_is_cancelled_and_says_if_it_is_not(
    tmp_path: Path, is_refused: bool
) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=150_000, times=1)
    unheard = Switch(kind=Fault.DROP_ANSWER, on="order/create", times=1)
    live = Live(tmp_path, RESTS, pace=Pace(), faults=[late, unheard])
    live.bar(bars=3)
    assert live.ledger.orders["o1"].reason == "not_received"
    refusals = 1_000 if is_refused else 6
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/cancel", value=10016, times=refusals))
    while "came_back" not in live.backend.sync.wanted.values():
        live.run(250)
    cockpit, began = who_stops(live), live.venue.now
    cockpit.stop("ann", closes=False)
    ended(live, cockpit)
    assert live.at_venue() == (["o1"] if is_refused else [])
    assert ("given up and works, its cancel not done: o1" in cockpit.left_behind) is is_refused
    assert (live.venue.now - began >= 30_000) is is_refused
    live.replayed()


def test_a_stop_right_after_a_start_waits_for_the_first_look_and_for_the_stop_that_it_misses(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    live.bar(bars=3)
    live.kill()
    drop_stops(live.venue.state, SYMBOL)
    live.venue.advance(live.venue.now + 3_000)
    assert not live.venue.state.open_orders(SYMBOL)
    live._boot()
    cockpit = who_stops(live)
    cockpit.stop("ann", closes=False)
    ended(live, cockpit)
    assert [order.trigger for order in live.venue.state.open_orders(SYMBOL)] == [Decimal(49000)]
    assert cockpit.left_behind == ""
    live.replayed()


def test_a_stop_right_after_a_start_that_the_venue_does_not_answer_says_so(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    live.bar(bars=3)
    live.kill()
    live.venue.faults.add(Switch(kind=Fault.CODE, on="position/list", value=10016))
    live._boot()
    cockpit, began = who_stops(live), live.venue.now
    cockpit.stop("ann", closes=False)
    ended(live, cockpit)
    assert live.venue.now - began >= 30_000
    assert "not compared since the start" in cockpit.left_behind
