"""A person's cancel reaches an exit that works not just now, and comes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, Live, ended
from tests.runtime.live.test_asked_later import owing
from tests.strategies.runs import at_bar, emit
from tests.tools.live.test_patience import HELD, who_stops
from tools.fakebybit.faults import Fault, Switch
from tools.live.words import Asked, Reply

OUT = emit("place_limit_exit_long", size="0.1 base", price=50400.0, order_ref="out")
CARDS = {
    "limit": (HELD + at_bar(4, OUT), "out"),
    "market": (HELD + at_bar(4, emit("exit_long")), ""),
}


def owed(tmp_path: Path, what: str) -> tuple[Live, str]:
    """Return a session whose exit is refused twice and comes again, and what a person calls it."""
    card, ref = CARDS[what]
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=4)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=2))
    live.run(1_500)
    while any(order.in_flight for order in live.ledger.book) or not live.desk.exits.owed:
        live.run(50, 50)
    return live, ref or next(iter(live.desk.exits.owed))


def cancel(live: Live, name: str) -> Reply:
    return who_stops(live).ask(Asked("cancel", "ann", name))


@pytest.mark.parametrize("what", CARDS)
def test_an_exit_that_is_owed_can_be_cancelled(tmp_path: Path, what: str) -> None:
    """It stood at no venue and came back: who said `cancel` was told that there is no such order."""
    live, name = owed(tmp_path, what)
    assert name in cancel(live, "nothing").text
    reply = cancel(live, name)
    assert (reply.is_done, reply.text) == (True, f"`{name}` does not come again")
    live.run(45_000)
    live.trade("50500", 5_000)
    assert live.held == live.venue_held == 100
    assert not cancel(live, name).is_done
    ended(live)


def test_a_cancel_of_an_exit_that_is_owed_holds_after_a_kill(tmp_path: Path) -> None:
    live, name = owed(tmp_path, "limit")
    assert cancel(live, name).is_done
    live.restart()
    live.trade("50500", 45_000)
    assert live.held == live.venue_held == 100
    ended(live)


def test_a_change_that_waits_for_an_exit_goes_with_it(tmp_path: Path) -> None:
    live = owing(tmp_path)
    assert cancel(live, "tp").is_done
    assert not live.desk.exits.owed
    assert not live.desk.later.waits
    live.venue.faults.clear()
    live.run(40_000)
    assert not [one for one in live.ledger.book if one.spec.order_ref == "tp"]
    ended(live)
