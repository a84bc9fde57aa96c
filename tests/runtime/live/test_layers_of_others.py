"""What a person has bought beside the card's layers is what a person sells first."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import SYMBOL, D, Live, ended
from tests.runtime.live.test_closed_by_hand import AT_MARKET, ONE, REFUSED, came_to_nothing
from tests.runtime.live.test_targets_owed import SHARED
from tests.strategies.runs import at_bar, emit


def stops(live: Live) -> list[D]:
    return [o.qty for o in live.venue.state.open_orders(SYMBOL) if o.reduce_only]


@pytest.mark.parametrize(("side", "way"), [("long", 1), ("short", -1)])
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("protect", ["layer", "position"])
def test_lots_bought_and_sold_again_by_hand_leave_the_card_s_layer_and_its_stop_as_they_were(
    side: str, way: int, protect: str, tmp_path: Path, *, restarts: bool
) -> None:
    """First in, first out they came off the card's layer, whose stop shrank: 30 lots of it were bare."""
    entry = emit(
        f"entry_{side}", size="0.05 base", protect=protect, stop_loss=50_000.0 - way * 1500
    )
    live = Live(tmp_path, at_bar(1, entry), pace=Pace(), **SHARED)
    live.bar(bars=3)
    live.act("manual", amount=str(way * D("0.03")))
    live.wait(5_000)
    assert live.held == live.venue_held == way * 80
    if restarts:
        live.restart()
        live.wait(5_000)
    live.act("manual", amount=str(-way * D("0.03")))
    live.wait(20_000)
    assert [layer.layer_id for layer in live.ledger.position.layers] == ["o1"]
    assert stops(live) == [D("0.05")]
    live.trade(str(50_000 - way * 1600), 8_000)
    assert live.held == live.venue_held == 0
    ended(live)


def test_lots_bought_and_sold_again_by_hand_take_nothing_from_an_exit_that_is_owed(
    tmp_path: Path,
) -> None:
    live = came_to_nothing(tmp_path, ONE + AT_MARKET, REFUSED)
    live.act("manual", amount="0.03")
    live.wait(3_000)
    live.act("manual", amount="-0.03")
    live.wait(3_000)
    live.session.said("resume", "ann")
    live.venue.faults.clear()
    live.wait(60_000)
    assert live.held == live.venue_held == 60
    ended(live)
