"""An exit that came to nothing and comes again is the same exit: as old as its first order, with what all of them have filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.account.builtins import read
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import D, Live
from tests.runtime.live.test_ended_by_the_venue import NO_FLIP, ends
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import FillRule

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0))
OLDER = emit("place_limit_exit_long", size="0.06 base", price=50300.0, order_ref="x")
YOUNGER = emit("place_limit_exit_long", size="0.04 base", price=50900.0, order_ref="y")
REFUSALS = {"never": 0, "once": 1, "as the next close decides": 3}


def session(
    tmp_path: Path, card: str, rule: FillRule = FillRule.THROUGH, keep_ms: int = 3_600_000
) -> Live:
    return Live(
        tmp_path, card, pace=Pace(), more=NO_FLIP, snapshot_every=5, fill=rule, keep_ms=keep_ms
    )


def refuse_first(live: Live, times: int) -> None:
    for tried in ("o2", "o2r1", "o2r2")[:times]:
        link = live.names.link(tried)
        live.venue.faults.add(
            Switch(kind=Fault.CODE, on="order/create", link=link, value=110003, times=1)
        )


def exits(live: Live) -> list[tuple[str | None, int]]:
    found = [o for o in live.ledger.book if o.spec.order_ref is not None]
    return sorted((order.spec.order_ref, order.remaining) for order in found)


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize("how", REFUSALS)
def test_an_exit_that_was_refused_and_rests_is_older_than_one_asked_for_after_it(
    tmp_path: Path, how: str, is_killed: bool
) -> None:
    """The older one was cut to 10 as the position shrank, and sold 10 of the 50 left at its price."""
    half = at_bar(3, emit("exit_long", size="0.05 base"))
    live = session(tmp_path, HELD + at_bar(2, OLDER, YOUNGER) + half)
    live.bar(bars=2)
    refuse_first(live, REFUSALS[how])
    live.bar()
    live.run(5_000)
    if is_killed:
        live.restart()
    live.bar()
    live.run(40_000)
    assert exits(live) == [("x", 50)]
    live.trade("50310", 5_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_an_exit_that_the_venue_has_ended_is_no_younger_for_it(tmp_path: Path) -> None:
    half = at_bar(6, emit("exit_long", size="0.05 base"))
    live = session(tmp_path, HELD + at_bar(2, OLDER) + at_bar(4, YOUNGER) + half)
    live.bar(bars=3)
    for _ in range(2):
        ends(live, "CancelByAdmin")
        live.bar(bars=2)
    assert live.order("x").order_id == "o2r2"
    assert exits(live) == [("x", 50)]
    live.laws()
    live.replayed()


@pytest.mark.parametrize(
    ("is_ended", "is_killed", "keep_ms"),
    [(False, False, 3_600_000), (True, False, 3_600_000), (True, False, 1), (True, True, 1)],
)
def test_of_an_exit_that_comes_again_the_filled_part_is_of_the_whole(
    tmp_path: Path, is_ended: bool, is_killed: bool, keep_ms: int
) -> None:
    """Half of it was filled, and the card's rule on that moved no stop: 70 were held far below it."""
    moves = (
        "- id: half\n  cases:\n    - when: order_filled_pct(x) >= 0.4 and bar_index == 8\n      emit:\n"
        f"        - {emit('adjust_stop', price=49800.0)}\n"
    )
    live = session(tmp_path, HELD + at_bar(2, OLDER) + moves, FillRule.QUEUE, keep_ms)
    live.bar(bars=3)
    live.venue.trade(D("50300"), D("0.03"), side=Side.BUY)
    live.run(2_000)
    assert live.order("x").filled == 30
    live.trade("50000", 1_000)
    for _ in range(2 * is_ended):
        ends(live, "CancelBySmp")
        assert read(live.ledger, "order_filled_pct", "x") == 0.5, "also while nothing works of it"
        live.bar(bars=2)
    if is_killed:
        live.restart()
    live.bar(bars=2 if is_ended else 6)
    assert read(live.ledger, "order_filled_pct", "x") == 0.5
    live.trade("49700", 5_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_of_an_exit_in_pieces_the_filled_part_is_of_the_whole(tmp_path: Path) -> None:
    """It was told of the newest piece alone: all of it, or nothing."""
    live = session(tmp_path, HELD + at_bar(4, emit("exit_long", size="0.08 base", order_ref="out")))
    live.bar(bars=3)
    live.act("facts", max_market_qty="0.03")
    live.backend._facts_at = 0
    live.bar()
    live.run(58_000)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*-o2p[12]r*"))
    live.run(4_000)
    assert live.held == 70
    assert read(live.ledger, "order_filled_pct", "out") == 0.375
    live.venue.faults.clear()
    live.run(60_000)
    assert live.held == live.venue_held == 20
    assert read(live.ledger, "order_filled_pct", "out") == 1.0
    live.laws()
    live.replayed()


@pytest.mark.parametrize("how", REFUSALS)
def test_an_exit_that_comes_again_is_as_old_in_bars_as_it_would_be(
    tmp_path: Path, how: str
) -> None:
    live = session(tmp_path, HELD + at_bar(2, OLDER))
    live.bar(bars=2)
    refuse_first(live, REFUSALS[how])
    live.bar(bars=3)
    live.run(5_000)
    assert read(live.ledger, "oldest_pending_age_bars") == 2
    if how != "never":
        ends(live, "CancelByAdmin")
        live.run(5_000)
    live.bar(bars=2)
    assert read(live.ledger, "oldest_pending_age_bars") == 4
    live.laws()
    live.replayed()


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_of_an_exit_that_comes_again_the_rest_goes_with_the_close_of_what_was_filled(
    tmp_path: Path, is_late: bool, is_killed: bool
) -> None:
    """The rest worked on: the order that came again had filled nothing."""
    only = emit(
        "place_limit_exit_long", size="0.06 base", price=50300.0, order_ref="x", on_partial="cancel"
    )
    live = session(tmp_path, HELD + at_bar(2, only), FillRule.QUEUE)
    live.bar(bars=3)
    live.venue.trade(D("50300"), D("0.03"), side=Side.BUY)
    live.run(2_000)
    live.trade("50000", 1_000)
    if is_late:
        live.run(59_700 - live.venue.now % 60_000)
    ends(live, "CancelBySmp")
    live.run(200 if is_late else 5_000)
    assert exits(live) == ([] if is_late else [("x", 30)])
    if is_killed:
        live.restart()
    live.bar(bars=2)
    live.run(5_000)
    assert not exits(live)
    assert ("o2r1" in live.ledger.orders) is not is_late, "asked for again only to be cancelled"
    live.trade("50310", 5_000)
    assert live.held == live.venue_held == 70
    live.laws()
    live.replayed()


@pytest.mark.parametrize("is_ended", [False, True])
@pytest.mark.parametrize("how", ["amend_order", "replace"])
def test_of_an_exit_that_comes_again_a_new_size_is_the_total_of_the_whole(
    tmp_path: Path, is_ended: bool, how: str
) -> None:
    """Half of 60 was filled: a new size of 50 asked for 50 more."""
    asked = emit("amend_order", order_ref="x", size="0.05 base")
    if how == "replace":
        asked = OLDER.replace("0.06", "0.05").replace(" } }", ", on_live_ref: replace } }")
    live = session(tmp_path, HELD + at_bar(2, OLDER) + at_bar(5, asked), FillRule.QUEUE)
    live.bar(bars=3)
    live.venue.trade(D("50300"), D("0.03"), side=Side.BUY)
    live.run(2_000)
    live.trade("50000", 1_000)
    for _ in range(2 * is_ended):
        ends(live, "CancelBySmp")
        live.run(5_000)
    live.bar(bars=3)
    live.run(5_000)
    assert exits(live) == [("x", 20)]
    live.laws()
    live.replayed()
