"""A journal that ends before the entry of a layer: its stop, which stands at the venue, is not taken away."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.runtime.live.bench import SYMBOL, D, Live
from tests.strategies.runs import at_bar, emit

FIRST = emit("entry_long", size="0.05 base", protect="layer", stop_loss=49500.0)


def of_before(live: Live, folder: Path, bars: int) -> None:
    """Live on by some bars and take the session up with the journal as it was before them."""
    kept = folder / "kept.journal"
    source, copy = sqlite3.connect(live.folder / "session.journal"), sqlite3.connect(kept)
    source.backup(copy)
    copy.close()
    source.close()
    live.bar(bars=bars)
    live.kill()
    for file in live.folder.glob("session.journal*"):
        file.unlink()
    shutil.copy(kept, live.folder / "session.journal")
    live._boot()
    live.wait(60_000)


@pytest.mark.parametrize("target", [{}, {"take_profit": 50500.0}])
def test_a_stop_of_a_layer_that_the_journal_lacks_stays_at_the_venue(
    tmp_path: Path, target: dict[str, float]
) -> None:
    """Adopted as that of the other layer it was too much, and was cancelled: 30 of 80 lots had none."""
    second = emit("entry_long", size="0.03 base", protect="layer", stop_loss=48500.0, **target)
    more = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}
    live = Live(tmp_path, at_bar(2, FIRST) + at_bar(4, second), more=more)
    live.bar(bars=4)
    assert live.held == 50
    of_before(live, tmp_path, 2)
    assert live.held == live.venue_held == 80
    assert {"v1", "v2"} <= set(live.at_venue())
    assert live.desk.guard.halted.startswith("lost_order")
    live.trade("48400", 8_000)
    assert live.held == live.venue_held == 0
    live.replayed()


@pytest.mark.parametrize(("side", "way"), [("long", 1), ("short", -1)])
def test_a_stop_of_a_layer_that_the_journal_lacks_closes_that_layer_and_not_one_with_its_own(
    side: str, way: int, tmp_path: Path
) -> None:
    """First in, first out it closed 30 lots of the other layer, whose stop shrank: 30 were left with none."""

    def entry(size: str, away: int) -> str:
        stop = 50_000.0 - way * away
        return emit(f"entry_{side}", size=size, protect="layer", stop_loss=stop)

    rules = at_bar(2, entry("0.05 base", 1500)) + at_bar(4, entry("0.03 base", 500))
    more = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}
    live = Live(tmp_path, rules, more=more)
    live.bar(bars=4)
    of_before(live, tmp_path, 2)
    assert live.held == live.venue_held == way * 80
    live.trade(str(50_000 - way * 600), 8_000)
    assert live.held == live.venue_held == way * 50
    assert live.at_venue() == ["v1"]
    assert [row.qty for row in live.venue.state.open_orders(SYMBOL)] == [D("0.05")]
    live.trade(str(50_000 - way * 1600), 8_000)
    assert live.held == live.venue_held == 0
    live.replayed()
