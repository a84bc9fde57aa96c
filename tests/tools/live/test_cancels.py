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


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("ref", ["", "out"])
def test_a_cancel_reaches_all_pieces_of_an_exit_owed_and_on_their_way(
    tmp_path: Path, ref: str, is_late: bool
) -> None:
    """One of three pieces is refused and owed, two are on their way or lost: it was said that none comes."""
    more = {"order_ref": ref} if ref else {}
    live = Live(
        tmp_path, HELD + at_bar(4, emit("exit_long", size="0.09 base", **more)), pace=Pace()
    )
    live.bar(bars=3)
    live.act("facts", max_market_qty="0.03")
    live.backend._facts_at = 0
    live.bar()
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    create = "order/create"
    live.venue.faults.add(Switch(kind=Fault.CODE, on=create, link="*-[!v]*", value=110007, times=1))
    live.venue.faults.add(
        Switch(kind=Fault.DELAY_EFFECT, on=create, link="*-[!v]*", value=8_000)
        if is_late
        else Switch(kind=Fault.DROP_REQUEST, on=create, link="*-[!v]*")
    )
    while not live.desk.exits.owed:
        live.run(50, 50)
    (name,) = live.desk.to_come
    reply = cancel(live, name)
    working = reply.data["orders"]
    assert len(working) == 2
    assert reply.text == f"cancelling {', '.join(working)}; `{name}` does not come again"
    assert not live.desk.exits.owed
    live.run(10)
    assert all(live.ledger.orders[one].leaving is not None for one in working)
    live.venue.faults.clear()
    live.run(120_000)
    assert (
        live.held == live.venue_held == (40 if is_late else 100)
    )  # at market it fills as it arrives
    assert not live.desk.to_come
    ended(live)


def test_a_reduce_that_was_asked_again_is_cancelled_by_its_first_name(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    live.bar(bars=3)
    create = "order/create"
    live.venue.faults.add(Switch(kind=Fault.CODE, on=create, link="*-[!v]*", value=110007, times=1))
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on=create, link="*-[!v]*"))
    live.session.said("reduce", "ann", value=50)
    while not live.desk.exits.owed:
        live.run(50, 50)
    (name,) = live.desk.to_come
    while live.desk.exits.owed:
        live.run(50, 50)
    (order_id,) = live.desk.parts(name)
    assert cancel(live, name).text == f"cancelling {order_id}"
    live.run(10)
    assert live.ledger.orders[order_id].leaving is not None
    live.venue.faults.clear()
    live.run(120_000)
    assert live.held == live.venue_held == 100
    ended(live)


def test_an_exit_that_was_asked_again_is_cancelled_by_its_first_name(tmp_path: Path) -> None:
    live, name = owed(tmp_path, "market")
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*-o2r*"))
    while live.desk.exits.owed:
        live.run(50, 50)
    (order_id,) = live.desk.parts(name)
    assert cancel(live, name).text == f"cancelling {order_id}"
    live.venue.faults.clear()
    live.run(120_000)
    assert live.held == live.venue_held == 100
    ended(live)
