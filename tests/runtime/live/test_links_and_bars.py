"""Links that break, answers that are old or missing, bars that come twice, late or not at all."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.rest import Answered
from tests.runtime.live.bench import MINUTE, SYMBOL, Live
from tests.runtime.live.test_placing import LIMIT, MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


def closes(live: Live) -> list[int]:
    """The starts of the bars the desk has closed."""
    return list(live.desk._data.exec.ts)


def test_065_fills_of_an_outage_are_booked_before_entries_go_on(tmp_path: Path) -> None:
    """Fills happen while the streams are down: booked before anything new is opened."""
    live = started(tmp_path, MARKET)
    live.disconnect()
    live.venue.trade(Decimal("48900"))
    live.run(2_000)
    live.connect()
    live.run(3_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()


def test_the_connection_for_requests_does_not_idle_until_it_is_closed(tmp_path: Path) -> None:
    """One that idles is closed at the other end, and the next stop would wait for another or be lost."""
    live = Live(tmp_path, LIMIT, pace=Pace(clock_ms=10**9, warm_ms=15_000))
    asked: list[str] = []
    send = live.road.send
    live.road.send = lambda method, path, fields: (  # type: ignore[method-assign]
        asked.append(path),
        send(method, path, fields),
    )[1]
    live.run(1_000)
    asked.clear()
    live.run(50_000)
    assert asked.count("market/time") == 3 * 2  # what protects has a connection of its own


def test_bars_that_do_not_come_are_asked_for_with_patience(tmp_path: Path) -> None:
    """A venue that refuses at once is not asked as fast as it refuses: that is how an address is banned."""
    live = Live(tmp_path, LIMIT)
    live.venue.faults.add(Switch(kind=Fault.DROP_CONFIRM))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="market/kline", value=10016))
    asked: list[int] = []
    send = live.road.send
    live.road.send = lambda method, path, fields: (  # type: ignore[method-assign]
        asked.append(live.venue.now) if path == "market/kline" else None,
        send(method, path, fields),
    )[1]
    live.run(180_000)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps[:4] == pytest.approx([1_000, 2_000, 5_000, 10_000], abs=250)
    assert len(gaps) > 8
    assert max(gaps) <= 10_250
    live.venue.faults.clear()
    live.run(12_000)
    assert closes(live)[-1] == live.venue.now // MINUTE * MINUTE - MINUTE


def test_058_without_the_private_stream_nothing_is_opened(tmp_path: Path) -> None:
    live = Live(tmp_path, LIMIT)
    live.bar()
    live.session.link("private", is_up=False, why="test")
    live.bar()
    assert live.order("in").reason == "held_back"
    assert live.posted == []


def test_a_bar_the_venue_does_not_have_is_passed_over_and_said(tmp_path: Path) -> None:
    """An outage of the venue's own leaves a hole for good: the bars behind it still decide."""
    card = at_bar(
        1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in")
    ) + at_bar(5, emit("exit_long"))
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.run(2_000)
    hole = closes(live)[-1] + MINUTE
    send, take = live.road.carry, live.session.frame

    def carry(method: str, path: str, fields: Any) -> Answered:
        got: Answered = send(method, path, fields)
        if path != "market/kline":
            return got
        rows = [row for row in got.answer["result"]["list"] if int(row[0]) != hole]
        return Answered(got.answer | {"result": got.answer["result"] | {"list": rows}}, got.headers)

    def frame(message: dict[str, Any]) -> None:
        is_lost = str(message["topic"]).startswith("kline") and message["data"][0]["start"] == hole
        if not is_lost:
            take(message)

    live.road.carry, live.session.frame = carry, frame  # type: ignore[method-assign]
    live.bar("49500", bars=6)
    live.run(10_000)
    assert hole not in closes(live)
    assert closes(live)[-1] >= hole + 4 * MINUTE
    assert live.warned("bar_missing")
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_entries_are_held_while_bars_cannot_be_had(tmp_path: Path) -> None:
    live = Live(tmp_path, LIMIT)
    live.bar()
    live.venue.faults.add(Switch(kind=Fault.CODE, on="market/kline", value=10016))
    live.venue.hub.close(live.streams["public"])  # the session was not told
    live.run(3 * MINUTE)
    assert live.warned("no_bars")
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: no_bars"


def test_068_too_many_requests_are_no_refusal_of_a_stop(tmp_path: Path) -> None:
    """Too many requests: what protects has its reserved share and is sent again."""
    slow = Switch(kind=Fault.CODE, on="order/create", link="*-v*", times=2, value=10006)
    live = started(tmp_path, MARKET, slow)
    live.run(5_000)
    assert live.held == live.venue_held == 100
    assert live.at_venue() == ["v1"]
    live.laws()


def test_068_our_own_count_keeps_the_venue_from_refusing(tmp_path: Path) -> None:
    many = at_bar(1, *[
        emit("place_limit_long", size="0.01 base", price=49000.0 + 10 * n, order_ref=f"r{n}")
        for n in range(20)
    ])  # fmt: skip
    live = Live(tmp_path, many)
    live.bar(bars=2)
    live.run(5_000)
    assert len(live.at_venue()) == 20
    assert not any(o.reason for o in live.ledger.orders.values())
    live.laws()


def test_069_a_ban_stops_every_request_for_ten_minutes(tmp_path: Path) -> None:
    """The address is banned: ten minutes without one request, told; the stop stands, an exit waits and leaves then."""
    held = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0))
    add = at_bar(3, emit("place_limit_long", size="0.1 base", price=49500.0, order_ref="add"))
    during = at_bar(6, emit("exit_long", size="0.04 base", order_ref="during"))
    later = at_bar(14, emit("place_limit_long", size="0.1 base", price=49600.0, order_ref="later"))
    live = started(tmp_path, held + add + during + later)
    live.venue.faults.add(Switch(kind=Fault.BAN, on="order/create", times=1, value=60_000))
    asked: list[tuple[int, str]] = []
    send = live.road.send
    live.road.send = lambda method, path, fields: (  # type: ignore[method-assign]
        asked.append((live.venue.now, path)),
        send(method, path, fields),
    )[1]
    live.bar(bars=2)
    assert live.warned("banned")
    assert live.order("add").reason == "banned"
    live.bar(bars=10)

    banned_at = next(at for at, path in asked if path == "order/create")
    assert min(at for at, _ in asked if at > banned_at) >= banned_at + 600_000
    assert (live.order("during").state, live.held, live.venue_held) == ("filled", 60, 60)
    live.bar(bars=2)
    assert live.order("later").is_accepted
    assert len(live.at_venue()) == 2  # the stop stood all the time
    live.laws()


@pytest.mark.parametrize("kind", [Fault.HTML, Fault.HALF, Fault.CODE, Fault.JSON_ODD])
def test_070_an_odd_answer_to_a_question_says_nothing(tmp_path: Path, kind: Fault) -> None:
    """Maintenance answers with pages and half messages: no list was empty because of it."""
    live = started(tmp_path, LIMIT)
    live.venue.faults.add(Switch(kind=kind, on="order/*", p=1.0, value=10016))
    live.run(60_000, 1_000)
    assert live.order("in").is_accepted
    assert not live.order("in").is_terminal
    live.laws()


@pytest.mark.parametrize("seed", range(3))
def test_071_an_old_answer_makes_nothing_absent(tmp_path: Path, seed: int) -> None:
    """A replica that lags answers as of a while ago: absence needs two looks and no word in between."""
    stale = Switch(kind=Fault.STALE, on="order/realtime", value=1_500)
    live = started(tmp_path, LIMIT, stale, Switch(kind=Fault.DROP_ANSWER, on="order/create"),
                   Switch(kind=Fault.DROP, on="order"), seed=seed)  # fmt: skip
    live.run(15_000)
    assert live.order("in").is_accepted
    live.laws()


def test_074_an_expired_key_halts(tmp_path: Path) -> None:
    """The key expires or loses its right while the session runs."""
    live = Live(tmp_path, LIMIT)
    live.bar()
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=33004))
    live.bar()
    assert live.warned("keys")
    assert live.desk.guard.halted


def test_094_a_market_that_takes_no_entries_stops_them(tmp_path: Path) -> None:
    live = started(tmp_path, LIMIT, Switch(kind=Fault.CODE, on="order/create", value=30228))
    assert live.warned("market")
    assert live.desk.guard.why_no_entries(live.venue.now)


def test_076_a_bar_told_twice_closes_once(tmp_path: Path) -> None:
    """The end of one bar is told twice."""
    live = Live(tmp_path, MARKET, faults=[Switch(kind=Fault.CONFIRM_TWICE, on="kline*")])
    live.bar(bars=4)
    starts = closes(live)
    assert starts == sorted(set(starts))
    assert len(live.posted) == 2
    live.laws()


def test_077_a_bar_nobody_told_of_is_fetched_and_decides(tmp_path: Path) -> None:
    """The end of a bar is never told: fetched after a grace, and it decides."""
    live = Live(tmp_path, MARKET, faults=[Switch(kind=Fault.DROP_CONFIRM, on="kline*", at=(2,))])
    live.bar(bars=2)
    live.run(10_000)
    (told,) = [one for one in live.session.notices if one.kind == "bar_gap"]
    assert (
        live.venue.now - 10_000 <= told.ts <= live.venue.now
    )  # what is shown of it has its time, and tells times as people do
    assert "UTC" in told.text
    assert live.held == 100
    live.laws()


def test_078_a_late_word_of_a_fetched_bar_says_nothing(tmp_path: Path) -> None:
    """The end of a bar is told after it was fetched."""
    late = Switch(kind=Fault.LATE_CONFIRM, on="kline*", value=12_000)
    live = Live(tmp_path, MARKET, faults=[late])
    live.bar(bars=4)
    live.run(20_000)
    starts = closes(live)
    assert starts == list(range(starts[0], starts[-1] + 1, MINUTE))
    live.laws()


def test_079_after_a_hole_only_the_newest_bar_decides(tmp_path: Path) -> None:
    """Bars are missing after an outage: the old ones only advance the state."""
    cards = "".join(
        at_bar(n, emit("place_limit_long", size="0.01 base", price=49000.0, order_ref=f"r{n}"))
        for n in range(1, 12)
    )
    live = Live(tmp_path, cards)
    live.bar()
    live.disconnect()
    live.run(6 * MINUTE, 10_000)
    live.connect()
    live.run(8_000)
    starts = closes(live)
    assert starts == list(range(starts[0], starts[-1] + 1, MINUTE))
    placed = {o.spec.created_bar for o in live.ledger.orders.values() if o.is_accepted}
    assert all(bar >= len(starts) - 1 for bar in placed)
    live.laws()


def test_080_the_open_bar_of_an_answer_is_not_closed(tmp_path: Path) -> None:
    """A list of bars holds the open one: it is no closed bar."""
    live = Live(tmp_path, LIMIT, faults=[Switch(kind=Fault.DROP_CONFIRM, on="kline*")])
    live.bar(bars=3)
    live.run(10_000)
    assert closes(live)[-1] + MINUTE <= live.venue.now


def test_082_a_revised_bar_is_counted_and_the_first_word_stands(tmp_path: Path) -> None:
    """A bar is told again with other values: the first word stands, the second is counted."""
    live = Live(tmp_path, LIMIT)
    live.bar(bars=2)
    before = live.desk._data.exec.close[-1]
    gate = live.session.gate
    message = {
        "topic": f"kline.1.{SYMBOL}", "data": [{
            "interval": "1", "start": gate.last, "open": "1", "high": "1", "low": "1", "close": "1",
            "volume": "1", "confirm": True,
        }],
    }  # fmt: skip
    live.session.frame(message)
    assert gate.revised == 1
    assert live.desk._data.exec.close[-1] == before
