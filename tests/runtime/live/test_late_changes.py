"""A change of an entry that turns the position, done when it was given up: the entry opens what was asked, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, SYMBOL, Live, ended
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

TURNS = {"more": "position_policy: { mode: long_short, allow_flip: true, max_layers: 8 }"}
DOWN = emit("place_stop_short", trigger=49900.0, size="0.05 base", stop_loss=51000.0, order_ref="down")  # fmt: skip
UP = emit("place_stop_long", trigger=50100.0, size="0.05 base", stop_loss=49000.0, order_ref="up")


def held(base: str) -> str:
    return at_bar(1, emit("entry_long", size=f"{base} base", stop_loss=49000.0))


RESTS = at_bar(2, DOWN, block="down")
CARDS = {
    "both sides": at_bar(1, UP, DOWN),
    "scaled in": held("0.05") + RESTS + at_bar(3, emit("entry_long", size="0.03 base"), block="in"),
    "half left": held("0.1") + RESTS + at_bar(3, emit("exit_long", size_pct=0.5), block="out"),
}
LARGER = held("0.05") + RESTS + at_bar(3, emit("amend_order", order_ref="down", size="0.08 base"), block="then")  # fmt: skip


def changed(tmp_path: Path, card: str, *faults: Switch, price: str = "50000") -> Live:
    """Return a session three seconds after its third close, the requests that change `down` going wrong."""
    live = Live(tmp_path, card, pace=Pace(), more=TURNS)
    live.bar(bars=3)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    link = live.names.link(live.order("down").order_id)
    for fault in faults:
        live.venue.faults.add(
            Switch(kind=fault.kind, value=fault.value, times=fault.times, on="order/amend", link=link)
        )  # fmt: skip
    live.run(1_500)
    live.trade(price, 2_000)
    return live


def turned(live: Live) -> int:
    """Return what is held when the market has come to the trigger of `down`."""
    live.bar("49890", 2)
    assert live.held == live.venue_held
    ended(live)
    return live.held


@pytest.mark.parametrize("ms", [9_000, 9_500, 12_000, 20_000])
@pytest.mark.parametrize("card", CARDS)
def test_what_an_entry_carries_is_not_opened_where_its_amend_is_late(
    tmp_path: Path, card: str, ms: int
) -> None:
    """It was told as changed by the venue, all of it to open, and what it carries came on top: twice the size was held."""
    late = Switch(kind=Fault.DELAY_EFFECT, value=ms, times=1)
    price = "50110" if card == "both sides" else "50000"
    live = changed(tmp_path, CARDS[card], late, price=price)
    live.run(40_000, 500)
    assert live.order("down").opens == 50
    assert turned(live) == -50


@pytest.mark.parametrize("ms", [9_000, 20_000])
def test_an_entry_that_turns_and_is_made_larger_late_opens_what_was_asked(
    tmp_path: Path, ms: int
) -> None:
    live = changed(tmp_path, LARGER, Switch(kind=Fault.DELAY_EFFECT, value=ms, times=1))
    live.run(40_000, 500)
    assert (live.order("down").quantity, live.order("down").opens) == (130, 80)
    assert turned(live) == -80


@pytest.mark.parametrize("kind", [Fault.DROP_REQUEST, Fault.HTTP])
def test_what_an_entry_carries_says_nothing_of_a_size_that_was_lost(
    tmp_path: Path, kind: Fault
) -> None:
    """Its change to 80 is lost, and what it is to turn is closed before that is asked for again."""
    lost = Switch(kind=kind, value=502 if kind is Fault.HTTP else 0)
    live = changed(tmp_path, LARGER, lost)
    live.session.said("reduce", "ann", value=100.0)
    live.run(20_000, 500)
    live.venue.faults.clear()
    live.run(40_000, 500)
    assert live.held == 0
    assert (live.order("down").quantity, live.order("down").opens) == (80, 80)
    assert turned(live) == -80


def test_a_total_that_somebody_else_gives_an_entry_leaves_what_it_carries(tmp_path: Path) -> None:
    live = changed(tmp_path, LARGER)
    assert (live.order("down").quantity, live.order("down").opens) == (130, 80)
    link = live.names.link(live.order("down").order_id)
    live.road.client.post(
        "order/amend", category="linear", symbol=SYMBOL, orderLinkId=link, qty="0.11"
    )
    live.run(5_000)
    assert (live.order("down").quantity, live.order("down").opens) == (110, 60)
    assert turned(live) == -60
