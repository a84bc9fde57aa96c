"""A trailing stop in a session: it moves at the close of each bar, at the venue and in the journal alike."""

from __future__ import annotations

from pathlib import Path

from runtime.account.standing import trail_price
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import started
from tests.strategies.runs import at_bar, emit
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
