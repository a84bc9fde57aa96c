"""Entries that follow a fill and that are held back by what passes by itself: they wait, and leave then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, D, Live, ended
from tests.runtime.live.test_rearm import GRID
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


def follows(action: str) -> str:
    """Return a card whose entry at 49,900 asks for one more when it has filled."""
    return at_bar(
        1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in", stop_loss=45000.0, on_fill=f"[{action}]")
    )  # fmt: skip


SAFETY = follows(
    "{ action: place_limit_long, metadata: { price: 49500, size: fill, order_ref: dca, stop_loss: 45000 } }"
)
MORE = follows("{ action: entry_long, metadata: { size: fill, order_ref: dca, stop_loss: 45000 } }")
NO_BARS = (
    Switch(kind=Fault.DROP, on="kline*"),
    Switch(kind=Fault.HTTP, on="market/kline", value=502),
)


def away(live: Live, how: str, prices: tuple[str, ...]) -> None:
    """Cut the session off, or from bars alone, for a minute at each price."""
    if how == "cut":
        live.disconnect()
    else:
        for switch in NO_BARS:
            live.venue.faults.add(switch)
    for price in prices:
        live.venue.trade(D(price))
        live.run(MINUTE, 1_000)


def back(live: Live) -> None:
    if not live.streams:
        live.connect()
    live.venue.faults.clear()
    live.run(20_000)


def waiting(tmp_path: Path, card: str = SAFETY) -> Live:
    """Return a session that is cut off and whose close has asked for what follows the fill."""
    live = Live(tmp_path, card)
    live.bar(bars=3)
    away(live, "cut", ("49890", "49950"))
    assert live.held == 100
    return live


@pytest.mark.parametrize("how", ["cut", "no bars"])
@pytest.mark.parametrize("card", [SAFETY, GRID], ids=["on_fill", "rearm"])
def test_an_entry_that_follows_a_fill_leaves_when_entries_are_held_back_no_more(
    tmp_path: Path, how: str, card: str
) -> None:
    live = Live(tmp_path, card)
    live.bar(bars=3)
    if card == GRID:
        live.trade("49850", 2_000)
        live.bar("49950")
        away(live, how, ("50250", "50000", "50000"))
    else:
        away(live, how, ("49890", "49950", "49950"))
    back(live)
    live.bar("49950", bars=2)
    order = live.order("dip" if card == GRID else "dca")
    assert (order.is_accepted, order.remaining, order.is_terminal) == (True, 100, False)
    assert not live.warned("entry_lost")
    ended(live)


def test_an_entry_that_waits_is_asked_about_nowhere_and_leaves_after_a_restart(
    tmp_path: Path,
) -> None:
    live = waiting(tmp_path)
    assert live.desk.kept == {live.order("dca").order_id}
    live.restart()
    live.run(20_000)
    order = live.order("dca")
    assert (order.is_accepted, order.remaining) == (True, 100)
    sent = [
        body
        for path, body in live.posted
        if path == "order/create" and body.get("price") == "49500"
    ]
    assert len(sent) == 1
    ended(live)


@pytest.mark.parametrize(("word", "is_told"), [("pause", True), ("cancel", False)])
def test_a_person_s_word_ends_the_wait(tmp_path: Path, word: str, is_told: bool) -> None:
    live = waiting(tmp_path)
    live.session.said(word, "ann", live.order("dca").order_id if word == "cancel" else "")
    live.run(1_000)
    order = live.order("dca")
    assert (order.state, order.reason) == ("rejected", "held_back" if is_told else "user")
    assert live.warned("entry_lost") == is_told
    back(live)
    assert live.held == live.venue_held == 100
    ended(live)


def test_an_entry_at_market_does_not_leave_on_another_market(tmp_path: Path) -> None:
    live = waiting(tmp_path, MORE)
    order = live.order("dca")
    assert (order.state, order.reason) == ("rejected", "held_back")
    assert live.warned("entry_lost")
    back(live)
    assert live.held == live.venue_held == 100
    ended(live)


def test_an_entry_does_not_wait_for_ever(tmp_path: Path) -> None:
    live = waiting(tmp_path)
    live.wait(10 * MINUTE)
    assert (live.order("dca").reason, live.warned("entry_lost")) == ("held_back", True)
    back(live)
    ended(live)


def test_an_entry_that_turns_a_position_does_not_leave_as_large_as_that_was(tmp_path: Path) -> None:
    turn = follows(
        "{ action: place_limit_short, metadata: { price: 50500, size: 0.05 base, order_ref: turn, stop_loss: 52000 } }"
    )
    policy = "position_policy: { mode: long_short, allow_flip: true, max_layers: 8 }"
    live = Live(tmp_path, turn, more={"more": policy})
    live.bar(bars=3)
    away(live, "cut", ("49890", "49950"))
    order = live.order("turn")
    assert order.spec.carries == 100
    assert (order.state, order.reason) == ("rejected", "held_back")
    assert live.warned("entry_lost")
    away(live, "cut", ("44900", "50600"))  # the stop of what was to be turned is hit meanwhile
    back(live)
    assert live.held == live.venue_held == 0
    ended(live)


def followed(
    tmp_path: Path, card: str, *faults: Switch, more: dict[str, str] | None = None
) -> Live:
    """Return a session whose entry has filled, and faults stand as what follows it leaves."""
    live = Live(tmp_path, card, more=more)
    live.bar(bars=3)
    if card == GRID:
        live.trade("49850", 2_000)
        live.bar("49950")
        live.venue.trade(D("50250"))
        live.run(2_000)
    else:
        live.venue.trade(D("49890"))
        live.run(2_000)
    for fault in faults:
        live.venue.faults.add(fault)
    asked = len(live.posted)
    while not any(path == "order/create" for path, _ in live.posted[asked:]):
        live.run(250, 250)
    return live


LOST = {
    "dropped": Switch(kind=Fault.DROP_REQUEST, on="order/create", times=1),
    "502": Switch(kind=Fault.HTTP, value=502, on="order/create", times=1),
    "too many": Switch(kind=Fault.CODE, value=10006, on="order/create", times=1),
}


@pytest.mark.parametrize("how", [*LOST, "killed"])
@pytest.mark.parametrize("card", [SAFETY, GRID], ids=["on_fill", "rearm"])
def test_an_entry_that_follows_a_fill_leaves_again_where_its_one_request_is_lost(
    tmp_path: Path, how: str, card: str
) -> None:
    fault = LOST.get(how) or Switch(kind=Fault.DROP_REQUEST, on="order/create")
    live = followed(tmp_path, card, fault)
    if how == "killed":
        live.venue.faults.clear()
        live.restart()
    live.run(30_000)
    order = live.order("dip" if card == GRID else "dca")
    assert (order.is_accepted, order.remaining, order.is_terminal) == (True, 100, False)
    assert not live.warned("entry_lost")
    ended(live)


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        (SAFETY, Switch(kind=Fault.DROP_REQUEST, on="order/create")),
        (SAFETY, Switch(kind=Fault.CODE, value=10006, on="order/create")),
        (SAFETY, Switch(kind=Fault.CODE, value=110007, on="order/create")),
        (MORE, Switch(kind=Fault.DROP_REQUEST, on="order/create")),
    ],
    ids=["lost for long", "too many for long", "refused", "at market"],
)
def test_an_entry_that_follows_a_fill_and_does_not_come_through_is_told(
    tmp_path: Path, card: str, fault: Switch
) -> None:
    live = followed(tmp_path, card, fault)
    live.wait(3 * MINUTE)
    live.venue.faults.clear()
    live.run(30_000)
    assert (live.order("dca").state, live.warned("entry_lost")) == ("rejected", True)
    assert live.held == live.venue_held == 100
    ended(live)


def test_an_entry_that_is_sent_again_and_had_arrived_rests_once(tmp_path: Path) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, value=25_000, on="order/create", times=1)
    unheard = Switch(kind=Fault.DROP_ANSWER, on="order/create", times=1)
    live = followed(tmp_path, SAFETY, late, unheard)
    live.run(60_000)
    resting = [o for o in live.venue.state.open_orders("BTCUSDT") if o.price == D("49500")]
    assert (len(resting), live.order("dca").is_accepted) == (1, True)
    ended(live)


# ---------------------------------------------------------------- what is asked of an entry that waits

CHANGED = {
    "price": (emit("amend_order", order_ref="dca", price=49300.0), ("0.1", "49300")),
    "smaller": (emit("amend_order", order_ref="dca", size="0.02 base"), ("0.02", "49500")),
    "larger": (emit("amend_order", order_ref="dca", size="0.101 base"), ("0.101", "49500")),
    "placed anew": (
        emit("place_limit_long", order_ref="dca", price=49200.0, size="0.05 base", stop_loss=45000.0, on_live_ref="replace"),
        ("0.05", "49200"),
    ),
}  # fmt: skip


def changed(tmp_path: Path, change: str) -> Live:
    """Return a session that is cut off and whose next close asks for a change of the entry that waits."""
    live = waiting(tmp_path, SAFETY + at_bar(4, change, block="change"))
    away(live, "cut", ("49950",))
    assert (live.desk.kept, live.desk.engine.refusals) == ({live.order("dca").order_id}, [])
    return live


def rests(live: Live) -> list[tuple[str, str]]:
    """Return size and price of the entries that rest at the venue."""
    rows = live.venue.state.open_orders("BTCUSDT")
    return [(str(o.qty), str(o.price)) for o in rows if not o.trigger]


@pytest.mark.parametrize("how", CHANGED)
def test_a_change_of_an_entry_that_waits_is_done_at_once(tmp_path: Path, how: str) -> None:
    change, wanted = CHANGED[how]
    live = changed(tmp_path, change)
    order = live.order("dca")
    assert (str(order.remaining), order.limit_price, order.amending) == (
        str(int(float(wanted[0]) * 1000)), float(wanted[1]), None,
    )  # fmt: skip
    back(live)
    assert rests(live) == [wanted]
    assert [path for path, _ in live.posted if path == "order/amend"] == []
    live.trade("49100", 3_000)
    assert live.held == live.venue_held == 100 + order.quantity
    ended(live)


@pytest.mark.parametrize("where", ["while it waits", "as it leaves", "request lost"])
def test_an_entry_that_was_changed_before_it_left_leaves_again_as_it_is(
    tmp_path: Path, where: str
) -> None:
    """Its name is the same, what was decided first is on the disk, and the venue gets it once."""
    change, wanted = CHANGED["placed anew"]
    live = changed(tmp_path, change)
    if where == "while it waits":
        live.restart()
    else:
        live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create"))
        if not live.streams:
            live.connect()
        asked = len(live.posted)
        while not any(path == "order/create" for path, _ in live.posted[asked:]):
            live.run(250, 250)
        if where == "as it leaves":
            live.restart()
        live.venue.faults.clear()
    live.run(30_000)
    assert rests(live) == [wanted]
    ended(live)
