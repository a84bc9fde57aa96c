"""The venue takes ten conditional orders of a contract: what would need more is refused, and nothing is closed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import SYMBOL, Live
from tests.strategies.runs import at_bar, emit

MANY = {"more": "position_policy: { max_layers: 4 }"}
STOPPED = emit("entry_long", size="0.06 base", stop_loss=45000.0, order_ref="in")
BARE = emit("entry_long", size="0.13 base", order_ref="in")


def after(tmp_path: Path, card: str, bars: int, largest: str = "0.01") -> Live:
    """A session after so many bars; the largest market order is lowered once the first entry has filled."""
    live = Live(tmp_path, card, more=MANY)
    live.bar(bars=3)
    live.act("facts", max_market_qty=largest)
    live.backend._facts_at = 0
    live.run(3_000)
    live.bar(bars=bars - 3)
    live.run(30_000)
    return live


def stops(live: Live) -> list[tuple[float, float]]:
    found = [o for o in live.venue.state.open_orders(SYMBOL) if o.trigger]
    return sorted((float(o.trigger), float(o.qty)) for o in found)


def is_told(live: Live) -> None:
    """Refused with the limit named, and nothing else has become of it."""
    (told,) = live.desk.engine.refusals
    assert told.code == "too_many_orders"
    assert told.text.endswith("the venue takes 10 of a contract")
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


WISHES = {
    "stop": emit("adjust_stop", price=45000.0),
    "target": emit("adjust_target", price=55000.0),
    "trail": emit("adjust_trail", distance=2000.0),
    "trail of later": emit("adjust_trail", distance=2000.0, activate=50500.0),
}


@pytest.mark.parametrize("wish", WISHES)
def test_what_the_card_adds_in_more_pieces_than_the_venue_takes_is_refused(
    tmp_path: Path, wish: str
) -> None:
    """130 lots without a stop, each order of 10 at most; nothing is closed, also where the trail would begin."""
    live = after(tmp_path, at_bar(1, BARE) + at_bar(5, WISHES[wish]), 7)
    is_told(live)
    assert stops(live) == []
    live.bar("50600", bars=2)
    assert live.held == live.venue_held == 130
    assert not live.desk.guard.halted


def test_a_target_beside_a_stop_in_pieces_is_refused_and_the_stop_is_kept(tmp_path: Path) -> None:
    live = after(tmp_path, at_bar(1, STOPPED) + at_bar(5, WISHES["target"]), 7)
    is_told(live)
    assert stops(live) == [(45_000.0, 0.01)] * 6
    assert live.held == live.venue_held == 60


def test_two_wishes_of_one_close_share_the_room(tmp_path: Path) -> None:
    """60 lots: their stop finds room, their target not beside it."""
    bare = BARE.replace("0.13", "0.06")
    wishes = (WISHES["stop"], WISHES["target"])
    live = after(tmp_path, at_bar(1, bare) + at_bar(5, *wishes), 7)
    is_told(live)
    assert stops(live) == [(45_000.0, 0.01)] * 6


def test_what_only_moves_needs_no_more_room(tmp_path: Path) -> None:
    """Its stop stands whole: in pieces it would be more than the venue takes. It moves and is not refused."""
    whole = STOPPED.replace("0.06", "0.19")
    live = after(tmp_path, at_bar(1, whole) + at_bar(5, emit("adjust_stop", price=46000.0)), 7)
    assert live.desk.engine.refusals == []
    assert stops(live) == [(46_000.0, 0.19)]
    live.laws()


def rest(size: str, ref: str, **more: float) -> str:
    return emit("place_limit_long", size=f"{size} base", price=49_000.0, order_ref=ref, **more)


OTHERS = {
    "an entry that names no stop joins a position that has one": (STOPPED, [rest("0.05", "b")]),
    "an entry comes with a wish of its close": (
        BARE.replace("0.13", "0.06"),
        [WISHES["stop"], rest("0.05", "b")],
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_an_entry_whose_position_would_find_no_room_does_not_leave(
    tmp_path: Path, case: str
) -> None:
    """Six pieces stand or are asked for, five would come."""
    first, others = OTHERS[case]
    live = after(tmp_path, at_bar(1, first) + at_bar(5, *others), 7)
    assert (live.order("b").state, live.order("b").reason) == ("rejected", "too_many_orders")
    live.trade("48900", 5_000)
    assert live.held == live.venue_held == 60
    assert stops(live) == [(45_000.0, 0.01)] * 6
    live.laws()
    live.replayed()


def test_a_wish_counts_the_entries_that_rest(tmp_path: Path) -> None:
    bare = BARE.replace("0.13", "0.06")
    card = at_bar(1, bare) + at_bar(4, rest("0.05", "b")) + at_bar(6, WISHES["stop"])
    live = after(tmp_path, card, 8)
    is_told(live)
    assert live.order("b").is_accepted


CHANGES = {
    "it grows": (rest("0.01", "b", stop_loss=45000.0), emit("amend_order", order_ref="b", size="0.11 base")),
    "it is given a stop": (rest("0.11", "b"), emit("amend_order", order_ref="b", stop_loss=45000.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_after_which_an_entry_could_not_be_protected_does_not_leave(
    tmp_path: Path, case: str
) -> None:
    entry, change = CHANGES[case]
    live = after(tmp_path, at_bar(4, entry) + at_bar(6, change), 8)
    order = live.order("b")
    before = (order.quantity, order.stop_loss)
    assert order.is_accepted
    assert before == (order.spec.quantity, order.spec.stop_loss)
    assert not any(path == "order/amend" for path, _ in live.posted)
    live.laws()
    live.replayed()
