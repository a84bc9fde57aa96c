"""A share of the position beside an exit of an older close: one of what that leaves, as in a back-test.

The older exit is done in the end, whether its request is lost, refused or late: the share is worth the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, Live, ended
from tests.runtime.live.test_exits_in_doubt import HALF, HELD, late, lived, lost, repeated
from tests.runtime.live.test_exits_of_their_own import fills_in_two_bars
from tests.runtime.live.test_late_fills import LAYERS
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LATER = {
    "an exit": (HALF, 25),
    "an exit under a ref": (emit("exit_long", size="50% of position", order_ref="out"), 25),
    "a target size": (emit("adjust_size", size="50% of position"), 25),
    "an amount": (emit("exit_long", size="0.03 base"), 20),
    "the rest": (emit("exit_long", size="rest of position"), 0),
}


@pytest.mark.parametrize("fault", [late(62_000), late(70_000), lost()], ids=["62s", "70s", "lost"])
@pytest.mark.parametrize("case", LATER)
def test_a_share_is_one_of_what_an_older_exit_of_another_action_leaves(
    tmp_path: Path, case: str, fault: Switch
) -> None:
    """Half of 100 lots, and at the next close another action says half: 25 are held, as if the first had filled."""
    later, left = LATER[case]
    live = lived(tmp_path, HALF, (later,), fault)
    live.bar(bars=3)
    assert live.held == live.venue_held == left
    assert live.desk.guard.halted == ""
    ended(live)


def test_a_share_is_one_of_what_a_person_s_reduce_leaves(tmp_path: Path) -> None:
    """A `reduce` of a half is refused a moment before the close, and owed at it."""
    live = Live(tmp_path, HELD + at_bar(5, HALF), pace=Pace())
    live.bar(bars=5)
    live.run(58_500)
    live.venue.faults.add(Switch(on="order/create", kind=Fault.CODE, value=110007, times=1))
    live.session.said("reduce", "ann", "", 50.0)
    live.run(1_000)
    live.bar(bars=2)
    assert live.held == live.venue_held == 25
    ended(live)


@pytest.mark.parametrize("fault", [late(70_000), lost()], ids=["late", "lost"])
@pytest.mark.parametrize(("share", "left"), [(50, 50), (60, 16)])
def test_a_share_that_its_action_asks_for_again_is_the_same_where_that_fits_beside_it(
    tmp_path: Path, share: int, left: int, fault: Switch
) -> None:
    """Half of 100 lots in doubt, and half again: that is one half. 60 % do not fit twice: they are of the 40 that are left."""
    live = repeated(tmp_path, (emit("exit_long", size=f"{share}% of position"),), fault)
    live.bar(bars=3)
    assert live.held == live.venue_held == left
    ended(live)


def test_an_action_that_asks_for_less_of_its_share_again_asks_for_one_of_what_it_leaves(
    tmp_path: Path,
) -> None:
    """Half of 100 lots is in doubt, a person takes 30 of the other half; the same half of 70 is no repetition: 10 of 20 leave."""
    acts_late = Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=30_000)
    live = Live(tmp_path, HELD + at_bar(4, HALF, last=5), faults=[late(70_000)], pace=Pace())
    live.bar(bars=5)
    live.run(50_000)
    live.venue.faults.add(acts_late)
    live.session.said("reduce", "ann", "", 60.0)
    live.run(2_000)
    live.venue.faults.clear()
    live.bar(bars=3)
    assert live.held == live.venue_held == 10
    ended(live)


SHARED = "[{ action: exit_long, metadata: { size: 50% of position } }]"


@pytest.mark.parametrize("how", ["lost", "late"])
def test_each_fill_of_one_rule_exits_with_a_share_of_its_own(tmp_path: Path, how: str) -> None:
    """150 held, half of it in doubt; 50 more fill, and half of the 125 that there are by then leaves, too."""
    core = emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="core")
    price = "49900 if bar_index == 2 else 49800"
    rung = emit("place_limit_long", size="0.05 base", price=price, on_fill=SHARED)
    live = Live(tmp_path, at_bar(1, core) + at_bar(2, rung, last=3), pace=Pace(), more=LAYERS)
    fills_in_two_bars(live, how, start=4, waits=3_000)
    assert live.held == live.venue_held == 63
    ended(live)


REQUEST = "order/create"
DOUBTS = {
    "late": Switch(on=REQUEST, link="*-o2", kind=Fault.DELAY_EFFECT, value=8_000),
    "lost": Switch(on=REQUEST, link="*-o2", kind=Fault.DROP_REQUEST, times=1),
    "10016": Switch(on=REQUEST, link="*-o2", kind=Fault.CODE, value=10016, times=1),
    "502": Switch(on=REQUEST, link="*-o2", kind=Fault.HTTP, value=502, times=1),
    "not answered": Switch(on=REQUEST, link="*-o2", kind=Fault.DROP_ANSWER, times=1),
    "refused": Switch(on=REQUEST, link="*-o2", kind=Fault.CODE, value=110007, times=1),
}


@pytest.mark.parametrize(("share", "left"), [(50.0, 25), (100.0, 0)])
@pytest.mark.parametrize("how", DOUBTS)
def test_a_person_s_reduce_is_one_of_what_an_exit_on_its_way_leaves(
    tmp_path: Path, how: str, share: float, left: int
) -> None:
    """Half of 100 lots has been asked for half a second ago, and a person says half: 25 are held. All is all."""
    live = Live(tmp_path, HELD + at_bar(3, HALF), faults=[DOUBTS[how]], pace=Pace())
    live.bar(bars=3)
    live.wait(MINUTE - live.venue.now % MINUTE)
    live.run(500)
    live.session.said("reduce", "ann", "", share)
    live.run(40_000, 500)
    assert live.held == live.venue_held == left
    assert live.desk.guard.halted == ""
    ended(live)


def test_a_person_s_reduce_beside_an_exit_of_everything_on_its_way_closes_nothing(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, HELD + at_bar(3, emit("exit_long")), faults=[DOUBTS["late"]], pace=Pace())
    live.bar(bars=3)
    live.wait(MINUTE - live.venue.now % MINUTE)
    live.run(500)
    sent = len(live.posted)
    live.session.said("reduce", "ann", "", 50.0)
    live.run(1_000)
    assert len(live.posted) == sent
    live.run(30_000, 500)
    assert live.held == live.venue_held == 0
    ended(live)
