"""An entry that comes again in a session: at the venue and in the journal alike."""

from __future__ import annotations

from pathlib import Path

from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import started
from tests.strategies.runs import at_bar

GRID = at_bar(
    1,
    "{ action: place_limit_long, metadata: { price: 49900, size: 0.1 base, order_ref: dip, rearm: 2, on_fill: "
    "[{ action: place_limit_exit_long, metadata: { price: 50100, size: fill, order_ref: out } }] } }",
)


def working(live: Live) -> list[tuple[str | None, float | None]]:
    """Return ref and limit of the card's working orders."""
    return [(o.spec.order_ref, o.limit_price) for o in live.ledger.book if o.is_own]


def test_an_entry_comes_again_in_a_session(tmp_path: Path) -> None:
    live = started(tmp_path, GRID)
    live.run(3_000)
    assert working(live) == [("dip", 49_900.0)]
    for _ in range(2):
        live.trade("49850")
        live.run(3_000)
        live.bar("49900")
        live.run(3_000)
        assert working(live) == [("out", 50_100.0)]
        live.trade("50150")
        live.run(3_000)
        live.bar("50100")
        live.run(3_000)
        assert working(live) == [("dip", 49_900.0)]
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_a_cancel_that_names_the_entry_ends_it_in_a_session_and_its_replay(tmp_path: Path) -> None:
    cancel = at_bar(4, "{ action: cancel_order, metadata: { order_ref: dip } }", block="stop")
    live = started(tmp_path, GRID + cancel)
    live.run(3_000)
    live.trade("49850")
    live.run(3_000)
    live.bar("49900", bars=4)
    live.run(3_000)
    assert [(o.spec.order_ref, o.is_last) for o in live.ledger.book if o.is_own] == [("out", True)]
    live.trade("50150")
    live.run(3_000)
    live.bar("50100")
    live.run(3_000)
    assert working(live) == []
    live.laws()
    live.replayed()
