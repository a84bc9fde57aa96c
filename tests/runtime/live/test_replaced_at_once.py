"""The newer word of one close takes the place of an order of it in a session: the venue hears of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.test_follow_ups import away_for
from tests.runtime.live.test_placing import creates, started
from tests.runtime.live.test_rearm import working
from tests.strategies.runs import at_bar, emit

AT_ONCE = at_bar(
    1, *(emit("place_limit_long", size="0.1 base", price=p, order_ref="in", on_live_ref="replace") for p in (49900.0, 49800.0))
)  # fmt: skip
_DIP = (
    "{ action: place_limit_long, metadata: { price: %s, size: 0.1 base, order_ref: dip, rearm: true, "
    "on_live_ref: replace, on_fill: [{ action: place_limit_exit_long, metadata: { price: 50100, size: fill, order_ref: out } }] } }"
)
# Laid anew at each close after an exit: its exit's own word of the same close is the older one.
GRID = at_bar(1, _DIP % "49900") + (
    "- id: anew\n  cases:\n    - when: bars_since_exit == 0\n      emit:\n"
    f"        - {_DIP % 'close - 200'}\n"
)
EXIT = at_bar(1, _DIP % "49900") + (
    "- id: nearer\n  cases:\n    - when: position_side == long\n      emit:\n"
    "        - { action: place_limit_exit_long, metadata: { price: 50050, size: 100% of position, order_ref: out, "
    "on_live_ref: replace } }\n"
)


def test_only_the_newer_of_two_words_is_asked_for(tmp_path: Path) -> None:
    live = started(tmp_path, AT_ONCE)
    live.run(3_000)
    assert len(creates(live)) == len(live.at_venue()) == 1
    assert working(live) == [("in", 49_800.0)]
    live.laws()
    live.replayed()


@pytest.mark.parametrize("is_away", [False, True])
def test_a_grid_laid_anew_stands_at_its_new_price_at_the_venue(
    tmp_path: Path, is_away: bool
) -> None:
    """Of a session that was killed before the close, too: its exit has filled, the entry is to come again."""
    live = started(tmp_path, GRID)
    live.run(3_000)
    live.trade("49850", 3_000)
    live.bar("50000")
    live.run(3_000)
    live.trade("50150", 3_000)
    if is_away:
        away_for(live, 1)
    else:
        live.bar("50150")
        live.run(3_000)
    assert working(live) == [("dip", 49_950.0)]
    assert len(live.at_venue()) == 1
    assert [refusal.code for refusal in live.desk.engine.refusals] == []
    live.kill()  # the number of the order that never left is not given again
    live._boot()
    live.run(10_000)
    live.bar("50150")
    assert working(live) == [("dip", 49_950.0)]
    live.laws()
    live.replayed()


def test_the_exit_a_rule_puts_in_the_place_of_one_of_a_fill_brings_the_entry_again(
    tmp_path: Path,
) -> None:
    live = started(tmp_path, EXIT)
    live.run(3_000)
    live.trade("49850", 3_000)
    live.bar("49950")
    live.run(3_000)
    assert working(live) == [("out", 50_050.0)]
    live.trade("50075", 3_000)
    live.bar("50000")
    live.run(3_000)
    assert (working(live), live.held, live.venue_held) == ([("dip", 49_900.0)], 0, 0)
    live.laws()
    live.replayed()
