"""A run that is told to stop waits for the wire by the wall's clock, however fast its own time runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from runtime.account.margin import entries
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


def refused(live: Live, times: int) -> Cockpit:
    """Have the venue refuse so many requests, live up to the close that meets them, return who stops the run."""
    live.bar(bars=4)
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007, times=times))
    live.run(3_000)
    facts = SessionFacts(card="", path="", symbol=SYMBOL, venue="local", instrument=BTC)
    return Cockpit(
        Watch(live.desk, live.program, Source("live.card.yaml", "")), live.session.said,
        lambda: around(facts, live.session, live.venue.now), lambda job: job(), 1.0,
    )  # fmt: skip


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
