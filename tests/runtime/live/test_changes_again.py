"""Changes that the card asks for once and whose request is lost: they leave again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, Live, ended
from tests.strategies.runs import at_bar, emit
from tools.fakebybit import acts
from tools.fakebybit.faults import Fault, Switch

PLACED = at_bar(
    1, emit("place_limit_long", size="0.1 base", price=49000.0, order_ref="in", stop_loss=45000.0)
)
MOVED = at_bar(
    3, emit("amend_order", order_ref="in", price=49300.0, size="0.12 base"), block="then"
)
SMALLER = at_bar(3, emit("amend_order", order_ref="in", size="0.05 base"), block="then")
LOST = {
    "dropped": Switch(kind=Fault.DROP_REQUEST, on="order/amend", times=1),
    "502": Switch(kind=Fault.HTTP, value=502, on="order/amend", times=1),
    "too many": Switch(kind=Fault.CODE, value=10006, on="order/amend", times=1),
    "kept back": Switch(kind=Fault.DROP_REQUEST, on="order/amend"),
}


def moved(tmp_path: Path, how: str, card: str = PLACED + MOVED) -> Live:
    """Return a session whose change of an order at 49,000 has been lost once, or as long as it is."""
    live = Live(tmp_path, card, faults=(LOST[how],))
    live.bar(bars=3)
    while not any(path == "order/amend" for path, _ in live.posted):
        live.run(250, 250)
    return live


def stands(live: Live) -> list[tuple[str, str]]:
    return [(str(o.qty), str(o.price)) for o in live.venue.state.open_orders("BTCUSDT")]


@pytest.mark.parametrize("how", ["dropped", "502", "too many"])
def test_a_change_that_never_left_leaves_again(tmp_path: Path, how: str) -> None:
    live = moved(tmp_path, how)
    live.run(25_000)
    assert stands(live) == [("0.12", "49300")]
    ended(live)


def test_a_change_that_a_kill_ate_leaves_after_the_restart(tmp_path: Path) -> None:
    live = moved(tmp_path, "kept back")
    live.venue.faults.clear()
    live.restart()
    live.run(25_000)
    assert stands(live) == [("0.12", "49300")]
    ended(live)


def test_a_change_that_reaches_further_waits_while_entries_are_held_back(tmp_path: Path) -> None:
    live = moved(tmp_path, "dropped")
    live.session.said("pause", "ann")
    live.run(60_000)
    assert stands(live) == [("0.1", "49000")]
    live.session.said("resume", "ann")
    live.run(3_000)
    assert stands(live) == [("0.12", "49300")]
    ended(live)


def test_a_change_that_makes_an_order_smaller_waits_for_nothing(tmp_path: Path) -> None:
    live = moved(tmp_path, "dropped", PLACED + SMALLER)
    live.session.said("pause", "ann")
    live.run(25_000)
    assert stands(live) == [("0.05", "49000")]
    ended(live)


def test_a_change_does_not_wait_for_ever_and_that_is_told(tmp_path: Path) -> None:
    live = moved(tmp_path, "dropped")
    live.session.said("pause", "ann")
    live.wait(11 * MINUTE)
    live.session.said("resume", "ann")
    live.run(25_000)
    assert (stands(live), live.warned("change_lost")) == ([("0.1", "49000")], True)
    ended(live)


def test_what_is_asked_later_is_what_counts(tmp_path: Path) -> None:
    later = at_bar(4, emit("amend_order", order_ref="in", price=49100.0), block="later")
    live = moved(tmp_path, "kept back", PLACED + MOVED + later)
    live.bar()
    live.venue.faults.clear()
    live.run(30_000)
    assert stands(live) == [("0.12", "49100")], (
        "the newest word of each: its size nobody has named since"
    )
    assert len(told(live)) == 1, "lost three times before"
    ended(live)


# ---------------------------------------------------------------- held back as they are asked for

CORE = emit("place_limit_long", size="0.05 base", price=49000.0, order_ref="core", stop_loss=45000.0)  # fmt: skip
UP = "[{ action: amend_order, metadata: { order_ref: core, price: 49300 } }]"
DIP = emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in", stop_loss=45000.0, on_fill=UP)  # fmt: skip
FOLLOWED = at_bar(1, CORE) + at_bar(1, DIP, block="dip")
BY_RULE = at_bar(1, CORE) + at_bar(
    4, emit("amend_order", order_ref="core", price=49300.0), block="later"
)


def held_back(tmp_path: Path, card: str) -> Live:
    """Return a session whose card asks, while a person holds entries back, for a change of the entry at 49,000."""
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.trade("49890", 2_000)
    live.session.said("pause", "ann")
    live.bar("49950", bars=2)
    assert ("0.05", "49000") in stands(live)
    return live


def core(live: Live) -> tuple[float | None, bool]:
    order = live.order("core")
    return order.limit_price, "amend" in order.in_flight


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_change_that_follows_a_fill_and_is_held_back_leaves_later(
    tmp_path: Path, is_killed: bool
) -> None:
    live = held_back(tmp_path, FOLLOWED)
    if is_killed:
        live.restart()
        live.run(5_000)
    assert core(live) == (49000.0, False)
    live.session.said("resume", "ann")
    live.run(5_000)
    assert core(live) == (49300.0, False)
    assert ("0.05", "49300") in stands(live)
    assert not live.warned("change_lost")
    ended(live)


def test_a_change_that_follows_a_fill_and_is_held_back_for_long_is_told(tmp_path: Path) -> None:
    live = held_back(tmp_path, FOLLOWED)
    live.wait(11 * MINUTE)
    assert live.warned("change_lost")
    live.session.said("resume", "ann")
    live.run(5_000)
    assert ("0.05", "49000") in stands(live)
    ended(live)


def test_a_change_of_a_rule_that_is_held_back_is_the_rules_to_ask_for_again(tmp_path: Path) -> None:
    live = held_back(tmp_path, BY_RULE)
    live.session.said("resume", "ann")
    live.run(20_000)
    assert ("0.05", "49000") in stands(live)
    ended(live)


def test_a_change_of_an_exit_that_never_left_waits_for_no_entries(tmp_path: Path) -> None:
    out = emit("place_limit_exit_long", price=51000.0, size="0.1 base", order_ref="out")
    nearer = emit("amend_order", order_ref="out", price=50500.0)
    entry = emit("entry_long", size="0.1 base", stop_loss=45000.0)
    card = at_bar(1, entry) + at_bar(2, out, block="out") + at_bar(4, nearer, block="nearer")
    live = Live(tmp_path, card)
    live.bar(bars=4)
    live.session.said("pause", "ann")
    live.venue.faults.add(LOST["dropped"])
    live.bar()
    live.run(30_000)
    assert ("0.1", "50500") in stands(live)
    ended(live)


# ---------------------------------------------------------------- lost more than once

ON_MOVE = "order/amend"
OUTAGES = {
    "lost": Switch(kind=Fault.DROP_REQUEST, on=ON_MOVE),
    "10016": Switch(kind=Fault.CODE, value=10016, on=ON_MOVE),
    "502": Switch(kind=Fault.HTTP, value=502, on=ON_MOVE),
    "not answered": Switch(kind=Fault.DROP_ANSWER, on=ON_MOVE),
}
HELD = emit("entry_long", size="0.1 base", stop_loss=45000.0)
OUT = emit("place_limit_exit_long", price=51000.0, order_ref="out")
NEARER = emit("amend_order", order_ref="out", price=50500.0)
EXIT_MOVED = at_bar(1, HELD) + at_bar(2, OUT, block="out") + at_bar(3, NEARER, block="nearer")
TARGET = (
    "[{ action: place_limit_exit_long, metadata: { price: position_avg_entry + 1%, "
    "size_pct: 1.0, order_ref: out, on_live_ref: replace } }]"
)
RUNGS = at_bar(
    1,
    *(
        emit("place_limit_long", price=price, size="0.05 base", order_ref=ref, stop_loss=45000.0, on_fill=TARGET)
        for ref, price in (("first", 49900.0), ("second", 49800.0))
    ),
)  # fmt: skip


def before_the_change(tmp_path: Path, card: str, fault: Switch) -> Live:
    """Return a session half a second before its third close, the fault switched on."""
    live = Live(tmp_path, card)
    live.bar(bars=2 if card == RUNGS else 3)
    if card == RUNGS:
        live.trade("49890", 2_000)
        live.bar("49890")
        live.trade("49790", 2_000)
    live.wait(MINUTE - live.venue.now % MINUTE - 500)
    live.venue.faults.add(fault)
    return live


def out_of_reach(tmp_path: Path, how: str, card: str) -> Live:
    """Return a session whose change of its third close has come to nothing for longer than two requests of it take."""
    live = before_the_change(tmp_path, card, OUTAGES[how])
    live.run(25_000, 500)
    live.venue.faults.clear()
    live.run(20_000, 500)
    return live


@pytest.mark.parametrize("how", OUTAGES)
@pytest.mark.parametrize(
    ("card", "works"),
    [
        (PLACED + MOVED, ("0.12", "49300")),
        (EXIT_MOVED, ("0.1", "50500")),
        (RUNGS, ("0.1", "50348.5")),
    ],
)
def test_a_change_that_is_lost_again_and_again_leaves_until_it_is_done(
    tmp_path: Path, card: str, works: tuple[str, str], how: str
) -> None:
    live = out_of_reach(tmp_path, how, card)
    assert works in stands(live)
    if how != "not answered":
        assert len([path for path, _ in live.posted if path == ON_MOVE]) > 2
    assert len(told(live)) == (how != "not answered"), "lost three times in a row it is told, once"
    ended(live)


# ---------------------------------------------------------------- refused

CODES = (10001, 110003, 110007, 110017)
MOVED_TWICE = at_bar(
    3, emit("amend_order", order_ref="in", price=49300.0, size="0.12 base"), block="then", last=4
)


def refused(tmp_path: Path, card: str, fault: Switch) -> Live:
    """Return a session whose change of its third close the venue has refused once, a while and a close later."""
    live = before_the_change(tmp_path, card, fault)
    live.run(3_000)
    live.venue.faults.clear()
    live.bar("49790" if card == RUNGS else "50000")
    live.run(20_000, 500)
    return live


def told(live: Live) -> list[str]:
    return [notice.text for notice in live.session.notices if notice.kind == "change_lost"]


@pytest.mark.parametrize("code", CODES)
def test_a_change_of_an_entry_that_is_refused_and_that_nothing_asks_for_again_is_told_once(
    tmp_path: Path, code: int
) -> None:
    once = Switch(kind=Fault.CODE, value=code, on=ON_MOVE, times=1)
    live = refused(tmp_path, PLACED + MOVED, once)
    assert stands(live) == [("0.1", "49000")]
    assert [text.split("`")[1] for text in told(live)] == ["in"]
    ended(live)


MOVED_EXITS = [(EXIT_MOVED, ("0.1", "50500")), (RUNGS, ("0.1", "50348.5"))]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("card", "works"), MOVED_EXITS)
def test_a_change_of_an_exit_that_is_refused_is_asked_for_again(
    tmp_path: Path, card: str, works: tuple[str, str], code: int
) -> None:
    """Refused once, it stood where it was for good: half of what was held, at an old price."""
    twice = Switch(kind=Fault.CODE, value=code, on=ON_MOVE, times=2)
    live = before_the_change(tmp_path, card, twice)
    live.run(6_000)
    assert works in stands(live)
    live.run(20_000, 500)
    assert not told(live)
    ended(live)


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_change_of_an_exit_that_stays_refused_is_told_once_and_asked_for_until_it_is_done(
    tmp_path: Path, is_killed: bool
) -> None:
    live = before_the_change(
        tmp_path, EXIT_MOVED, Switch(kind=Fault.CODE, value=110003, on=ON_MOVE)
    )
    live.run(65_000, 500)
    (text,) = told(live)
    assert "its change was refused (" in text
    assert text.endswith("and it is asked for again until it is done")
    assert len([path for path, _ in live.posted if path == ON_MOVE]) == 6
    live.venue.faults.clear()
    if is_killed:
        live.restart()
    live.run(40_000, 500)
    assert ("0.1", "50500") in stands(live)
    ended(live)


def test_a_change_of_an_exit_that_stays_refused_ends_with_its_position(tmp_path: Path) -> None:
    live = before_the_change(
        tmp_path, EXIT_MOVED, Switch(kind=Fault.CODE, value=110003, on=ON_MOVE)
    )
    live.run(3_000)
    live.session.said("flatten", "ann")
    live.run(5_000)
    asked = len(live.posted)
    live.run(60_000, 500)
    assert (live.held, len(live.posted), told(live)) == (0, asked, [])
    ended(live)


def test_a_change_that_is_refused_and_that_its_rule_asks_for_again_is_not_told(
    tmp_path: Path,
) -> None:
    once = Switch(kind=Fault.CODE, value=110007, on=ON_MOVE, times=1)
    live = refused(tmp_path, PLACED + MOVED_TWICE, once)
    assert (stands(live), told(live)) == ([("0.12", "49300")], [])
    ended(live)


@pytest.mark.parametrize("card", [PLACED + MOVED, EXIT_MOVED])
def test_a_change_that_is_refused_because_its_order_has_filled_is_not_told(
    tmp_path: Path, card: str
) -> None:
    live = refused(tmp_path, card, Switch(kind=Fault.FILL_ON_AMEND, on=ON_MOVE, times=1))
    order = live.order("out" if card == EXIT_MOVED else "in")
    assert (order.filled, told(live)) == (100, [])
    ended(live)


# ---------------------------------------------------------------- the newest word

BACK = {
    "exit": (EXIT_MOVED + at_bar(4, emit("amend_order", order_ref="out", price=51000.0), block="back"), ("0.1", "51000")),
    "entry": (PLACED + MOVED + at_bar(4, emit("amend_order", order_ref="in", price=49000.0), block="back"), ("0.12", "49000")),
}  # fmt: skip


@pytest.mark.parametrize("case", BACK)
@pytest.mark.parametrize("ms", [0, 1_500, 4_000, 8_000])
def test_an_order_that_is_to_stay_where_it_is_moves_no_more(
    tmp_path: Path, case: str, ms: int
) -> None:
    """Its move was lost over the next close, which wants it where it still is: there was nothing to send, and it moved."""
    card, works = BACK[case]
    live = before_the_change(tmp_path, card, OUTAGES["lost"])
    live.run(60_000 + ms, 500)
    live.venue.faults.clear()
    live.run(40_000, 500)
    assert works in stands(live)
    assert len(told(live)) == 1, "what it was to move to before, lost three times"
    ended(live)


@pytest.mark.parametrize("ms", [700, 10, 1_500, 2_500])
@pytest.mark.parametrize("is_killed", [False, True])
def test_an_exit_that_comes_back_does_so_where_the_card_moves_it(
    tmp_path: Path, ms: int, is_killed: bool
) -> None:
    """The venue ends it as the card moves it: the move met an exit that was owed, or one that had just ended."""
    live = before_the_change(tmp_path, EXIT_MOVED, Switch(kind=Fault.STREAM_FIRST, on="nothing"))
    live.wait(MINUTE - ms - (live.venue.now % MINUTE) if ms > 500 else 500 - ms)
    acts.cancel_everything(live.venue.state, "CancelByAdmin")
    live.run(ms + 300, 10)
    if is_killed:
        live.restart()
    live.run(20_000, 500)
    assert ("0.1", "50500") in stands(live)
    assert not live.warned("change_lost")
    live.bar("50510")
    assert live.held == live.venue_held == 0
    ended(live)
