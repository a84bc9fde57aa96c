"""A resting entry that turns the position has the total that turns it, though the venue refused that as the position grew."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_turned_too_far import FLIPS
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LONG = emit("entry_long", size="0.02 base", stop_loss=48000.0)
GROWS = emit("entry_long", size="0.08 base")
STOP = emit(
    "place_stop_short", trigger=49800.0, size="0.03 base", stop_loss=51000.0, order_ref="turn"
)
LIMIT = emit(
    "place_limit_short", price=50300.0, size="0.03 base", stop_loss=51000.0, order_ref="turn"
)


def grown(tmp_path: Path, turn: str, code: int, times: int) -> Live:
    """Return a session whose position of 20 lots has grown to 100 beside a turn; its change was refused so often."""
    card = at_bar(1, LONG) + at_bar(2, turn) + at_bar(4, GROWS)
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS)
    live.bar(bars=4)
    link = live.names.link(live.order("turn").order_id)
    live.venue.faults.add(
        Switch(kind=Fault.CODE, on="order/amend", value=code, times=times, link=link)
    )
    live.bar()
    return live


def told(live: Live) -> list[str]:
    return [notice.text for notice in live.session.notices if notice.kind == "change_lost"]


@pytest.mark.parametrize("code", [110007, 110003])
@pytest.mark.parametrize(("turn", "price"), [(STOP, "49790"), (LIMIT, "50310")])
def test_a_turn_that_was_refused_its_growth_once_turns_all_that_is_held(
    tmp_path: Path, turn: str, price: str, code: int
) -> None:
    live = grown(tmp_path, turn, code, times=1)
    live.wait(5_000)
    assert live.order("turn").quantity == 130
    assert not told(live)
    live.trade(price, 30_000)
    live.bar(price)
    assert live.held == live.venue_held == -30
    ended(live)


def test_a_turn_that_is_refused_its_growth_again_and_again_is_told_and_asked_on(
    tmp_path: Path,
) -> None:
    live = grown(tmp_path, STOP, 110007, times=6)
    live.wait(10_000)
    assert live.order("turn").quantity == 50
    (text,) = told(live)
    assert "`turn` was to turn what is held with 130 lots and has 50: no_margin" in text
    live.wait(90_000)
    assert live.order("turn").quantity == 130
    assert len(told(live)) == 1
    ended(live)


def test_a_restart_asks_again_for_what_a_turn_was_refused(tmp_path: Path) -> None:
    live = grown(tmp_path, STOP, 110007, times=1)
    live.restart()
    live.wait(5_000)
    assert live.order("turn").quantity == 130
    ended(live)
