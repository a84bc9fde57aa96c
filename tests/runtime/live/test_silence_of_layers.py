"""Silence about the stop of one layer is a failure of that layer's stop, and of no other's."""

from __future__ import annotations

from pathlib import Path

from runtime.orders.order_spec import Role
from tests.runtime.live.bench import Live
from tests.runtime.live.test_what_still_stands import lose_the_first_stop
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
OWN = {"protect": "layer"}
CARD = at_bar(
    1,
    emit("entry_long", size="0.05 base", stop_loss=49000.0, **OWN),
    emit("place_limit_long", size="0.03 base", price=49900.0, stop_loss=48500.0, **OWN),
)


def silent(tmp_path: Path) -> Live:
    """A session in which nobody has answered about the first layer's stop for ten seconds, two silences."""
    live = Live(tmp_path, CARD, **SHARED)
    live.bar()
    lose_the_first_stop(live)
    live.run(10_500)
    assert live.held == live.venue_held == 50
    return live


def stops(live: Live) -> list[tuple[str | None, int]]:
    found = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS and o.is_accepted]
    return sorted((o.spec.layer, o.remaining) for o in found)


def test_a_refusal_of_one_layers_stop_is_none_of_another_that_nobody_answers_about(
    tmp_path: Path,
) -> None:
    """Two silences here and one refusal there are no three failures: nothing is closed before the third silence."""
    live = silent(tmp_path)
    live.venue.faults.add(
        Switch(on="order/create", link="*-v*", kind=Fault.CODE, value=110007, times=1)
    )
    live.trade("49890", 3_000)
    assert live.held == live.venue_held == 80
    assert live.desk.guard.halted == ""
    assert stops(live) == [("o2", 30)]
    live.run(3_000)
    assert live.desk.guard.halted == "a position could not be protected"
    live.venue.faults.clear()
    live.run(30_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()
