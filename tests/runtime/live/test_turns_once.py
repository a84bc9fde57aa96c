"""An entry that turns a position is as large as that was: whatever becomes of its one request, it leaves once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_held_entries import followed, follows
from tools.fakebybit.faults import Fault, Switch

TURN = follows(
    "{ action: place_limit_short, metadata: { price: 50500, size: 0.05 base, order_ref: turn, stop_loss: 52000 } }"
)
FLIPS = {"more": "position_policy: { mode: long_short, allow_flip: true, max_layers: 8 }"}
LOST = {
    "dropped": Switch(kind=Fault.DROP_REQUEST, on="order/create", times=1),
    "502": Switch(kind=Fault.HTTP, value=502, on="order/create", times=1),
    "too many": Switch(kind=Fault.CODE, value=10006, on="order/create", times=1),
    "answer lost": Switch(kind=Fault.DROP_ANSWER, on="order/create", times=1),
}


def turns(live: Live) -> int:
    """Return how often the entry that turns has left."""
    sent = [body for path, body in live.posted if path == "order/create"]
    return sum(body.get("price") == "50500" for body in sent)


@pytest.mark.parametrize("how", [*LOST, "killed"])
def test_an_entry_that_turns_a_position_leaves_once(tmp_path: Path, how: str) -> None:
    fault = LOST.get(how) or Switch(kind=Fault.DROP_REQUEST, on="order/create")
    live = followed(tmp_path, TURN, fault, more=FLIPS)
    assert (live.order("turn").spec.carries, turns(live)) == (100, 1)
    if how == "killed":
        live.venue.faults.clear()
        live.restart()
    live.run(60_000)
    has_arrived = how == "answer lost"
    assert (turns(live), live.order("turn").is_accepted) == (1, has_arrived)
    assert live.warned("entry_lost") == (not has_arrived)
    live.bar("50600", bars=2)
    assert live.held == live.venue_held == (-50 if has_arrived else 100)
    ended(live)
