"""A turn that rests and does not grow with what it is to turn: what it leaves of that, filled, is closed at market and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.backends.base import Loudness
from runtime.live.turned import TOO_SHORT
from tests.runtime.live.bench import D, Live, ended
from tests.runtime.live.test_lost_in_a_row import FLIPS, TURN
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import FillRule

NOT_GROWN: dict[str, dict[str, Any]] = {
    "lost": {"kind": Fault.DROP_REQUEST},
    "10016": {"kind": Fault.CODE, "value": 10016},
    "refused": {"kind": Fault.CODE, "value": 110007},
    "no room": {"kind": Fault.CODE, "value": 10006},
}


LIMIT = TURN.replace("place_stop_short", "place_limit_short").replace(
    "trigger: 49800.0", "price: 50300.0"
)


def grown(
    tmp_path: Path, card: str = TURN, rule: FillRule = FillRule.THROUGH, **fault: Any
) -> Live:
    """Return a session whose turn, of 30 lots and the 20 held then, is to close 100 now; the fault is of its changes."""
    live = Live(tmp_path, card, fill=rule, **FLIPS)
    live.bar(bars=2)
    if fault:
        live.venue.faults.add(Switch(on="order/amend", link=live.names.link("o2"), **fault))
    live.bar()
    return live


def told(live: Live) -> list[Loudness]:
    return [notice.loudness for notice in live.session.notices if notice.kind == TOO_SHORT]


@pytest.mark.parametrize("how", NOT_GROWN)
@pytest.mark.parametrize("is_killed", [False, True])
def test_what_a_turn_that_did_not_grow_leaves_is_closed_and_told(
    tmp_path: Path, how: str, is_killed: bool
) -> None:
    """It closed 50 of 100 and opened none of its 30: half of what it was to close stayed, long in a falling market."""
    live = grown(tmp_path, **NOT_GROWN[how])
    live.wait(40_000)
    live.trade("49790", 0 if is_killed else 1_000)
    if is_killed:
        live.restart()
    live.run(4_000)
    assert live.held == live.venue_held == 0
    assert told(live) == [Loudness.ALARM]
    (text,) = [notice.text for notice in live.session.notices if notice.kind == TOO_SHORT]
    assert "with 130 lots and had 50: 50 more are closed at market, and 0 of 30 were opened" in text
    assert not live.desk.guard.halted
    live.venue.faults.clear()
    ended(live)


def test_a_turn_that_has_grown_leaves_nothing_to_close(tmp_path: Path) -> None:
    live = grown(tmp_path)
    live.wait(40_000)
    live.trade("49790", 10_000)
    assert live.held == live.venue_held == -30
    assert told(live) == []
    ended(live)


def test_a_turn_whose_growth_the_venue_has_and_nobody_was_told_of_fills_whole(
    tmp_path: Path,
) -> None:
    """Its first execution is as large as it was before: it tells the total, too."""
    live = grown(tmp_path, LIMIT, FillRule.QUEUE, kind=Fault.DROP_ANSWER)
    live.venue.faults.add(Switch(on="order", kind=Fault.DROP))
    live.venue.trade(D("50300"), D("0.05"), side=Side.BUY)
    live.run(5_000)
    assert live.held == live.venue_held == 50
    live.venue.trade(D("50300"), D("0.2"), side=Side.BUY)
    live.run(5_000)
    assert live.held == live.venue_held == -30
    assert told(live) == []
    live.venue.faults.clear()
    ended(live)


def test_of_a_turn_that_the_card_takes_back_and_that_fills_all_the_same_nothing_is_owed(
    tmp_path: Path,
) -> None:
    card = TURN + at_bar(3, emit("cancel_order", order_ref="turn"))
    live = grown(tmp_path, card, kind=Fault.DROP_REQUEST)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel"))
    live.bar()
    live.run(2_000)
    live.trade("49790", 10_000)
    assert live.held == live.venue_held == 50
    assert told(live) == []
    live.venue.faults.clear()
    ended(live)
