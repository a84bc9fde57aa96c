"""A run that is told to stop waits for the wire by the wall's clock, however fast its own time runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from runtime.account.margin import entries
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import BTC, MINUTE, SYMBOL, Live
from tests.strategies.runs import at_bar, emit
from tests.tools.live.made import LADDER, made
from tools.fakebybit.faults import Fault, Switch
from tools.live.cockpit import Cockpit
from tools.live.facts import SessionFacts
from tools.live.seen import around
from tools.live.watch import Watch
from tools.live.words import Asked

_SETTLING_S = 30


@pytest.mark.parametrize("speed", [1.0, 30.0])
def test_a_stop_waits_for_the_wire_by_the_walls_clock_at_any_speed(
    tmp_path: Path, speed: float
) -> None:
    """An entry whose cancel the venue never hears of: the run ends after thirty seconds on the wall."""
    run, _ = made(LADDER, tmp_path, seed=11)
    while not entries(run.watch.ledger):
        run.steps.step(60_000)
    run.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel*", times=1_000))
    cockpit = Cockpit(
        run.watch,
        run.session.said,
        lambda: around(run.facts, run.session, run.venue.now),
        lambda job: job(),
        speed,
    )
    assert cockpit.ask(Asked("stop", "ann")).is_done
    began, end = run.venue.now, _SETTLING_S * 1_000 * speed
    while not cockpit.may_end:
        assert run.venue.now - began <= end
        run.steps.step(500)
    assert run.venue.now - began >= end
    assert "entries that still work" in cockpit.left_behind
    run.close()


def test_a_second_stop_takes_back_no_close_and_no_patience(tmp_path: Path) -> None:
    """`stop --close`, then `stop` by somebody else: the position is closed first all the same."""
    run, _ = made(LADDER, tmp_path, seed=3)
    while run.watch.ledger.position is None:
        run.steps.step(60_000)
    run.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=1_000))
    run.cockpit.stop("ann", closes=True)
    since = run.cockpit.wish.since
    run.steps.step(3_000)
    run.cockpit.stop("bob", closes=False)
    assert (run.cockpit.wish.closes, run.cockpit.wish.since) == (True, since)
    run.steps.step(30_000)
    assert not run.cockpit.may_end
    assert "the position that was to be closed" in run.cockpit.left_behind
    run.close()


HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
EXIT = at_bar(4, emit("exit_long"))


def who_stops(live: Live) -> Cockpit:
    facts = SessionFacts(card="", path="", symbol=SYMBOL, venue="local", instrument=BTC)
    return Cockpit(
        Watch(live.desk, live.program, Source("live.card.yaml", "")), live.session.said,
        lambda: around(facts, live.session, live.venue.now), lambda job: job(), 1.0,
    )  # fmt: skip


def refused(live: Live, times: int) -> Cockpit:
    """Have the venue refuse so many requests, live up to the close that meets them, return who stops the run."""
    live.bar(bars=4)
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=times))
    live.run(3_000)
    return who_stops(live)


def stopped(live: Live, cockpit: Cockpit) -> int:
    """Say `stop` between two attempts, no request is on its way; return how long the run goes on, ms."""
    while any(order.in_flight for order in live.ledger.book):
        live.run(250)
    assert live.held == 100
    began = live.venue.now
    cockpit.stop("ann", closes=False)
    while not cockpit.may_end:
        live.run(250)
    return live.venue.now - began


def test_a_stop_waits_until_an_exit_that_was_refused_is_done(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD + EXIT)
    stopped(live, cockpit := refused(live, 3))
    assert live.held == live.venue_held == 0
    assert cockpit.left_behind == ""
    live.laws()
    live.replayed()


@pytest.mark.parametrize("word", ["", "flatten"])
def test_a_stop_says_how_many_lots_were_to_be_closed_and_are_not(tmp_path: Path, word: str) -> None:
    """The venue refuses for good: the run ends after thirty seconds, and says what it leaves."""
    live = Live(tmp_path, HELD if word else HELD + EXIT)
    cockpit = refused(live, 1_000)
    if word:
        cockpit.said(word, "ann")
    assert stopped(live, cockpit) >= _SETTLING_S * 1_000
    assert live.held == live.venue_held == 100
    assert cockpit.left_behind == "100 lots that were to be closed"


def late(live: Live, late_ms: int, *, closes: bool) -> tuple[Cockpit, int]:
    """Stop a run whose entry is acknowledged and takes effect late; return who stops it, and after how many ms it ends."""
    live.bar(bars=1)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    live.venue.faults.add(
        Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=late_ms, times=1)
    )
    live.run(1_000)
    cockpit = who_stops(live)
    began = live.venue.now
    cockpit.stop("ann", closes=closes)
    while not cockpit.may_end:
        live.run(250)
    return cockpit, live.venue.now - began


@pytest.mark.parametrize("late_ms", [4_000, 15_000])
def test_a_stop_waits_for_an_entry_that_was_not_found_and_fills(
    tmp_path: Path, late_ms: int
) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    cockpit, took = late(live, late_ms, closes=False)
    assert live.held == live.venue_held == 100
    assert len(live.at_venue()) == 1  # its stop
    assert took < _SETTLING_S * 1_000
    assert cockpit.left_behind == ""
    live.replayed()


def test_a_stop_says_that_an_entry_which_was_not_found_may_fill_yet(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    cockpit, took = late(live, 200_000, closes=False)
    assert took >= _SETTLING_S * 1_000
    name = live.order("in").order_id
    assert cockpit.left_behind == f"entries that were not found and may fill yet: {name}"


def test_a_stop_that_closes_waits_as_long_as_an_entry_may_fill(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD, pace=Pace())
    cockpit, _took = late(live, 60_000, closes=True)
    assert live.held == live.venue_held == 0
    assert live.at_venue() == []
    assert cockpit.left_behind == ""
    live.replayed()


def test_a_stop_waits_for_the_target_of_what_it_leaves_and_says_if_there_is_none(
    tmp_path: Path,
) -> None:
    card = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, take_profit=60000.0))
    for times, said in ((2, ""), (1_000, "a position without its whole target")):
        folder = tmp_path / str(times)
        folder.mkdir()
        live = Live(folder, card, pace=Pace())
        live.bar(bars=1)
        live.wait(MINUTE - live.venue.now % MINUTE - 500)
        target = Switch(
            kind=Fault.CODE, on="order/create", link="*-v[2-9]", value=10016, times=times
        )
        live.venue.faults.add(target)
        live.run(1_500)
        assert len(live.at_venue()) == 1  # its stop
        assert live.held == 100
        cockpit = who_stops(live)
        cockpit.stop("ann", closes=False)
        while not cockpit.may_end:
            live.run(250)
        assert cockpit.left_behind == said
        assert len(live.at_venue()) == (1 if said else 2)


ON_MOVE = "order/amend"
OUT = emit("place_limit_exit_long", size="0.1 base", price=51000.0, order_ref="out")
MOVES = {
    "limit": (HELD + at_bar(2, OUT) + at_bar(4, emit("amend_order", order_ref="out", price=50500.0)),
              "exits that are not as they were to be: out"),
    "stop": (HELD + at_bar(4, emit("adjust_stop", price=46000.0)),
             "a stop that does not stand where it should"),
}  # fmt: skip


@pytest.mark.parametrize("what", MOVES)
@pytest.mark.parametrize("times", [2, 1_000])
def test_a_stop_waits_for_the_change_of_an_exit_and_says_if_it_was_not_done(
    tmp_path: Path, what: str, times: int
) -> None:
    """Refused once or twice it is asked for again; a run that ended before left the exit at its old price."""
    card, said = MOVES[what]
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=4)
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, on=ON_MOVE, value=10016, times=times))
    live.run(1_500)
    while any(order.in_flight for order in live.ledger.book):
        live.run(50, 50)
    cockpit = who_stops(live)
    began = live.venue.now
    cockpit.stop("ann", closes=False)
    while not cockpit.may_end:
        live.run(250)
    assert cockpit.left_behind == (said if times > 2 else "")
    assert (live.venue.now - began >= _SETTLING_S * 1_000) is (times > 2)
    orders = live.venue.state.open_orders(SYMBOL)
    prices = {float(price) for o in orders for price in (o.price, o.trigger) if price}
    moved, old = (50500.0, 51000.0) if what == "limit" else (46000.0, 45000.0)
    assert (old if times > 2 else moved) in prices
