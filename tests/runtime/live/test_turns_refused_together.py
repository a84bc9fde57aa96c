"""Two turns of one close, the first of which is refused: what the second closes in its place it does not open, and that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import ended
from tests.runtime.live.test_turned_too_far import BARE, BARE_TURN, CREATE, before, late
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SECOND = emit("entry_short", size="0.03 base", order_ref="second")
HOW = {
    "refused": {"kind": Fault.CODE, "value": 110007, "times": 1},
    "by the stream": {"kind": Fault.REJECT, "times": 1},
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("is_both", [False, True])
def test_what_a_second_turn_closes_in_place_of_the_first_is_told_as_not_opened(
    tmp_path: Path, how: str, *, is_both: bool
) -> None:
    live = before(tmp_path, BARE + at_bar(3, BARE_TURN, SECOND))
    live.venue.faults.add(Switch(on=CREATE, link="*-o2*", **HOW[how]))
    if is_both:
        live.venue.faults.add(Switch(on=CREATE, link="*-o3*", **HOW[how]))
    live.run(8_000)
    live.bar(bars=2)
    said = [one.text.split("`")[1] for one in live.session.notices if one.kind == "entry_lost"]
    assert said == ["turn", "second"]
    assert live.held == live.venue_held == 0
    ended(live)


def test_two_turns_of_which_the_second_acts_first_open_what_both_were_to_and_nothing_is_told(
    tmp_path: Path,
) -> None:
    live = before(tmp_path, BARE + at_bar(3, BARE_TURN, SECOND))
    live.venue.faults.add(late(8_000))
    live.run(15_000)
    assert live.order("second").netted == 30
    assert live.held == live.venue_held == -80
    assert not live.warned("entry_lost")
    ended(live)


def test_a_second_turn_that_acts_after_the_first_was_refused_is_told_once(tmp_path: Path) -> None:
    live = before(tmp_path, BARE + at_bar(3, BARE_TURN, SECOND))
    live.venue.faults.add(Switch(on=CREATE, link="*-o2*", **HOW["refused"]))
    live.venue.faults.add(
        Switch(on=CREATE, link="*-o2r*", kind=Fault.DELAY_EFFECT, value=3_000, times=1)
    )
    live.venue.faults.add(
        Switch(on=CREATE, link="*-o3*", kind=Fault.DELAY_EFFECT, value=1_500, times=1)
    )
    live.run(20_000)
    assert [one.kind for one in live.session.notices].count("entry_lost") == 2
    assert live.held == live.venue_held == 0
    ended(live)
