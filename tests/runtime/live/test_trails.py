"""A trailing stop in a session: it moves at the close of each bar, at the venue and in the journal alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.account.standing import trail_price
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import MINUTE, D, Live
from tests.runtime.live.test_placing import started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.live.preflight import instrument_checks

TRAILED = at_bar(
    1, emit("entry_long", size="0.1 base", order_ref="in", trail="{ distance: 500 }")
) + at_bar(8, "{ action: adjust_trail, metadata: { remove: true } }")


def stops(live: Live) -> list[float | None]:
    """Return the triggers of the stops that work at the venue and here."""
    return [o.trigger_price for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]


def test_a_trail_protects_from_the_fill_on_and_moves_at_closes(tmp_path: Path) -> None:
    live = started(tmp_path, TRAILED)
    live.run(3_000)
    assert live.held == live.venue_held == 100
    first = stops(live)
    assert first == [trail_price(live.ledger)]
    live.bar("50400")
    live.bar("50300")
    live.run(3_000)
    assert stops(live) == [49_900.0]  # 500 behind the high of a whole bar of the trail
    live.bar("50100")
    live.run(3_000)
    assert stops(live) == [49_900.0]
    live.laws()
    live.replayed()


def test_the_venue_leaves_at_the_trail(tmp_path: Path) -> None:
    live = started(tmp_path, TRAILED)
    live.run(3_000)
    live.bar("50400", bars=2)
    live.run(3_000)
    live.trade("49850")
    live.run(3_000)
    assert live.held == live.venue_held == 0
    assert live.ledger.results.exit_reason == "trail"
    live.laws()
    live.replayed()


def test_a_trail_that_is_removed_takes_its_stop_along(tmp_path: Path) -> None:
    live = started(tmp_path, TRAILED)
    live.bar(bars=8)
    live.run(3_000)
    assert (live.held, stops(live), trail_price(live.ledger)) == (100, [], None)
    live.laws()
    live.replayed()


def test_the_pre_flight_says_when_a_trail_moves(tmp_path: Path) -> None:
    live = started(tmp_path, TRAILED)
    found = {c.name: c for c in instrument_checks(live.ledger.instrument, live.program)}
    assert "at the close of each 1m bar" in found["trailing stops"].found


RESTING = {"price": 49_000.0, "order_ref": "in", "stop_loss": 48_000.0}
FILLED_UNSEEN = at_bar(
    1, emit("place_limit_long", size="0.1 base", **RESTING, trail="{ distance: 500 }")
)


@pytest.mark.parametrize("missing", ["restart", "streams", "bars"])
def test_bars_that_come_late_and_were_over_before_the_fill_move_no_trail(
    tmp_path: Path, missing: str
) -> None:
    """It fills at 49,000 in the third bar that is missing, after 49,400; the highs before were 50,000."""
    live = Live(tmp_path, FILLED_UNSEEN)
    live.bar(bars=3)
    if missing == "restart":
        live.kill()
    elif missing == "streams":
        live.disconnect()
    else:
        live.venue.faults.add(Switch(kind=Fault.DROP, on="kline*"))
        live.venue.faults.add(Switch(kind=Fault.HTTP, on="market/kline", value=502))
    for price, ms in (("50000", MINUTE), ("49950", MINUTE), ("49400", 20_000), ("48990", 20_000)):
        live.venue.trade(D(price))
        if missing == "restart":
            live.venue.advance(live.venue.now + ms)
        else:
            live.run(ms, 1_000)
    if missing == "restart":
        live._boot()
    elif missing == "streams":
        live.connect()
    else:
        live.venue.faults.clear()
    live.run(MINUTE, 1_000)
    assert live.held == live.venue_held == 100
    assert trail_price(live.ledger) == 48_500.0
    live.bar("49300", bars=2)
    assert trail_price(live.ledger) == 48_800.0  # from its own bar on it follows
    live.laws()
    live.replayed()


def test_a_trail_whose_fill_is_heard_late_follows_the_bars_that_came_between(
    tmp_path: Path,
) -> None:
    """Nothing private comes for four bars, the bars do; the high after that of the fill is 49,900."""
    live = Live(tmp_path, FILLED_UNSEEN)
    live.bar(bars=3)
    for told in ("execution", "order", "position"):
        live.venue.faults.add(Switch(kind=Fault.DROP, on=told))
    for asked in ("execution/list", "order/*", "position/list"):
        live.venue.faults.add(Switch(kind=Fault.HTTP, on=asked, value=502))
    live.trade("48990", 3_000)
    for price in ("49000", "49800", "49900", "49600"):
        live.bar(price)
    assert live.held == 0
    live.venue.faults.clear()
    live.run(20_000, 500)
    assert live.held == live.venue_held == 100
    assert trail_price(live.ledger) == 49_400.0
    assert stops(live) == [49_400.0]
    live.laws()
    live.replayed()


@pytest.mark.parametrize(("size", "leaves"), [("0.1", True), ("0.13", False)])
def test_an_entry_leaves_where_its_trail_in_pieces_finds_room(
    tmp_path: Path, size: str, leaves: bool
) -> None:
    """Ten conditional orders of a contract, each of 10 lots at most."""
    entry = {"price": 49_900.0, "order_ref": "in", "trail": "{ distance: 2000 }"}
    live = Live(tmp_path, at_bar(3, emit("place_limit_long", size=f"{size} base", **entry)))
    live.act("facts", max_market_qty="0.01")
    live.backend._facts_at = 0
    live.run(1_000)
    live.bar(bars=4)
    order = live.order("in")
    assert (order.is_accepted, order.reason) == (leaves, "" if leaves else "too_many_orders")
    live.trade("49700", 3_000)
    assert live.held == live.venue_held == (100 if leaves else 0)
    assert live.desk.coverage.open_lots(live.ledger) == 0
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()
