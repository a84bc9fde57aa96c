"""A position turns: what protected the old one is nothing of the new one, wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runtime.account.room import no_room
from runtime.live.coverage import Coverage
from runtime.orders.events import OrderSubmitted
from runtime.orders.order_spec import Side
from tests.runtime.live.bench import SYMBOL, D, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LONG = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="in"))
SHORT = emit("entry_short", size="0.05 base", stop_loss=51000.0, order_ref="turn")
TURN = LONG + at_bar(4, emit("exit_long"), SHORT)
TURNS = {
    "exit and entry": (TURN, {}),
    "flip": (
        LONG + at_bar(4, SHORT),
        {"more": "position_policy: { mode: long_short, allow_flip: true }"},
    ),
}
LINGERS = {
    "lost": Switch(on="order/cancel", at=(1,), kind=Fault.DROP_REQUEST),
    "slow": Switch(on="order/cancel", at=(1,), kind=Fault.DELAY_EFFECT, value=6_000),
}


def stops(live: Live) -> list[tuple[str, float]]:
    found = [o for o in live.venue.state.open_orders(SYMBOL) if o.trigger]
    return sorted((str(o.side), float(o.trigger)) for o in found)


@pytest.mark.parametrize("how", LINGERS)
@pytest.mark.parametrize("turn", TURNS)
def test_the_stop_of_what_was_held_is_no_stop_of_what_is_held_that_stands_elsewhere(
    tmp_path: Path, turn: str, how: str
) -> None:
    card, more = TURNS[turn]
    live = Live(tmp_path, card, faults=[LINGERS[how]], more=more)
    live.bar(bars=4)
    live.venue.trade(D(50_000))
    live.run(75_000)
    assert live.held == live.venue_held == -50
    assert live.desk.guard.halted == ""
    assert stops(live) == [("Buy", 51000.0)]
    live.laws()
    live.replayed()


def test_the_stop_of_what_was_held_covers_nothing_of_what_is_held(tmp_path: Path) -> None:
    """The old stop stays for good, and the new one is refused twice: the short is naked, and known to be."""
    old = Switch(on="order/cancel", kind=Fault.CODE, value=10001)
    new = Switch(on="order/create", link="*-v*", at=(2, 3), kind=Fault.CODE, value=110007)
    live = Live(tmp_path, TURN, faults=[old, new])
    live.bar(bars=4)
    live.venue.trade(D(50_000))
    seen = set()
    for _ in range(75):
        live.run(1_000)
        if live.held < 0 and stops(live) == [("Sell", 49000.0)]:
            seen.add(Coverage().open_lots(live.ledger))
    assert seen == {50}
    assert live.held == live.venue_held == -50
    assert ("Buy", 51000.0) in stops(live)
    assert live.desk.coverage.open_lots(live.ledger) == 0


@pytest.mark.parametrize(("lots", "fits"), [(50, True), (60, False)])
def test_stops_that_the_venue_does_not_let_go_take_room_of_the_next_position(
    tmp_path: Path, lots: int, fits: bool
) -> None:
    """Five stand for good, and the venue takes ten of a contract: there is room for five, and not for six."""
    card = LONG.replace("0.1 base", "0.05 base") + at_bar(6, emit("exit_long"))
    live = Live(tmp_path, card, faults=[Switch(on="order/cancel", kind=Fault.CODE, value=10001)])
    live.bar(bars=3)
    live.act("facts", max_market_qty="0.01")
    live.backend._facts_at = 0
    live.bar(bars=5)
    assert live.venue_held == 0
    assert stops(live) == [("Sell", 49000.0)] * 5
    order = live.order("in")
    spec = replace(order.spec, order_id="o9", side=Side.SELL, quantity=lots)
    live.ledger.apply(OrderSubmitted(spec=spec, bar=live.ledger.bar, ts=live.ledger.ts))
    assert (no_room(live.ledger) == "") is fits
