"""An exit that the venue ends while the card moves it: it comes back where the card wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import ended
from tests.runtime.live.test_changes_again import EXIT_MOVED, ON_MOVE, before_the_change, stands
from tools.fakebybit import acts
from tools.fakebybit.faults import Fault, Switch


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_exit_that_ends_as_its_move_arrives_comes_back_moved(
    tmp_path: Path, is_killed: bool
) -> None:
    """The venue refuses the move of what it has just ended: it came back where it stood, and nobody asked again."""
    live = before_the_change(tmp_path, EXIT_MOVED, Switch(kind=Fault.STREAM_FIRST, on="nothing"))

    def before(path: str, _body: object) -> None:
        if path == ON_MOVE and live.order("out").order_id == "o2":
            acts.cancel_everything(live.venue.state, "CancelByAdmin")

    live.road.before = before
    live.run(900, 100)
    assert live.order("out").reason or live.order("out").order_id != "o2"
    if is_killed:
        live.restart()
    live.run(20_000, 500)
    assert ("0.1", "50500") in stands(live)
    assert not live.warned("change_lost")
    ended(live)
