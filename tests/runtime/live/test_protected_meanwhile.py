"""An exit that is owed closes the lots it was to close: what their stop closes first is closed, and nothing in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, Live, ended
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LAYERS = at_bar(
    1, emit("entry_long", size="0.05 base", protect="layer", stop_loss=49500.0)
) + at_bar(2, emit("entry_long", size="0.03 base", protect="layer", stop_loss=48500.0))


def refused_until_its_stop(tmp_path: Path, exit_of: str, *, code: int | None, times: int) -> Live:
    """Two layers, an exit that is refused, and the stop of the older layer met before it leaves again."""
    card = LAYERS + at_bar(4, emit("exit_long", size=exit_of, method="fifo"))
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=4)
    if code is not None:
        live.venue.faults.add(
            Switch(kind=Fault.CODE, on="order/create", link="*o3*", value=code, times=times)
        )
    live.wait(MINUTE - live.venue.now % MINUTE)
    live.run(500)
    live.trade("49490", 1_000)
    live.wait(60_000)
    return live


@pytest.mark.parametrize(("code", "times"), [(None, 0), (110003, 1), (110003, 2), (10016, 2)])
@pytest.mark.parametrize(("exit_of", "left"), [("0.05 base", 30), ("0.02 base", 30)])
def test_lots_of_an_owed_exit_that_their_stop_has_closed_are_not_taken_out_of_another_layer(
    tmp_path: Path, exit_of: str, left: int, code: int | None, times: int
) -> None:
    live = refused_until_its_stop(tmp_path, exit_of, code=code, times=times)
    assert live.held == left
    assert not live.desk.guard.halted
    assert not live.desk.exits.owed
    ended(live)


@pytest.mark.parametrize(("code", "times"), [(None, 0), (110003, 1), (110003, 2)])
def test_what_an_owed_exit_was_to_take_from_a_layer_that_stays_it_takes(
    tmp_path: Path, code: int | None, times: int
) -> None:
    """Of 60 lots, oldest first, 50 were those of the layer whose stop has closed it."""
    live = refused_until_its_stop(tmp_path, "0.06 base", code=code, times=times)
    assert live.held == 20
    ended(live)


def test_a_start_knows_what_was_closed_of_an_exit_in_doubt(tmp_path: Path) -> None:
    card = LAYERS + at_bar(4, emit("exit_long", size="0.05 base", method="fifo"))
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=4)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*o3*", times=2))
    live.wait(MINUTE - live.venue.now % MINUTE)
    live.run(500)
    live.trade("49490", 500)
    live.restart()
    live.wait(120_000)
    assert live.held == 30
    ended(live)


OF_TWO = (
    at_bar(1, emit("entry_long", size="0.03 base", protect="layer", stop_loss=49500.0))
    + at_bar(
        2,
        emit("entry_long", size="0.02 base", protect="layer", stop_loss=48500.0),
        emit("entry_long", size="0.09 base", protect="layer", stop_loss=48000.0),
    )
    + at_bar(4, emit("exit_long", size="0.04 base", method="fifo"))
)
TWICE = OF_TWO.replace("when: bar_index == 4", "when: bar_index >= 4 and bar_index <= 5")
ANOTHER = OF_TWO + at_bar(5, emit("exit_long", size="0.005 base", method="fifo"))


def in_doubt_until_its_stop(
    tmp_path: Path, card: str, *, kind: Fault | None, code: int, times: int, closes: int = 1
) -> Live:
    """Three layers, an exit of the first and a part of the second in doubt, and the stop of the first met meanwhile."""
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=4)
    if kind is not None:
        live.venue.faults.add(
            Switch(kind=kind, on="order/create", link="*o4*", value=code, times=times)
        )
    for _ in range(closes):
        live.wait(MINUTE - live.venue.now % MINUTE)
    live.run(1_000)
    live.trade("49490", 1_000)
    return live


@pytest.mark.parametrize(
    ("kind", "code", "times"),
    [
        (None, 0, 0),
        (Fault.CODE, 110003, 2),
        (Fault.DROP_REQUEST, 0, 1),
        (Fault.CODE, 10016, 2),
    ],
)
def test_an_exit_in_doubt_of_which_protection_has_closed_a_part_comes_again_as_what_is_left(
    tmp_path: Path, kind: Fault | None, code: int, times: int
) -> None:
    live = in_doubt_until_its_stop(tmp_path, OF_TWO, kind=kind, code=code, times=times)
    live.wait(120_000)
    assert (live.held, live.venue_held) == (100, 100)
    assert not live.desk.guard.halted
    assert not live.desk.exits.owed
    ended(live)


def test_what_is_left_of_it_is_asked_for_after_a_start(tmp_path: Path) -> None:
    live = in_doubt_until_its_stop(tmp_path, OF_TWO, kind=Fault.DROP_REQUEST, code=0, times=1)
    live.restart()
    live.wait(120_000)
    assert (live.held, live.venue_held) == (100, 100)
    ended(live)


def test_an_exit_that_waits_for_one_in_doubt_is_to_close_the_same_lots(tmp_path: Path) -> None:
    """The later close repeats the exit before the stop is met: of 40 lots 30 are closed for both."""
    live = in_doubt_until_its_stop(
        tmp_path, TWICE, kind=Fault.DROP_REQUEST, code=0, times=9, closes=2
    )
    live.wait(180_000)
    assert (live.held, live.venue_held) == (100, 100)
    ended(live)


@pytest.mark.parametrize(("card", "left"), [(TWICE, 70), (ANOTHER, 95)])
def test_a_later_exit_takes_the_place_of_what_is_left_of_the_same_exit_alone(
    tmp_path: Path, card: str, left: int
) -> None:
    live = in_doubt_until_its_stop(tmp_path, card, kind=Fault.DROP_REQUEST, code=0, times=9)
    live.wait(180_000)
    assert (live.held, live.venue_held) == (left, left)
    ended(live)
