"""Three refusals of a stop in a row: of three askings, however many pieces each has and however fast they are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import SYMBOL, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

REST = {"price": 49_900.0, "stop_loss": 48_000.0, "order_ref": "in"}
BRACKET = at_bar(3, emit("place_limit_long", size="0.09 base", **REST))
PIECES = [0.03] * 3


def filled(tmp_path: Path, card: str, *faults: Switch) -> Live:
    """A session whose entry of 90 lots fills where no order at market is larger than 30."""
    live = Live(tmp_path, card)
    live.act("facts", max_market_qty="0.03")
    live.backend._facts_at = 0
    live.bar(bars=4)
    for fault in faults:
        live.venue.faults.add(fault)
    live.trade("49850", 1_000)
    return live


def stops(live: Live) -> list[tuple[float, float]]:
    found = [o for o in live.venue.state.open_orders(SYMBOL) if o.trigger]
    return sorted((float(o.qty), float(o.trigger)) for o in found)


@pytest.mark.parametrize("times", [3, 6])
def test_pieces_of_a_stop_that_are_refused_together_are_refused_once(
    tmp_path: Path, times: int
) -> None:
    refused = Switch(kind=Fault.CODE, on="order/create", link="*-v*", value=10001, times=times)
    live = filled(tmp_path, BRACKET, refused)
    assert stops(live) == []
    assert live.desk.guard.halted == ""
    live.run(8_000)
    assert live.held == live.venue_held == 90
    assert stops(live) == [(lots, 48_000) for lots in PIECES]
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def test_a_stop_that_is_refused_at_three_askings_closes_the_position(tmp_path: Path) -> None:
    refused = Switch(kind=Fault.CODE, on="order/create", link="*-v*", text="", value=10001, times=9)
    live = filled(tmp_path, BRACKET, refused)
    live.run(8_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted == "a position could not be protected"
    live.laws()
    live.replayed()


@pytest.mark.parametrize("times", [3, 6])
def test_pieces_that_are_moved_and_refused_together_are_refused_once(
    tmp_path: Path, times: int
) -> None:
    live = filled(tmp_path, BRACKET + at_bar(6, emit("adjust_stop", price=48_500.0)))
    live.bar("49900", bars=2)
    refused = Switch(kind=Fault.CODE, on="order/amend", link="*-v*", value=10001, times=times)
    live.venue.faults.add(refused)
    live.bar("49900")
    live.run(12_000)
    assert stops(live) == [(lots, 48_500) for lots in PIECES]
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()
