"""The process: killed at any moment, restarted, without a disk, replayed."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from runtime.live.journal import Journal, JournalError, RecordKind
from runtime.live.replay import Differs, replay
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import LIMIT, MARKET, creates, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


class Killed(Exception):
    """The process is gone."""


def killed_at(live: Live, nth: int, *, after: bool) -> bool:
    """Kill the process at its nth request from here on, before or after it leaves."""
    count, road = [0], live.road
    send = road.send

    def sending(method, path, fields):  # type: ignore[no-untyped-def]
        if method == "POST":
            count[0] += 1
            if count[0] == nth and not after:
                raise Killed
        answer = send(method, path, fields)
        if method == "POST" and count[0] == nth and after:
            raise Killed
        return answer

    road.send = sending  # type: ignore[method-assign]
    try:
        live.bar(bars=3)
    except Killed:
        return True
    finally:
        road.send = send  # type: ignore[method-assign]
    return False


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_085_086_killed_at_a_request_nothing_is_lost_or_doubled(
    tmp_path: Path, nth: int, after: bool
) -> None:
    """The process is killed between the journal and the request, or between the request and its answer."""
    live = Live(tmp_path, MARKET)
    assert killed_at(live, nth, after=after)
    live.restart()
    live.run(5_000)
    assert live.held == live.venue_held
    assert (live.held == 100) == (nth == 2 or after)
    if live.held:
        (stop,) = live.venue.state.open_orders("BTCUSDT")
        assert stop.qty == stop.qty.__class__("0.1")
    live.laws()
    live.replayed()


@pytest.mark.parametrize("after", [False, True])
def test_085_a_stop_that_may_not_have_arrived_is_there_as_soon_as_the_session_is(
    tmp_path: Path, after: bool
) -> None:
    live = Live(tmp_path, MARKET)
    assert killed_at(live, 2, after=after)
    live.venue.advance(live.venue.now + 600_000)  # nobody is there for ten minutes
    live.restart()
    live.run(1_000)
    (stop,) = live.venue.state.open_orders("BTCUSDT")
    assert stop.link == "ic1-abcdef-v1"
    live.run(20_000)
    assert live.desk.ledger.orders["v1"].is_accepted
    assert not live.desk.guard.halted, "the time without a session is no failure"
    live.laws()
    live.replayed()


def test_085_the_time_without_a_session_is_no_failure_to_protect(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    assert killed_at(live, 2, after=False)
    live.venue.advance(live.venue.now + 600_000)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create"))
    live.restart()
    live.run(2_400)
    assert [one.silences for one in live.desk.coverage.open.values()] == [0]
    live.laws()


def test_087_a_restart_changes_nothing_at_the_venue(tmp_path: Path) -> None:
    card = MARKET + at_bar(
        2, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b")
    )
    live = Live(tmp_path, card)
    live.bar(bars=3)
    before, sent = live.at_venue(), len(live.posted)
    live.restart()
    live.run(20_000)
    assert live.at_venue() == before
    assert len(live.posted) == sent
    live.laws()


def test_087_a_restart_with_fills_meanwhile_books_them(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.kill()
    live.venue.advance(live.venue.now + 1_000)
    live.venue.trade(live.venue.state.markets["BTCUSDT"].last - 1_100)
    live.venue.advance(live.venue.now + 1_000)
    live._boot()
    live.run(3_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_087_needs_survive_a_restart(tmp_path: Path) -> None:
    """An execution that was lost before the restart is asked for after it."""
    live = Live(tmp_path, MARKET)
    live.bar()
    live.wait(50_000)  # what is not compared for long holds entries
    live.venue.faults.add(Switch(kind=Fault.DROP, on="execution"))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="execution/list", value=10016))
    live.bar()
    assert live.held == 0
    live.venue.faults.clear()
    live.restart()
    live.run(5_000)
    assert live.held == live.venue_held == 100
    live.laws()


def test_088_without_a_journal_nothing_opens_and_protection_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: nothing opens, protection goes on."""
    late = at_bar(3, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b"))
    live = Live(tmp_path, MARKET + late)
    live.bar(bars=2)
    sent = len(live.posted)

    def full(_rows: object, **_how: bool) -> None:
        raise JournalError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(live.journal, "write", full)
        live.act("drop_stop")
        live.bar(bars=2)
        assert live.desk.guard.halted
        assert {body.get("reduceOnly", True) for _, body in live.posted[sent:]} == {True}
        assert len(live.venue.state.open_orders("BTCUSDT")) == 1
    live.bar()
    live.laws()


def test_a_stop_that_the_card_moves_while_the_disk_is_full_moves(tmp_path: Path) -> None:
    card = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48_000.0, order_ref="in"))
    card += at_bar(3, emit("adjust_stop", price=49_900.0))
    live = Live(tmp_path, card)
    live.bar(bars=3)
    good = live.journal.write

    def full(*_rows: object, **_more: object) -> None:
        raise JournalError("disk full")

    live.journal.write = full  # type: ignore[method-assign]
    live.bar("50200")
    live.run(3_000)
    stop = next(o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS)
    assert stop.trigger_price == 49_900.0
    live.journal.write = good  # type: ignore[method-assign]
    live.run(5_000)
    live.session.said("resume", "test")
    live.bar("50200", bars=2)
    assert live.ledger.stop_price() == 49_900.0
    live.laws()
    live.replayed()


def test_a_disk_that_stays_full_is_told_once_whatever_is_fetched_meanwhile(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)

    def full(*_rows: object, **_more: object) -> None:
        raise JournalError("disk full")

    live.journal.write = full  # type: ignore[method-assign]
    live.venue.faults.add(Switch(kind=Fault.DROP, on="kline*"))
    live.bar(bars=3)
    kinds = [notice.kind for notice in live.session.notices]
    assert ("bar_gap" in kinds, kinds.count("journal")) == (True, 1)


@pytest.mark.parametrize("state", ["max_page_count=1", "query_only=on"])
def test_088_a_disk_that_is_full_or_read_only_halts_protects_and_loses_nothing(
    tmp_path: Path, state: str
) -> None:
    """SQLite's own refusals; what was not written is written when it can be, in order."""
    late = at_bar(3, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b"))
    live = Live(tmp_path, MARKET + late, snapshot_every=10**9)
    live.bar(bars=2)
    sent = len(live.posted)
    live.journal._db.execute("vacuum")  # else what is free in the file is used up first
    live.journal._db.execute(f"pragma {state}")
    for _ in range(3):
        live.act("drop_stop")
        live.run(20_000)
    live.bar(bars=2)
    assert "journal" in live.desk.guard.halted
    assert {body.get("reduceOnly", True) for _, body in live.posted[sent:]} == {True}
    assert len(live.venue.state.open_orders("BTCUSDT")) == 1
    live.journal._db.execute("pragma query_only=off")
    live.journal._db.execute("pragma max_page_count=1000000")
    live.laws()
    live.replayed()


def test_a_fill_nobody_heard_of_gets_its_stop_before_anything_else_is_asked(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.bar()
    live.wait(50_000)  # what is not compared for long holds entries
    live.venue.faults.add(Switch(kind=Fault.DROP, on="execution"))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="execution/list", value=10016))
    live.bar()
    assert (live.held, live.venue_held) == (0, 100)
    live.venue.faults.clear()
    asked: list[tuple[str, str]] = []
    send = live.road.send
    live.road.send = lambda method, path, fields: (  # type: ignore[method-assign]
        asked.append((method, path)),
        send(method, path, fields),
    )[1]
    live.restart()
    assert asked[0] == ("GET", "execution/list")
    live.run(5_000)
    assert live.held == live.venue_held == 100
    live.laws()


def test_what_a_request_rests_on_is_flushed_and_a_timer_is_not(tmp_path: Path) -> None:
    """What is not flushed by itself is what comes again: a power cut takes no word of a person."""
    live = Live(tmp_path, MARKET)
    flushed: list[tuple[str, bool]] = []
    write = live.journal.write

    def seen(rows: list[tuple[int, RecordKind, str]], **how: bool) -> None:
        write(rows, **how)
        (level,) = live.journal._db.execute("pragma synchronous").fetchone()
        flushed.append((" ".join(body for _ts, _kind, body in rows), level == 2))

    live.journal.write = seen  # type: ignore[method-assign]
    live.bar(bars=3)
    live.session.said("pause", "test")
    asks = [is_on for text, is_on in flushed if "SubmitOrder" in text or "OrderFilled" in text]
    words = [is_on for text, is_on in flushed if "Ordered" in text]
    timers = [is_on for text, is_on in flushed if text.count("{") == 1 and "TimerFired" in text]
    assert all(map(len, (asks, words, timers)))
    assert (set(asks), set(words), set(timers)) == ({True}, {True}, {False})


def test_the_log_of_a_journal_grows_when_nothing_waits_and_not_at_a_request(tmp_path: Path) -> None:
    journal, log = Journal(tmp_path / "a.journal"), tmp_path / "a.journal-wal"
    journal.tidy()
    grown = log.stat().st_size
    for _ in range(3):
        for ts in range(200):
            journal.write([(ts, RecordKind.ITEM, "x" * 2_000)])
        journal.tidy()
    assert log.stat().st_size == grown > 1 << 21
    assert journal.meta("room") is None
    assert len(list(journal.records())) == 600
    journal.close()


def test_a_request_is_on_the_disk_before_it_leaves(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    seen: list[bool] = []

    def look(_path: str, body: dict[str, object]) -> None:
        name = str(live.names.order_id(str(body["orderLinkId"])))
        held = [r.body for r in live.journal.records() if r.kind is RecordKind.COMMAND]
        seen.append(any(f'"{name}"' in text for text in held))

    live.road.before = look
    live.bar(bars=2)
    assert seen == [True, True]


def test_a_journal_replays_to_the_same_commands_and_state(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET, Switch(kind=Fault.DUPLICATE, on="*", p=0.5), seed=3)
    live.trade("48900", 3_000)
    live.laws()
    done = live.replayed()
    assert done.items > 50


def test_a_replay_that_differs_names_the_place(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    records = list(live.journal.records())
    cut = [r for r in records if not (r.kind is RecordKind.COMMAND and '"v1"' in r.body)]
    with pytest.raises(Differs, match="record"):
        replay(cut, live._desk())


def test_the_journal_has_no_second_writer_no_holes_and_one_version(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    first = Journal(path)
    first.write([(1, RecordKind.HASH, "a"), (2, RecordKind.HASH, "b")])
    with pytest.raises(JournalError, match="locked"):
        Journal(path)
    first.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    db = sqlite3.connect(path)
    db.execute("delete from records where seq = 1")
    db.commit()
    db.close()
    with pytest.raises(JournalError, match="hole"):
        Journal(path)
    other = tmp_path / "b.journal"
    Journal(other).close()
    db = sqlite3.connect(other)
    db.execute("update meta set value = '99' where name = 'version'")
    db.commit()
    db.close()
    with pytest.raises(JournalError, match="version"):
        Journal(other)


def test_names_of_a_restarted_session_go_on(tmp_path: Path) -> None:
    card = LIMIT + at_bar(
        4, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b")
    )
    live = Live(tmp_path, card)
    live.bar(bars=2)
    live.restart()
    live.bar(bars=3)
    assert len(set(creates(live))) == 2
    live.laws()
