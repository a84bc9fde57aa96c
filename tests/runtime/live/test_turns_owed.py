"""An entry at market that turns the position is the way out of what is held: whatever becomes of its one order, that is closed.

What it was to open is an entry: lost as one is, and told.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.pace import Pace
from runtime.live.items import BarArrived, Ordered, Reconciled
from runtime.live.paper import PaperDesk
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import BTC, MINUTE, SYMBOL, D, Live, ended, program
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

FLIPS = {"more": "position_policy: { mode: long_short, max_layers: 8, allow_flip: true }"}
IN = at_bar(1, emit("entry_long", size="0.05 base"))
SHORT = emit("entry_short", size="0.03 base", order_ref="turn")
TURN = IN + at_bar(4, SHORT)
TARGET = IN + at_bar(4, emit("adjust_size", size="0.03 base", side="short", order_ref="turn"))
CREATE = "order/create"
REFUSED = {
    "no margin": Switch(kind=Fault.CODE, value=110007, on=CREATE, times=1),
    "too many": Switch(kind=Fault.CODE, value=10006, on=CREATE, times=1),
    "by the stream": Switch(kind=Fault.REJECT, on=CREATE, times=1),
}
IN_DOUBT = {
    "dropped": Switch(kind=Fault.DROP_REQUEST, on=CREATE, times=1),
    "502": Switch(kind=Fault.HTTP, value=502, on=CREATE, times=1),
    "answer lost": Switch(kind=Fault.DROP_ANSWER, on=CREATE, times=1),
    "late": Switch(kind=Fault.DELAY_EFFECT, value=14_000, on=CREATE, times=1),
    "very late": Switch(kind=Fault.DELAY_EFFECT, value=66_000, on=CREATE, times=1),
}


class Killed(BaseException):
    """The process is gone."""


def before_the_turn(tmp_path: Path, card: str = TURN, **settings: Any) -> Live:
    """Return a session of 50 long, two seconds before the close that turns it."""
    live = Live(tmp_path, card, pace=Pace(), more=FLIPS, **settings)
    live.bar(bars=4)
    live.venue.trade(D(50_000))
    live.run(MINUTE - live.venue.now % MINUTE - 2_000)
    assert live.held == live.venue_held == 50
    return live


def turned(tmp_path: Path, *faults: Switch, card: str = TURN, ms: int = 10_000) -> Live:
    """Return the session so many ms after that close, and the faults since before it."""
    live = before_the_turn(tmp_path, card)
    for fault in faults:
        live.venue.faults.add(fault)
    live.run(2_000 + ms)
    return live


def closing(live: Live) -> list[int]:
    """Return the lots of the exits that have left."""
    sent = [body for path, body in live.posted if path == CREATE and body["reduceOnly"]]
    return [int(Decimal(str(body["qty"])) * 1000) for body in sent]


def closed(live: Live) -> None:
    """Hold a session to what it has closed, once, and told."""
    assert live.held == live.venue_held == 0
    assert closing(live) == [50]
    assert live.warned("entry_lost")
    assert not live.desk.guard.halted
    assert live.desk.to_close == 0
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    ended(live)


@pytest.mark.parametrize("card", [TURN, TARGET])
@pytest.mark.parametrize("how", REFUSED)
def test_what_a_refused_turn_was_to_close_is_closed_by_an_exit(
    tmp_path: Path, how: str, card: str
) -> None:
    closed(turned(tmp_path, REFUSED[how], card=card))


def test_what_a_turn_was_to_close_is_asked_for_until_it_is_closed(tmp_path: Path) -> None:
    """The turn and then two exits are refused: the third exit closes."""
    refused = Switch(kind=Fault.CODE, value=110007, on=CREATE, times=3)
    live = turned(tmp_path, refused)
    assert live.held == live.venue_held == 0
    assert closing(live) == [50, 50, 50]
    assert not live.desk.guard.halted
    ended(live)


@pytest.mark.parametrize("how", IN_DOUBT)
def test_a_turn_in_doubt_is_waited_for_and_done_once(tmp_path: Path, how: str) -> None:
    """Sent again under its own name it is done whole, however late the first acts; nothing closes beside it."""
    live = turned(tmp_path, IN_DOUBT[how], ms=80_000)
    assert live.held == live.venue_held == -30
    assert closing(live) == []
    assert not live.warned("entry_lost")
    assert not live.warned("came_back")
    ended(live)


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_kill_at_the_request_of_a_turn_loses_and_doubles_nothing(
    tmp_path: Path, *, has_arrived: bool
) -> None:
    live = before_the_turn(tmp_path)

    def kill(path: str, body: dict[str, object]) -> None:
        if has_arrived:
            live.road.carry("POST", path, body)
        raise Killed

    live.road.before = kill
    with pytest.raises(Killed):
        live.run(5_000)
    live.road.before = lambda _path, _body: None
    live.restart()
    live.run(30_000)
    assert live.held == live.venue_held == -30
    assert closing(live) == []
    ended(live)


def test_a_turn_that_never_arrives_is_closed_by_an_exit_when_it_counts_as_lost(
    tmp_path: Path,
) -> None:
    lost = Switch(kind=Fault.DROP_REQUEST, on=CREATE, link="*-o2")
    live = turned(tmp_path, lost, ms=80_000)
    assert live.held == live.venue_held == 50
    assert closing(live) == []
    live.run(60_000)
    closed(live)


def test_a_turn_in_doubt_does_not_leave_again_where_less_is_held(tmp_path: Path) -> None:
    """A person has 20 of the 50 lots reduced meanwhile: sent again, it would open more than its own size."""
    lost = Switch(kind=Fault.DROP_REQUEST, on=CREATE, link="*-o2")
    live = turned(tmp_path, lost, ms=1_000)
    live.session.said("reduce", "ann", "", 40.0)
    live.run(2_000)
    live.venue.faults.clear()
    live.run(60_000)
    assert closing(live) == [20]
    live.run(60_000)
    assert closing(live) == [20, 30]
    assert live.held == live.venue_held == 0
    ended(live)


def test_a_turn_in_doubt_is_not_asked_for_beside_itself(tmp_path: Path) -> None:
    """Its rule holds at the next close, too: beside a turn whose effect is late another would turn 50 lots more."""
    late = Switch(kind=Fault.DELAY_EFFECT, value=66_000, on=CREATE, times=1)
    live = turned(tmp_path, late, card=IN + at_bar(4, SHORT, last=5), ms=80_000)
    assert [one.code for one in live.desk.engine.refusals] == ["venue_uncertain"]
    assert live.held == live.venue_held == -30
    ended(live)


def test_what_a_turn_left_in_a_thin_book_is_closed(tmp_path: Path) -> None:
    """20 of its 80 lots find somebody: 30 are closed by an exit, and its own 30 are lost."""
    live = before_the_turn(tmp_path, levels=20)
    live.act_on_venue("thin_book", amount="0.001")
    live.run(2_500)
    live.act_on_venue("thin_book", amount="1000")
    live.run(8_000)
    assert live.order("turn").filled == 20
    assert live.held == live.venue_held == 0
    assert sum(closing(live)) >= 30
    assert live.warned("entry_lost")
    ended(live)


HOLDS = ("private", "pause", "halt", "warning", "uncertain", "limit")


@pytest.mark.parametrize("what", HOLDS)
def test_what_a_turn_closes_leaves_at_once_where_entries_are_held_back(
    tmp_path: Path, what: str
) -> None:
    """Nothing that holds an entry back holds what reduces: it leaves within the second, as an exit."""
    card = TURN
    if what == "uncertain":
        card += at_bar(
            3, emit("place_limit_long", size="0.01 base", price=40000.0, order_ref="far")
        )
    live = before_the_turn(tmp_path, card)
    live.run(250)
    live.restart()  # its timer is not due at the very close from here on
    match what:
        case "private":
            live.venue.hub.close(live.streams.pop("private"))
            live.session.link("private", is_up=False, why="cut")
        case "warning":
            live.session.warn(Notice(kind="clock", loudness=Loudness.ENTRIES, text="", ts=0))
        case "uncertain":
            live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel"))
            live.session.said("cancel", "ann", live.order("far").order_id)
            live.run(500)
            assert any(order.uncertain for order in live.ledger.book)
        case "limit":
            live.session.said("limit", "ann", "max_orders_per_minute", 0.0)
        case _:
            live.session.said(what, "ann")
    live.run(MINUTE - live.venue.now % MINUTE + 1_500)
    assert closing(live) == [50]
    turn = live.order("turn")
    assert turn.filled == 0
    exits = [o.spec for o in live.ledger.orders.values() if o.spec.role is Role.EXIT]
    assert [one.created_at for one in exits] == [turn.spec.created_at]
    if what == "private":
        live.disconnect()
        live.connect()
        live.run(5_000)
    assert live.held == live.venue_held == 0
    assert live.warned("entry_lost")
    ended(live)


def test_what_a_turn_closes_is_what_the_exits_of_its_close_leave(tmp_path: Path) -> None:
    """The exit of 20 lots leaves beside it, and has not filled when the turn is held back: 30 are owed."""
    live = before_the_turn(tmp_path, IN + at_bar(4, emit("exit_long", size="0.02 base"), SHORT))
    live.session.said("pause", "ann")
    live.run(5_000)
    assert sorted(closing(live)) == [20, 30]
    assert live.held == live.venue_held == 0
    ended(live)


def test_a_turn_that_a_person_takes_back_owes_nothing(tmp_path: Path) -> None:
    live = turned(tmp_path, Switch(kind=Fault.DROP_REQUEST, on=CREATE), ms=1_000)
    live.session.said("cancel", "ann", "o2")
    live.venue.faults.clear()
    live.run(120_000)
    assert live.held == live.venue_held == 50
    assert closing(live) == []
    ended(live)


def test_a_turn_that_rests_at_a_price_owes_nothing(tmp_path: Path) -> None:
    """Until it fills it is no way out: in a back-test it might never fill."""
    limit = emit("place_limit_short", size="0.03 base", price=50500.0, order_ref="turn")
    live = turned(tmp_path, REFUSED["no margin"], card=IN + at_bar(4, limit))
    assert live.order("turn").spec.carries == 50
    assert live.held == live.venue_held == 50
    assert closing(live) == []
    ended(live)


def test_what_a_turn_was_to_close_is_of_no_later_position(tmp_path: Path) -> None:
    """It is closed by hand while the exit is refused, and the card enters again: the new lots stay."""
    card = TURN + at_bar(5, emit("entry_long", size="0.05 base"))
    refused = Switch(kind=Fault.CODE, value=110007, on=CREATE, times=3)
    live = turned(tmp_path, refused, card=card, ms=1_500)
    assert live.held == live.desk.to_close == 50
    live.session.said("flatten", "ann")
    live.run(5_000)
    live.session.said("resume", "ann")
    live.bar(bars=2)
    assert live.held == live.venue_held == 50
    ended(live)


def test_what_a_turn_closes_leaves_where_a_paper_session_is_paused() -> None:
    """The simulator closes at the next open; without a pause it turns."""
    assert paper_lots(word="") == -30
    assert paper_lots(word="pause") == 0


def paper_lots(word: str) -> int:
    """Return the signed lots of a paper session that somebody says a word to before the close that turns it."""
    bars = MarketData(exec=Frame(SYMBOL, "1m", MINUTE))
    desk = PaperDesk(program(TURN, **FLIPS), bars, BTC)
    desk.take(Reconciled(ts=0))
    for bar in range(8):
        if bar == 4 and word:
            desk.take(Ordered(word=word, by="ann", ts=bar * MINUTE))
        price = {"open": 5e4, "high": 5e4, "low": 5e4, "close": 5e4, "mark": 5e4}
        ts = bar * MINUTE
        desk.take(BarArrived(start=ts, **price, volume=1.0, source="stream", received=ts + MINUTE))
    position = desk.ledger.position
    return 0 if position is None else position.side.sign * position.quantity
