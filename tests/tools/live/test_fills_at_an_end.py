"""A session that ends in order between a fill and the close at which its `on_fill` asks: that is waited for, or said."""

from __future__ import annotations

from pathlib import Path

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tests.tools.live.test_patience import who_stops

OUT = "[{ action: place_limit_exit_long, metadata: { price: 50100, size: fill, order_ref: out } }]"
DIP = emit("place_limit_long", price=49900.0, size="0.1 base", order_ref="dip", on_fill=OUT)


def ended(tmp_path: Path, before_ms: int) -> tuple[Live, str]:
    """End a session so many ms before the close that follows its fill; return what it says that it leaves."""
    live = Live(tmp_path, at_bar(1, DIP), pace=Pace())
    live.bar(bars=3)
    live.trade("49880", 3_000)
    assert live.held == live.venue_held == 100
    live.wait(MINUTE - live.venue.now % MINUTE - before_ms)
    cockpit = who_stops(live)
    cockpit.stop("ann", closes=False)
    for _ in range(40):
        live.run(1_000)
        if cockpit.may_end:
            break
    assert cockpit.may_end
    return live, cockpit.left_behind


def test_what_follows_a_fill_at_the_next_close_is_there_before_a_session_ends(
    tmp_path: Path,
) -> None:
    live, left = ended(tmp_path, 10_000)
    assert left == ""
    assert [(o.spec.order_ref, o.remaining) for o in live.ledger.book] == [("out", 100)]
    assert len(live.at_venue()) == 1
    live.laws()
    live.replayed()


def test_what_follows_a_fill_at_a_close_that_is_far_is_said(tmp_path: Path) -> None:
    live, left = ended(tmp_path, 50_000)
    assert live.at_venue() == []
    assert left == "`on_fill` of dip, which waits for its close: 100 lots are held without it"


def test_a_fill_that_is_closed_again_is_not_waited_for(tmp_path: Path) -> None:
    live = Live(tmp_path, at_bar(1, DIP), pace=Pace())
    live.bar(bars=3)
    live.trade("49880", 3_000)
    assert live.desk.engine.to_follow == ["dip"]
    live.session.said("flatten", "ann")
    live.run(3_000)
    assert live.held == live.venue_held == 0
    assert live.desk.engine.to_follow == []
