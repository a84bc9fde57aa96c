"""Exits of a later close beside an older one of which nobody knows whether it will act: each lot once.

The older may be lost for ever, act before the newer one, or act when it was given up and the newer one is done.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
HALF = emit("exit_long", size="50% of position")


def late(ms: int, link: str = "*-o2") -> Switch:
    """Its first request acts so late, and so does each that repeats it."""
    return Switch(on="order/create", link=link, kind=Fault.DELAY_EFFECT, value=ms)


def lost(link: str = "*-o2") -> Switch:
    return Switch(on="order/create", link=link, kind=Fault.DROP_REQUEST)


def lived(tmp_path: Path, older: str, newer: tuple[str, ...], *faults: Switch) -> Live:
    """Return a session of 100 lots that has asked for the older exit, and does for the newer ones in a minute."""
    card = HELD + at_bar(4, older) + at_bar(5, *newer)
    live = Live(tmp_path, card, faults=faults, pace=Pace())
    live.bar(bars=5)
    return live


def repeated(tmp_path: Path, exits: tuple[str, ...], *faults: Switch, last: int = 5) -> Live:
    """Return a session of 100 lots whose rule has asked for exits, and does again in a minute."""
    live = Live(tmp_path, HELD + at_bar(4, *exits, last=last), faults=faults, pace=Pace())
    live.bar(bars=5)
    return live


def sent(live: Live) -> set[str]:
    links = (str(body["orderLinkId"]) for path, body in live.posted if path == "order/create")
    return {link.rpartition("-")[2] for link in links}


@pytest.mark.parametrize("is_started_again", [False, True])
@pytest.mark.parametrize("fault", [late(70_000), late(62_000), lost()])
def test_an_exit_of_a_later_close_takes_the_place_of_one_in_doubt(
    tmp_path: Path, fault: Switch, *, is_started_again: bool
) -> None:
    """Half of 100 lots is asked for at two closes; the first may act late, or be lost for good: half is closed."""
    live = repeated(tmp_path, (HALF,), fault)
    live.bar()
    if is_started_again:
        live.restart()
    live.bar(bars=2)
    assert live.held == live.venue_held == 50
    assert not live.warned("came_back")
    assert live.warned("exit_lost") == (fault.kind is Fault.DROP_REQUEST)
    assert live.desk.guard.halted == ""
    ended(live)


def test_an_exit_that_lots_made_smaller_takes_the_place_of_one_in_doubt_too(tmp_path: Path) -> None:
    """Half of 3 lots is 1, and that is told; it has counted nothing of the older one as done."""
    card = HELD.replace("0.1 base", "0.003 base") + at_bar(4, HALF, last=5)
    live = Live(tmp_path, card, faults=(lost(),), pace=Pace())
    live.bar(bars=8)
    assert live.held == live.venue_held == 2
    assert [one.cut.is_rounding for one in live.desk.engine.cuts] == [True, True]
    ended(live)


@pytest.mark.parametrize(
    ("fault", "asked"), [(late(70_000), {"o2", "o3r0"}), (lost(), {"o2", "o3r1"})]
)
def test_what_one_in_doubt_fills_comes_off_the_larger_one_that_took_its_place(
    tmp_path: Path, fault: Switch, asked: set[str]
) -> None:
    """30 lots in doubt, then 50: the 30 fill and 20 are asked for, or they are lost and 50 are."""
    live = repeated(
        tmp_path, (emit("exit_long", size="0.03 base if bar_index == 4 else 0.05 base"),), fault
    )
    live.bar(bars=3)
    assert live.held == live.venue_held == 50
    assert sent(live) - {"o1", "v1"} == asked
    ended(live)


def test_one_that_acts_after_it_was_given_up_is_booked_and_told(tmp_path: Path) -> None:
    """The newer one has filled by then: no one can know of the older, and nothing opens."""
    live = repeated(tmp_path, (HALF,), late(150_000))
    live.bar(bars=2)
    assert live.held == live.venue_held == 50
    live.bar(bars=2)
    assert live.warned("came_back")
    assert live.held == live.venue_held == 0
    ended(live)


BESIDE = {
    "all of it": ("50% of position", emit("exit_long"), 0),
    "the rest": ("50% of position", emit("exit_long", size="rest of position"), 0),
    "a smaller one": ("50% of position", emit("exit_long", size="0.03 base"), 20),
    "a target size": ("0.02 base", emit("adjust_size", size="0.05 base"), 50),
}


@pytest.mark.parametrize("case", BESIDE)
def test_an_exit_that_has_counted_one_in_doubt_or_is_smaller_leaves_beside_it(
    tmp_path: Path, case: str
) -> None:
    """What one in doubt may close is on its way for all of it, for the rest and for a target size."""
    size, later, left = BESIDE[case]
    live = lived(tmp_path, emit("exit_long", size=size), (later,), late(70_000))
    live.bar()
    assert "o3" in sent(live)
    live.bar(bars=2)
    assert live.held == live.venue_held == left
    ended(live)


def test_two_exits_of_a_close_take_the_place_of_one_in_doubt_once(tmp_path: Path) -> None:
    """20 lots and 20, the first in doubt, then both again: the first stands for the older, the other is another."""
    some = emit("exit_long", size="0.02 base")
    live = repeated(tmp_path, (some, some), late(70_000))
    live.bar()
    assert {"o4", "o5"} & sent(live) == {"o5"}
    live.bar(bars=2)
    assert live.held == live.venue_held == 40
    ended(live)


def test_an_exit_in_doubt_is_waited_for_by_one_of_those_that_repeat_it(tmp_path: Path) -> None:
    """20 lots in doubt, then 30 that wait for them, then 25: nothing is left to wait for, and those leave."""
    size = "0.02 base if bar_index == 4 else 0.03 base if bar_index == 5 else 0.025 base"
    card = HELD + at_bar(4, emit("exit_long", size=size), last=6)
    live = Live(tmp_path, card, faults=[late(150_000)], pace=Pace(reconcile_ms=60_000))
    live.bar(bars=7)
    live.run(5_000)
    assert sent(live) - {"o1", "v1"} == {"o2", "o4"}
    live.bar(bars=2)
    assert live.held == live.venue_held == 45
    ended(live)


def test_an_exit_that_every_close_asks_for_and_that_is_always_lost_halts(tmp_path: Path) -> None:
    """Each takes the place of the one before, and goes on counting: three in a row."""
    card = HELD + at_bar(4, HALF, last=13)
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    live.venue.faults.add(lost("*-o*"))
    live.bar(bars=7)
    assert live.desk.guard.halted == "an exit could not be carried out"
    assert live.held == live.venue_held == 100
    live.venue.faults.clear()
    live.run(30_000)
    assert live.held == live.venue_held == 50
    ended(live)


CANCELLED = (emit("cancel_order", order_ref="out"), HALF)
NAMED = emit("exit_long", size="50% of position", order_ref="out")


@pytest.mark.parametrize("fault", [late(63_000), lost()])
def test_an_exit_waits_for_the_end_of_an_older_one_that_its_close_cancels(
    tmp_path: Path, fault: Switch
) -> None:
    """The cancel may come too late, so that it is done: then nothing is left for the newer one."""
    live = lived(tmp_path, NAMED, CANCELLED, fault)
    live.bar(bars=3)
    assert live.held == live.venue_held == 50
    assert not live.warned("came_back")
    ended(live)


def test_an_exit_does_not_wait_for_an_end_that_the_venue_tells_nobody(tmp_path: Path) -> None:
    """No question is answered: what is cancelled is waited for as long as an answer is, and no longer."""
    live = lived(tmp_path, NAMED, CANCELLED, lost())
    for path in ("order/realtime", "order/history", "execution/list"):
        live.venue.faults.add(Switch(on=path, kind=Fault.CODE, value=10016))
    live.bar(bars=2)
    assert live.held == live.venue_held == 100
    live.bar()
    assert live.held == live.venue_held == 50
    live.venue.faults.clear()
    live.bar()
    ended(live)


def test_an_exit_waits_for_the_end_of_a_cancelled_one_for_as_long_as_that_is_sought(
    tmp_path: Path,
) -> None:
    """A session that asks less often, or whose time runs faster, seeks for 180 s of it: the older acts after 165."""
    card = HELD + at_bar(4, NAMED) + at_bar(5, *CANCELLED)
    live = Live(tmp_path, card, faults=[late(165_000)], pace=Pace(reconcile_ms=60_000))
    live.bar(bars=9)
    assert live.held == live.venue_held == 50
    ended(live)


def target(lots: int, **more: object) -> str:
    return emit("adjust_size", size=f"{lots / 1000} base", **more)


@pytest.mark.parametrize("older", [target(30), emit("exit_long", size="0.07 base")])
@pytest.mark.parametrize("lots", [80, 100])
def test_a_target_size_ends_an_exit_in_doubt_that_would_leave_less(
    tmp_path: Path, older: str, lots: int
) -> None:
    """70 of 100 lots are asked for and the request is lost; the next close wants 80 held, or all."""
    live = lived(tmp_path, older, (target(lots),), lost())
    live.bar(bars=4)
    assert live.held == live.venue_held == lots
    assert live.desk.guard.halted == ""
    ended(live)


def test_what_an_exit_that_a_target_ended_fills_all_the_same_is_not_closed_twice(
    tmp_path: Path,
) -> None:
    """The cancel comes too late: 30 are held, less than the target, and nothing more is closed for it."""
    live = lived(tmp_path, target(30), (target(80),), late(63_000))
    live.bar(bars=3)
    assert live.held == live.venue_held == 30
    assert sent(live) == {"o1", "v1", "o2"}
    ended(live)


def test_an_exit_that_a_target_ended_is_sought_for_as_long_as_any_other(tmp_path: Path) -> None:
    """Four cancels find no order, and a second after the last it acts: what is short of the target has waited."""
    live = lived(tmp_path, target(30), (target(80),), late(75_000))
    live.bar(bars=3)
    assert live.held == live.venue_held == 30
    assert sent(live) == {"o1", "v1", "o2"}
    ended(live)


def test_a_smaller_target_after_one_that_ended_an_exit_in_doubt_counts_all_that_is_held(
    tmp_path: Path,
) -> None:
    """30, then 80, then 20, and no question is answered: the first exit is lost, and 20 are held."""
    card = HELD + at_bar(4, target(30)) + at_bar(5, target(80)) + at_bar(6, target(20))
    live = Live(tmp_path, card, faults=[lost()], pace=Pace())
    live.bar(bars=5)
    for path in ("order/realtime", "order/history", "execution/list"):
        live.venue.faults.add(Switch(on=path, kind=Fault.CODE, value=10016, times=30))
    live.bar(bars=6)
    assert live.held == live.venue_held == 20
    ended(live)


def test_a_target_above_what_is_held_ends_an_exit_in_doubt_also_where_it_is_cut(
    tmp_path: Path,
) -> None:
    """120 are wanted while nobody knows of the exit: nothing opens, that is told, and nothing closes."""
    live = lived(tmp_path, target(30), (target(120),), lost())
    live.bar(bars=4)
    assert live.held == live.venue_held == 100
    assert [
        (one.cut.code.value, one.cut.wanted, one.cut.given) for one in live.desk.engine.cuts
    ] == [("venue_uncertain", 20, 0)]
    ended(live)


def test_an_exit_that_was_cut_to_what_one_in_doubt_leaves_is_not_that_one_again(
    tmp_path: Path,
) -> None:
    """60 asked of 100 while 50 may leave yet: 50 more, beside them, though both are 50."""
    card = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0)) + at_bar(
        3, emit("exit_long", size="0.05 base if bar_index == 3 else 0.06 base"), last=4
    )
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*o2*"))
    live.bar(bars=2)
    assert live.held == live.venue_held == 50
    live.venue.faults.clear()
    live.wait(150_000)
    assert live.held == live.venue_held == 0
    ended(live)
