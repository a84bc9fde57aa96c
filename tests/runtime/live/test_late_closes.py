"""Closes of all that is held whose effect is late: they close what they were asked for and no later position."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))


@pytest.mark.parametrize("refusal", [0, 110017])
def test_a_late_exit_of_everything_does_not_close_what_an_entry_fills_beside_it(
    tmp_path: Path, refusal: int
) -> None:
    """An entry rests, so the exit goes by no other name; its repetition may be refused."""
    grid = {"price": 49_900.0, "stop_loss": 45000.0, "order_ref": "grid"}
    card = HELD + at_bar(2, emit("place_limit_long", size="0.1 base", **grid))
    live = Live(tmp_path, card + at_bar(5, emit("exit_long")))
    live.bar(bars=5)
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    late = Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=14_000, times=1)
    live.venue.faults.add(late)
    if refusal:
        live.venue.faults.add(Switch(on="order/create", kind=Fault.CODE, value=refusal, at=(2,)))
    live.run(11_000, 500)
    live.trade("49850")
    live.run(60_000, 500)
    assert live.order("grid").filled == 100
    assert live.held == live.venue_held == 100
    assert not live.warned("came_back")
    live.laws()
    live.replayed()


@pytest.mark.parametrize("who", ["card", "person"])
def test_entries_wait_for_a_close_of_everything_that_may_only_be_late(
    tmp_path: Path, who: str
) -> None:
    """It is given up and asked anew: what the card opens before it is heard of would be closed by it."""
    anew = emit("entry_long", size="0.05 base", stop_loss=45000.0, order_ref="anew")
    leaves = at_bar(4, emit("exit_long")) if who == "card" else ""
    live = Live(tmp_path, HELD + leaves + at_bar(5, anew) + at_bar(7, anew))
    live.bar(bars=4)
    if who == "card":
        live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    else:
        live.wait(MINUTE - live.venue.now % MINUTE - 10_000)
        live.bar()
        live.wait(MINUTE - live.venue.now % MINUTE - 10_000)
    late = Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=16_000, times=1)
    live.venue.faults.add(late)
    if who == "person":
        live.session.said("flatten", "ann")
        live.run(8_000, 250)
        live.session.said("resume", "ann")
    live.run(40_000, 250)
    assert live.warned("close_in_doubt")
    assert live.held == live.venue_held == 0
    live.bar(bars=4)
    assert not live.warned("came_back")
    live.laws()
    live.replayed()
