"""The venue lowers its largest market order below what is held: stops, exits and closes go on in pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.catalog.actions import ACTIONS, Verb
from runtime.orders.order_spec import OrderType, Role
from tests.runtime.live.bench import SYMBOL, D, Live
from tests.runtime.wire import Wire, level, specs
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.19 base", stop_loss=49000.0, order_ref="in"))


def lowered(tmp_path: Path, card: str, largest: str) -> Live:
    """A session that holds 0.19, and a largest market order below that."""
    live = Live(tmp_path, card)
    live.bar(bars=2)
    live.run(2_000)
    assert live.held == live.venue_held == 190
    live.act("facts", max_market_qty=largest)
    live.backend._facts_at = 0
    live.run(5_000)
    return live


def stops(live: Live) -> list[tuple[float, float]]:
    """The lots and prices of the stops that stand at the venue."""
    found = [o for o in live.venue.state.open_orders(SYMBOL) if o.trigger]
    return sorted((float(o.qty), float(o.trigger)) for o in found)


def test_a_stop_above_the_largest_market_order_stands_in_pieces(tmp_path: Path) -> None:
    card = HELD + at_bar(4, emit("adjust_stop", price=49500.0))
    live = lowered(tmp_path, card, "0.08")
    assert stops(live) == [(0.03, 49_000), (0.08, 49_000), (0.08, 49_000)]
    live.bar(bars=3)
    live.run(2_000)
    assert stops(live) == [(0.03, 49_500), (0.08, 49_500), (0.08, 49_500)]
    assert live.desk.coverage.open_lots(live.ledger) == 0
    assert not live.desk.guard.halted
    live.restart()
    live.venue.trade(D("49400"))
    live.run(3_000)
    assert live.held == live.venue_held == 0
    assert stops(live) == []
    live.laws()
    live.replayed()


def test_a_stop_whose_pieces_the_venue_does_not_take_stands_whole_and_is_told(
    tmp_path: Path,
) -> None:
    """Ten conditional orders are all it takes of a contract: cut all the same, some lots would have no stop."""
    live = lowered(tmp_path, HELD + at_bar(4, emit("adjust_stop", price=49500.0)), "0.009")
    assert stops(live) == [(0.19, 49_000)]
    (told,) = [one.text for one in live.session.notices if one.kind == "stop_in_one_piece"]
    assert told.startswith("v1: above the largest market order of 9 lots")
    live.bar(bars=3)
    live.run(2_000)
    assert stops(live) == [(0.19, 49_500)]
    assert not live.desk.guard.halted
    live.trade("49400", 3_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("times", [1, 2, 50])
def test_a_stop_is_cut_only_when_the_pieces_that_relieve_it_stand(
    tmp_path: Path, number: int, times: int
) -> None:
    bad = Switch(kind=Fault.CODE, on="order/create", link=f"*-v{number}*", times=times, value=10001)
    live = Live(tmp_path, HELD, faults=[bad])
    live.bar(bars=2)
    live.run(2_000)
    live.act_on_venue("facts", max_market_qty="0.03")
    live.backend._facts_at = 0
    for _ in range(100):
        live.run(200, 50)
        assert sum(lots for lots, _ in stops(live)) >= 0.19 - 1e-9
    assert live.held == live.venue_held == 190
    assert not live.desk.guard.halted
    if times == 1:
        assert stops(live) == [(0.01, 49_000), *[(0.03, 49_000)] * 6]
    live.trade("48900", 3_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_pieces_of_a_stop_follow_what_is_held(tmp_path: Path) -> None:
    live = lowered(tmp_path, HELD + at_bar(3, emit("exit_long", size_pct=0.5)), "0.08")
    live.bar(bars=2)
    live.run(2_000)
    assert live.held == live.venue_held == 95
    assert stops(live) == [(0.015, 49_000), (0.08, 49_000)]
    live.laws()


def test_an_exit_above_the_largest_market_order_leaves_in_pieces(tmp_path: Path) -> None:
    live = lowered(tmp_path, HELD + at_bar(3, emit("exit_long")), "0.08")
    live.bar(bars=2)
    live.run(2_000)
    assert live.held == live.venue_held == 0
    sold = [
        float(b["qty"]) for p, b in live.posted if p == "order/create" and not b.get("triggerPrice")
    ]
    assert sold == [0.19, 0.08, 0.08, 0.03]
    assert not live.warned("exit_lost")
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def test_no_action_makes_a_stop_of_an_exit() -> None:
    """So a card has no exit that would have to rest in pieces."""
    kinds = {spec.order_type for spec in ACTIONS.values() if spec.verb is Verb.EXIT}
    assert kinds == {OrderType.MARKET, OrderType.LIMIT}


def test_a_resting_exit_above_the_largest_limit_order_is_refused_and_told(tmp_path: Path) -> None:
    card = HELD + at_bar(3, emit("place_limit_exit_long", price=50500.0, order_ref="x"))
    live = Live(tmp_path, card)
    live.bar(bars=2)
    live.act("facts", max_qty="0.08")
    live.bar(bars=3)
    assert live.order("x").state == "rejected"
    assert live.warned("exit_lost")
    assert stops(live) == [(0.19, 49_000)]
    live.laws()


def test_a_person_reduces_by_more_than_the_largest_market_order_in_pieces(tmp_path: Path) -> None:
    live = lowered(tmp_path, HELD, "0.03")
    live.session.said("reduce", "test", value=50.0)
    live.run(3_000)
    assert live.held == live.venue_held == 95
    closes = [o.filled for o in live.ledger.orders.values() if o.spec.role is Role.CLOSE_AT_END]
    assert closes == [30, 30, 30, 5]
    live.laws()


def test_pieces_that_cover_everything_stay_as_they_are() -> None:
    """Also when the largest order is a larger one again: nothing is moved that need not be."""
    wire = Wire()
    wire.ledger.in_pieces = True
    facts = wire.ledger.instrument
    wire.ledger.instrument = replace(facts, max_market_lots=4)
    wire.place("in", "buy", 6, stop_loss=level(95.0))
    made = specs(wire.fill("in", 6))
    assert [spec.quantity for spec in made] == [4, 2]
    for spec in made:
        wire.accept(spec.order_id)
    wire.ledger.instrument = replace(facts, max_market_lots=100)
    assert wire.timer() == []
