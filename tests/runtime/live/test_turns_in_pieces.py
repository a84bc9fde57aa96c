"""An entry at market that turns the position and is above the venue's largest market order leaves as exit and entry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.base import Loudness
from runtime.backends.bybit.pace import Pace
from runtime.live.items import BarArrived, Reconciled
from runtime.live.paper import PaperDesk
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from tests.runtime.live.bench import BTC, MINUTE, SYMBOL, Live, ended, program
from tests.runtime.live.test_turns_owed import CREATE, FLIPS
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

IN = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0))
SHORT = emit("entry_short", size="0.1 base", stop_loss=51000.0, order_ref="turn")
TURN = IN + at_bar(4, SHORT)
LESS = IN + at_bar(4, emit("entry_short", size="0.03 base", stop_loss=51000.0, order_ref="turn"))
TARGET = IN + at_bar(
    4, emit("adjust_size", size="0.1 base", side="short", stop_loss=51000.0, order_ref="turn")
)


def lowered(tmp_path: Path, card: str, largest: str) -> Live:
    """Return a session of 100 long that knows the largest order, half a second before the close that turns it."""
    live = Live(tmp_path, card, pace=Pace(facts_ms=1_000), more=FLIPS, snapshot_every=5)
    live.bar(bars=4)
    live.act("facts", max_market_qty=largest)
    live.run(3_000)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    assert live.held == live.venue_held == 100
    return live


def closing(live: Live) -> list[int]:
    """Return the lots of the exits that have left; stops are none."""
    sent = [body for path, body in live.posted if path == CREATE and body["reduceOnly"]]
    return [int(Decimal(str(one["qty"])) * 1000) for one in sent if "triggerPrice" not in one]


@pytest.mark.parametrize("card", [TURN, TARGET])
@pytest.mark.parametrize("largest", ["0.15", "0.1"])
def test_a_turn_above_the_largest_order_turns_as_exit_and_entry(
    tmp_path: Path, card: str, largest: str
) -> None:
    """It was refused, and all was held for good: it was the way out."""
    live = lowered(tmp_path, card, largest)
    live.bar(bars=2)
    assert live.held == live.venue_held == -100
    assert closing(live) == [100]
    assert (live.order("turn").quantity, live.order("turn").spec.carries) == (100, 0)
    assert not live.desk.engine.refusals
    live.restart()
    assert live.held == -100
    ended(live)


def test_what_it_closes_leaves_in_pieces(tmp_path: Path) -> None:
    """It is larger than the largest by itself: the entry leaves when all of them have ended."""
    live = lowered(tmp_path, LESS, "0.03")
    live.bar(bars=2)
    assert closing(live) == [30, 30, 30, 10]
    assert live.held == live.venue_held == -30
    ended(live)


@pytest.mark.parametrize(
    ("fault", "lots", "lost"),
    [(Fault.DROP_REQUEST, -100, 0), (Fault.DROP_ANSWER, -100, 0), (Fault.DELAY_EFFECT, 0, 1)],
)
def test_its_entry_waits_for_an_exit_in_doubt_and_is_told_where_that_takes_too_long(
    tmp_path: Path, fault: Fault, lots: int, lost: int
) -> None:
    live = lowered(tmp_path, TURN, "0.15")
    live.venue.faults.add(Switch(kind=fault, value=30_000, on=CREATE, times=1))
    live.run(120_000)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == live.venue_held == lots
    assert [n.kind for n in live.session.notices].count("entry_lost") == lost
    ended(live)


def test_what_it_closes_leaves_while_a_person_holds_entries(tmp_path: Path) -> None:
    live = lowered(tmp_path, TURN, "0.15")
    live.session.said("pause", "ann")
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    assert live.order("turn").reason == "held_back"
    ended(live)


def test_what_it_closes_leaves_while_the_fate_of_a_request_is_unknown(tmp_path: Path) -> None:
    card = LESS + at_bar(
        3, emit("place_limit_long", size="0.01 base", price=40000.0, order_ref="far"), block="f"
    )
    live = lowered(tmp_path, card, "0.03")
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel"))
    live.run(100)
    live.session.said("cancel", "ann", live.order("far").order_id)
    live.run(5_000)
    assert closing(live) == [30, 30, 30, 10]
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    ended(live)


def test_a_turn_that_is_refused_by_the_largest_order_is_told(tmp_path: Path) -> None:
    """What it opens alone is above the largest: a back-test with these facts refuses it, too, and holds what is held."""
    live = lowered(tmp_path, TURN, "0.08")
    live.bar(bars=3)
    assert live.held == live.venue_held == 100
    assert [one.code for one in live.desk.engine.refusals] == ["over_max_position"]
    said = [(n.kind, n.loudness) for n in live.session.notices if n.kind == "entry_lost"]
    assert said == [("entry_lost", Loudness.ALARM)]
    ended(live)


def test_a_paper_session_with_the_same_facts_turns() -> None:
    """As the simulator of a back-test does, in one order."""
    bars = MarketData(exec=Frame(SYMBOL, "1m", MINUTE))
    desk = PaperDesk(program(TURN, **FLIPS), bars, replace(BTC, max_market_lots=150))
    desk.take(Reconciled(ts=0))
    for bar in range(8):
        price = {"open": 5e4, "high": 5e4, "low": 5e4, "close": 5e4, "mark": 5e4}
        ts = bar * MINUTE
        desk.take(BarArrived(start=ts, **price, volume=1.0, source="stream", received=ts + MINUTE))
    position = desk.ledger.position
    assert position is not None
    assert position.side.sign * position.quantity == -100
