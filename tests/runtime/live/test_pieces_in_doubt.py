"""An exit that left in pieces is one exit: a later one is held against all that it is still to close."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_exits_in_doubt import HELD
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

WHOLE, IN_PIECES = "119", "0.03"  # the venue's largest order at market
HOW = {
    "lost": {"kind": Fault.DROP_REQUEST},
    "refused": {"kind": Fault.CODE, "value": 110007},
    "late": {"kind": Fault.DELAY_EFFECT, "value": 66_000},
}


def asked_twice(
    tmp_path: Path, most: str, lots: tuple[int, int], *faults: Switch, **more: object
) -> Live:
    """Return a session of 100 lots whose one rule exits with so many at a close and at the next, faults between."""
    size = f"{lots[0] / 1000} base if bar_index == 4 else {lots[1] / 1000} base"
    card = HELD + at_bar(4, emit("exit_long", size=size, **more), last=5)
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    live.act("facts", max_market_qty=most)
    live.backend._facts_at = 0
    live.bar()
    live.run(58_000)
    for fault in faults:
        live.venue.faults.add(fault)
    live.run(62_000)
    live.venue.faults.clear()
    live.bar(bars=3)
    return live


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("most", [WHOLE, IN_PIECES])
@pytest.mark.parametrize(("lots", "left"), [((60, 40), 0), ((50, 50), 50), ((40, 60), 40)])
def test_a_later_exit_takes_the_place_of_all_pieces_of_an_older_one_or_of_none(
    tmp_path: Path, lots: tuple[int, int], left: int, most: str, how: str
) -> None:
    """One of 40 lots is smaller than one of 60, also where that is two orders of 30: both are done."""
    live = asked_twice(tmp_path, most, lots, Switch(on="order/create", link="*-o2*", **HOW[how]))
    assert live.held == live.venue_held == left
    assert bool(live.desk.guard.halted) == (how == "refused")  # three in a row
    ended(live)


@pytest.mark.parametrize("piece", ["*-o2r*", "*-o2p1r*"])
@pytest.mark.parametrize(("lots", "left"), [((60, 30), 40), ((60, 20), 20)])
def test_what_one_piece_has_closed_is_no_part_of_what_a_later_exit_repeats(
    tmp_path: Path, lots: tuple[int, int], left: int, piece: str
) -> None:
    """30 of 60 are closed: one of 30 is as large as what is left of the older exit, one of 20 is another."""
    live = asked_twice(
        tmp_path, IN_PIECES, lots, Switch(on="order/create", link=piece, **HOW["lost"])
    )
    assert live.held == live.venue_held == left
    ended(live)


@pytest.mark.parametrize(("lots", "left"), [((60, 40), 0), ((50, 50), 50)])
def test_a_piece_that_is_owed_and_one_in_doubt_are_one_older_exit(
    tmp_path: Path, lots: tuple[int, int], left: int
) -> None:
    """One piece is refused again and again, of the other nobody knows."""
    refused = Switch(on="order/create", link="*-o2r*", **HOW["refused"])
    lost = Switch(on="order/create", link="*-o2p1r*", **HOW["lost"])
    live = asked_twice(tmp_path, IN_PIECES, lots, refused, lost)
    assert live.held == live.venue_held == left
    ended(live)
