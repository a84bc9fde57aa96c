"""`order_price`: where the working order of a ref waits at the venue, unknown where none does."""

from __future__ import annotations

import math

from runtime.account.builtins import read
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat

_DIP = emit("place_limit_long", price=90, size="1 base", order_ref="dip")
_UP = emit("place_stop_long", trigger=105, limit_price=104, size="1 base", order_ref="up")


def _prices(blocks: str, rows: list[Row], ref: str) -> list[float]:
    """Return what a card would read of a ref at each close, after what it has asked for there."""
    run, found = Run(card_text(blocks), rows), list[float]()
    for _ in rows:
        run.live(1)
        found.append(read(run.ledger, "order_price", ref))
    return found


def test_a_change_that_is_on_its_way_leaves_an_order_where_it_is() -> None:
    """Asked for at the close of bar 1, it is the venue's at bar 2."""
    move = emit("amend_order", order_ref="dip", price=92)
    found = _prices(at_bar(0, _DIP) + at_bar(1, move), flat(100, 4), "dip")
    assert found == [90.0, 90.0, 92.0, 92.0]


def test_an_order_whose_cancel_was_sent_waits_nowhere() -> None:
    gone = emit("cancel_order", order_ref="dip")
    found = _prices(at_bar(0, _DIP) + at_bar(1, gone), flat(100, 3), "dip")
    assert found[0] == 90.0
    assert all(map(math.isnan, found[1:]))


def test_a_stop_limit_waits_at_its_trigger_and_then_at_its_limit() -> None:
    rows: list[Row] = [*flat(100, 2), (100, 105, 100, 105), *flat(105, 1), (105, 105, 103, 103)]
    found = _prices(at_bar(0, _UP), rows, "up")
    assert found[:4] == [105.0, 105.0, 104.0, 104.0]
    assert math.isnan(found[4])


def test_a_stop_waits_at_its_trigger_and_an_order_at_market_nowhere() -> None:
    stop = emit("place_stop_long", trigger=105, size="1 base", order_ref="up")
    assert _prices(at_bar(0, stop), flat(100, 2), "up") == [105.0, 105.0]
    market = emit("entry_long", size="1 base", order_ref="up")
    assert math.isnan(_prices(at_bar(0, market), flat(100, 1), "up")[0])


def test_of_two_orders_under_a_ref_the_newer_is_read() -> None:
    """A replaced order that is still there, and the one that takes its place."""
    again = emit(
        "place_limit_long", price=95, size="1 base", order_ref="dip", on_live_ref="replace"
    )
    found = _prices(at_bar(0, _DIP) + at_bar(1, again), flat(100, 3), "dip")
    assert found[0] == 90.0
    assert found[-1] == 95.0
