"""What is to go and stays: cancels that the venue refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import LIMIT, MARKET
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

AGAIN = (
    MARKET
    + at_bar(3, emit("exit_long"), block="x")
    + at_bar(6, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in2"), block="y")
)
CODES = [110007, 10001, 110058, 182000]


def refusing(code: int, times: int) -> Switch:
    return Switch(kind=Fault.CODE, on="order/cancel", times=times, value=code)


@pytest.mark.parametrize("code", CODES)
def test_a_stop_whose_cancel_was_refused_does_not_close_the_next_position(
    tmp_path: Path, code: int
) -> None:
    live = Live(tmp_path, AGAIN, faults=[refusing(code, times=1)])
    live.bar(bars=5)
    assert live.held == live.venue_held == 0
    assert live.at_venue() == []
    live.bar(bars=3)
    assert live.at_venue() == ["v2"]
    live.trade("48900", 5_000)
    assert live.held == live.venue_held == 100
    assert not live.desk.guard.halted
    assert not live.warned("cancel_refused")
    live.laws()
    live.replayed()


def test_entries_wait_as_long_as_the_venue_does_not_cancel_and_it_is_told(tmp_path: Path) -> None:
    live = Live(tmp_path, AGAIN, faults=[refusing(10001, times=1_000)])
    live.bar(bars=8)
    assert live.at_venue() == ["v1"]
    assert live.order("in2").reason == "held_back"
    (told, *_) = [one.text for one in live.session.notices if one.kind == "cancel_refused"]
    assert told == "the cancel of v1 was refused 2 times (invalid_request)"
    asked = [path for path, _ in live.posted if path == "order/cancel"]
    assert 8 <= len(asked) <= 20  # four minutes at ever longer waits, no storm
    live.venue.faults.clear()
    live.run(31_000)
    assert live.at_venue() == []
    live.run(60_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()
    live.replayed()


@pytest.mark.parametrize("word", ["halt", "cancel", "flatten", "stop"])
def test_an_entry_whose_cancel_was_refused_once_goes_all_the_same(
    tmp_path: Path, word: str
) -> None:
    live = Live(tmp_path, LIMIT, faults=[refusing(182000, times=1)])
    live.bar(bars=2)
    assert live.at_venue() == ["o1"]
    live.session.said(word, "ann")
    live.run(5_000)
    assert live.at_venue() == []
    live.trade("49800", 5_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()
