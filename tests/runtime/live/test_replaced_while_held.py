"""An entry that would not leave takes nothing away: what it was to take the place of (`on_live_ref: replace`) stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit

DIP = at_bar(1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="a"))
NEWER = at_bar(3, emit(
    "place_stop_long", size="0.05 base", trigger=50300.0, order_ref="a", on_live_ref="replace"
))  # fmt: skip
HOLDS: dict[str, Callable[[Live], None]] = {
    "held_back": lambda live: live.session.said("pause", "ann"),
    "held_back, for a while": lambda live: live.session.link("private", is_up=False, why="cut"),
    "": lambda _live: None,
}


@pytest.mark.parametrize("how", HOLDS)
def test_what_works_under_a_ref_stays_where_its_replacement_would_not_leave(
    tmp_path: Path, how: str
) -> None:
    live = Live(tmp_path, DIP + NEWER)
    live.bar(bars=3)
    first = live.order("a").order_id
    live.wait(MINUTE - live.venue.now % MINUTE - 1_500)
    HOLDS[how](live)
    live.run(5_000)
    live.session.link("private", is_up=True)
    live.session.said("resume", "ann")
    live.wait(20_000)
    codes = [one.code for one in live.desk.engine.refusals]
    assert codes == (["held_back"] if how else [])
    assert live.at_venue() == [live.order("a").order_id]
    assert (live.order("a").order_id == first) is bool(how)
    live.bar(bars=2)
    told = live.warned("entry_lost")
    assert told is (how == "held_back, for a while")  # a person's pause is told nobody
    live.laws()
    live.replayed()
