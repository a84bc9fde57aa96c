"""What rests and the venue ends unasked: an exit comes back at its price, an entry is told at once, and loudly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.backends.base import Loudness
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import SYMBOL, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit import acts, matching, publisher
from tools.fakebybit.orders import Status

NO_FLIP = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}
UNASKED = [
    "CancelByAdmin",
    "CancelBySmp",
    "CancelByPrepareLiq",
    "CancelByDCP",
    "CancelByAWordOfLater",
]


def level(ref: str, price: float, out: float) -> str:
    sold = f"[{{ action: place_limit_exit_long, metadata: {{ price: {out}, size: fill, order_ref: o{ref} }} }}]"
    return emit(
        "place_limit_long", size="0.05 base", price=price, order_ref=ref, stop_loss=48000.0,
        on_fill=sold, rearm=True,
    )  # fmt: skip


GRID = at_bar(1, level("x", 49900.0, 50000.0), level("y", 49700.0, 49800.0))
FOLLOWED = at_bar(
    1,
    emit(
        "entry_long", size="0.05 base", stop_loss=48000.0, order_ref="in",
        on_fill="[{ action: place_limit_long, metadata: { price: 49800, size: 0.05 base, order_ref: safety } }]",
    ),
)  # fmt: skip
MOVED = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0)) + "".join(
    at_bar(n, action).replace("id: b", f"id: b{n}")
    for n, action in (
        (2, emit("place_limit_exit_long", price=50400.0, order_ref="out")),
        (4, emit("amend_order", order_ref="out", price=50300.0)),
    )
)


def session(tmp_path: Path, card: str) -> Live:
    return Live(tmp_path, card, pace=Pace(), more=NO_FLIP, snapshot_every=5)


def told(live: Live) -> list[tuple[str, Loudness]]:
    lost = ("entry_lost", "exit_lost")
    return [(n.kind, n.loudness) for n in live.session.notices if n.kind in lost]


def ends(live: Live, why: str) -> None:
    acts.cancel_everything(live.venue.state, why)
    live.pump()


@pytest.mark.parametrize("why", UNASKED)
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_grid_whose_orders_the_venue_ends_sells_at_its_price(
    tmp_path: Path, why: str, is_killed: bool
) -> None:
    """It held 50 with neither exit nor level, and nobody knew."""
    live = session(tmp_path, GRID)
    live.bar("49950", 2)
    live.bar("49880", 2)
    ends(live, why)
    assert sorted(told(live)) == [("entry_lost", Loudness.ALARM), ("exit_lost", Loudness.ALARM)]
    if is_killed:
        live.restart()
    live.run(5_000)
    assert live.held == 50
    assert [o.limit_price for o in live.ledger.book if o.spec.order_ref == "ox"] == [50_000.0]
    live.bar("50020", 2)
    assert live.held == live.venue_held == 0
    assert live.order("x").is_accepted, "its exit is done, so the level comes again"
    assert live.order("y").is_terminal, (
        "an entry that the venue has ended is told, and not asked for again"
    )
    assert len(told(live)) == (0 if is_killed else 2), "once, and not again after a restart"
    live.laws()
    live.replayed()


def test_an_exit_that_was_moved_comes_back_where_it_stood(tmp_path: Path) -> None:
    live = session(tmp_path, MOVED)
    live.bar("50000", 6)
    assert live.order("out").limit_price == 50_300.0
    ends(live, "CancelByAdmin")
    live.run(5_000)
    assert [o.limit_price for o in live.ledger.book if o.spec.order_ref == "out"] == [50_300.0]
    live.laws()
    live.replayed()


def test_exits_that_the_venue_ends_after_they_stood_are_no_failures_in_a_row(
    tmp_path: Path,
) -> None:
    live = session(tmp_path, MOVED)
    live.bar("50000", 6)
    for _ in range(4):
        ends(live, "CancelByDCP")
        live.bar("50000", 2)
    assert live.desk.guard.halted == ""
    assert live.order("out").is_accepted
    for _ in range(3):
        ends(live, "CancelByDCP")
        live.run(12_000)
    assert live.desk.guard.halted == "an exit could not be carried out"
    live.run(20_000)
    assert live.order("out").is_accepted
    live.laws()
    live.replayed()


def test_a_person_who_cancels_at_the_venue_takes_an_exit_back(tmp_path: Path) -> None:
    live = session(tmp_path, GRID)
    live.bar("49950", 2)
    live.bar("49880", 2)
    ends(live, "CancelByUser")
    live.run(5_000)
    assert not told(live)
    assert live.order("ox").is_terminal
    live.laws()
    live.replayed()


def test_what_the_venue_ends_with_a_reason_for_a_refusal_comes_back_and_is_told(
    tmp_path: Path,
) -> None:
    """It names no kind of cancel then, only why its matching let go of the order."""
    live = session(tmp_path, GRID)
    live.bar("49950", 2)
    live.bar("49880", 2)
    state = live.venue.state
    for order in list(state.open_orders(SYMBOL)):
        if order.reduce_only and not order.trigger:
            matching.end(state, order, Status.CANCELLED, reason="EC_ReachMaxTradeNum")
    publisher.flush(state)
    live.pump()
    assert told(live) == [("exit_lost", Loudness.ALARM)]
    live.run(5_000)
    live.bar("50020", 2)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_an_entry_that_followed_a_fill_is_told_when_the_venue_ends_it(tmp_path: Path) -> None:
    live = session(tmp_path, FOLLOWED)
    live.bar("50000", 3)
    assert live.order("safety").is_accepted
    ends(live, "CancelByAdmin")
    said = [n.text for n in live.session.notices if n.kind == "entry_lost"]
    assert len(said) == 1
    assert "unasked (venue), 50 of 50 lots open; it is not asked for again" in said[0]
    live.laws()
    live.replayed()


# ---------------------------------------------------------------- nowhere to be found

HALF_OUT = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0)) + at_bar(
    2, emit("place_limit_exit_long", price=50400.0, size="0.05 base", order_ref="out")
).replace("id: b", "id: c")


def forget(live: Live, ref: str) -> list[tuple[dict[str, Any], str, Any]]:
    """Let the venue know an order no more, in no list; return what it knew."""
    link, state = live.names.link(live.order(ref).order_id), live.venue.state
    places = (state.active[SYMBOL], state.orders)
    known = [(at, name, one) for at in places for name, one in at.items() if one.link == link]
    for at, name, _ in known:
        del at[name]
    return known


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_exit_that_stood_and_is_nowhere_to_be_found_comes_back_at_its_price(
    tmp_path: Path, is_killed: bool
) -> None:
    """It was told as vanished and forgotten: the market reached its price, and all was held."""
    live = session(tmp_path, HALF_OUT)
    live.bar("50000", 4)
    forget(live, "out")
    if is_killed:
        live.restart()
    live.run(40_000, 500)
    assert live.warned("vanished")
    assert told(live) == [("exit_lost", Loudness.ALARM)]
    assert (live.order("out").order_id, live.order("out").remaining) == ("o2r1", 50)
    live.bar("50420")
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_of_an_exit_that_the_venue_finds_again_and_the_one_in_its_place_one_stays(
    tmp_path: Path,
) -> None:
    live = session(tmp_path, HALF_OUT)
    live.bar("50000", 4)
    known = forget(live, "out")
    live.run(40_000, 500)
    for at, name, one in known:
        at[name] = one
    live.run(40_000, 500)
    assert live.warned("came_back")
    live.bar("50420")
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_an_entry_that_stood_and_is_nowhere_to_be_found_is_told_as_lost(tmp_path: Path) -> None:
    live = session(tmp_path, FOLLOWED)
    live.bar("50000", 3)
    forget(live, "safety")
    live.run(40_000, 500)
    said = [n.text for n in live.session.notices if n.kind == "entry_lost"]
    assert len(said) == 1
    assert "`safety`" in said[0]
    assert "(vanished), 50 of 50 lots open; it is not asked for again" in said[0]
    live.laws()
    live.replayed()
