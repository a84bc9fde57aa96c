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
