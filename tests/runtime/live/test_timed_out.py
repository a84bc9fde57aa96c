"""Bars that do not come end no entry by its `ttl`: the clock does, and what a close would have ended does not fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

DIP = {"size": "0.05 base", "price": 49500.0, "order_ref": "dip", "stop_loss": 49000.0}


def without_bars(live: Live, ms: int) -> None:
    """Let time pass while neither the stream nor an answer brings a bar."""
    live.venue.faults.add(Switch(kind=Fault.DROP_CONFIRM))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="market/kline", value=10016))
    live.wait(ms)


def test_an_entry_whose_last_bar_is_over_by_the_clock_does_not_fill(tmp_path: Path) -> None:
    """Placed at the close of bar 1 for two bars: that of bar 3 ends it, and never comes."""
    live = Live(tmp_path, at_bar(1, emit("place_limit_long", ttl_bars=2, **DIP)))
    live.bar(bars=3)
    without_bars(live, MINUTE)
    assert live.at_venue() == [live.order("dip").order_id]  # the last bar that it may fill on
    live.wait(MINUTE)
    assert live.warned("no_bars")
    assert live.at_venue() == []
    live.trade("49490", 2_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


@pytest.mark.parametrize("ttl", [{}, {"ttl_bars": 60}])
def test_an_entry_whose_time_is_not_up_rests_without_bars(
    tmp_path: Path, ttl: dict[str, int]
) -> None:
    live = Live(tmp_path, at_bar(1, emit("place_limit_long", **ttl, **DIP)))
    live.bar(bars=3)
    without_bars(live, 5 * MINUTE)
    live.trade("49490", 2_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_an_exit_whose_time_is_up_rests_until_its_close_comes(tmp_path: Path) -> None:
    out = emit(
        "place_limit_exit_long", size="0.05 base", price=50500.0, order_ref="out", ttl_bars=2
    )
    card = at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0)) + at_bar(2, out)
    live = Live(tmp_path, card)
    live.bar(bars=4)
    without_bars(live, 4 * MINUTE)
    assert live.order("out").order_id in live.at_venue()
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.order("out").is_terminal
    live.laws()
    live.replayed()


def test_a_restart_ends_it_where_bars_still_do_not_come(tmp_path: Path) -> None:
    live = Live(tmp_path, at_bar(1, emit("place_limit_long", ttl_bars=4, **DIP)))
    live.bar(bars=3)
    without_bars(live, 2 * MINUTE)
    live.restart()
    live.wait(3 * MINUTE)
    assert live.at_venue() == []
    live.trade("49490", 2_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()
