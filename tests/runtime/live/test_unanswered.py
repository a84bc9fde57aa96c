"""Nobody answers: what protects, closes or cancels is repeated under its id; a ban and a lock stop nothing that acts."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from runtime.errors import OutcomeUnknown
from runtime.live.journal import Journal, JournalError, RecordKind
from tests.runtime.live.bench import SYMBOL, Live
from tests.runtime.live.test_placing import LIMIT, MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

DAY_MS = 86_400_000


def blind(live: Live, path: str, losing: int) -> None:
    """From the next request of a kind on: the first ones are lost, and no question about orders is answered."""
    send, left = live.road.carry, [losing]

    def carry(method: str, where: str, fields: dict[str, object]) -> object:
        is_it = method == "POST" and where == path and fields.get("reduceOnly", True)
        if is_it and left[0]:
            left[0] -= 1
            for asked in ("order/realtime", "order/history"):
                live.venue.faults.add(Switch(kind=Fault.CODE, on=asked, value=10016))
            raise OutcomeUnknown("lost")
        return send(method, where, fields)

    live.road.carry = carry  # type: ignore[method-assign, assignment]


def test_a_lost_stop_is_sent_again_though_no_question_is_answered(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    blind(live, "order/create", 1)
    live.bar(bars=2)
    live.run(20_000)
    stops = [order for order in live.venue.state.open_orders(SYMBOL) if order.trigger]
    assert len(stops) == 1
    assert not live.desk.guard.halted
    live.venue.faults.clear()
    live.run(60_000)
    live.laws()


def test_a_lost_cancel_is_sent_again_though_no_question_is_answered(tmp_path: Path) -> None:
    live = started(tmp_path, LIMIT)
    assert live.venue.state.open_orders(SYMBOL)
    blind(live, "order/cancel", 1)
    live.session.said("halt", "test")
    live.run(20_000)
    assert not live.venue.state.open_orders(SYMBOL)
    live.venue.faults.clear()
    live.run(60_000)
    live.laws()


def test_a_stop_leaves_before_the_entries_that_wait(tmp_path: Path) -> None:
    """One market entry and three limits at one close: one request is out, and the stop is the next."""
    more = "".join(
        at_bar(
            1,
            emit("place_limit_long", size="0.01 base", price=48000.0 - n, order_ref=f"l{n}"),
            block=f"m{n}",
        )
        for n in range(3)
    )
    live = Live(tmp_path, MARKET + more)
    live.worker.do = lambda job, then: live.worker.waiting.append(  # type: ignore[method-assign]
        lambda: then(job())
    )
    live.bar(bars=2)
    live.run(10_000)
    kinds = [
        "stop" if body.get("triggerPrice") else str(body["orderType"])
        for path, body in live.posted
        if path == "order/create"
    ]
    assert kinds.count("Limit") == 3
    assert kinds.index("stop") <= kinds.index("Market") + 2
    live.laws()


def test_a_banned_address_asks_nothing_for_ten_minutes(tmp_path: Path) -> None:
    """What is asked meanwhile prolongs the ban, and with it the time in which nothing can be protected."""
    live = started(tmp_path, MARKET)
    live.venue.faults.add(Switch(kind=Fault.BAN, times=1, value=60_000))
    live.run(60_000)
    sent, send = [0], live.road.send

    def counted(method: str, path: str, fields: dict[str, object]) -> object:
        sent[0] += 1
        return send(method, path, fields)

    live.road.send = counted  # type: ignore[method-assign, assignment]
    live.run(300_000)
    assert sent[0] == 0
    live.venue.faults.clear()
    live.run(400_000)
    assert sent[0] > 0
    live.laws()


def test_a_row_of_tomorrow_does_not_stop_the_clock_of_a_session(tmp_path: Path) -> None:
    """Its stop vanishes after it: it is missed, and made again."""
    live = started(tmp_path, MARKET)
    row = live.backend.intake
    ahead = live.venue.now + DAY_MS
    (stop,) = [order for order in live.desk.ledger.book if order.is_armed_stop]
    rows = live.road.send("GET", "order/realtime", {"category": "linear", "symbol": SYMBOL}).answer
    told = dict(rows["result"]["list"][0]) | {"updatedTime": str(ahead)}
    assert row.orders([told])[0].updated_at == live.venue.now
    live.session.frame({"topic": "order", "data": [told]})
    live.act("drop_stop")
    live.run(20_000)
    assert live.desk._ts <= live.venue.now
    stops = [order for order in live.venue.state.open_orders(SYMBOL) if order.trigger]
    assert len(stops) == 1
    assert stops[0].link != live.names.link(stop.order_id)
    live.laws()


def test_a_journal_that_another_process_holds_makes_no_stop_wait(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.journal")
    other = sqlite3.connect(tmp_path / "a.journal", isolation_level=None)
    other.execute("begin immediate")
    began = time.monotonic()
    with pytest.raises(JournalError, match="locked"):
        journal.write([(1, RecordKind.ITEM, "x")])
    assert time.monotonic() - began < 2.0
    other.execute("rollback")
    other.close()
    journal.write([(1, RecordKind.ITEM, "x")])
    journal.close()
