"""Sessions over sockets: paper, testnet and demo, with the unmodified pybit and the venue that is not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest

from compiler.findings.source import Source
from runtime.backends.bybit.pybit_http import Keys
from runtime.backends.bybit.rest import Answered
from runtime.errors import NotSent
from tests.strategies.runs import at_bar, card_text, emit
from tests.tools.cli import run as cli
from tests.tools.live import killed
from tests.tools.live.made import ROOT, lived_again
from tools.fakebybit.candles import Bar
from tools.fakebybit.feed import made_up, walk
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Environment, Settings
from tools.fakebybit.venue import Venue
from tools.live import start
from tools.live.checks import Grade, Report, report_text
from tools.live.control import address_of, speak
from tools.live.door import Door
from tools.live.folders import HEARTBEAT
from tools.live.plan import Place, Plan
from tools.live.start import wire_ready
from tools.live.wire import WireRun
from tools.live.words import Asked

MINUTE = 60_000
START = 1_700_000_040_000
D = Decimal
OPENS = emit("entry_long", size="0.01 base", stop_loss=40000.0, order_ref="m")


def source(bars: range) -> Source:
    """A card that opens and closes again and again while it is warm."""
    rules = "".join(at_bar(b, OPENS if b % 2 else emit("exit_long")) for b in bars)
    text = card_text(rules, account="starting_equity_usdt: 10000").replace("TESTUSDT", "BTCUSDT")
    return Source("live.card.yaml", text)


CARD = source(range(90, 400))


def venue(**settings: object) -> Venue:
    """A venue with a past of 300 minutes, at 50,000."""
    bars = made_up(BTCUSDT, seed=1, start=START, count=500, length=MINUTE, price=D(50000))
    made = Venue(Settings(start_ms=START, **settings), feed=walk(bars, BTCUSDT, MINUTE))
    past = [
        Bar(START - (300 - n) * MINUTE, D(50000), D(50010), D(49990), D(50000), D(5))
        for n in range(300)
    ]
    made.preload("BTCUSDT", past, MINUTE)
    return made


@contextmanager
def served(speed: float = 40.0, **settings: object) -> Iterator[Served]:
    with serving(venue(**settings), speed=speed) as one:
        yield one


def door(one: Served, place: Place) -> Door:
    keys = None if place is Place.PAPER else Keys("key", "secret")
    now = lambda: one.venue.now  # noqa: E731 - the session lives in the venue's time
    return Door(venue=place, http=one.http, streams=one.streams, keys=keys, now=now)


def plan(out: Path, place: Place, **more: object) -> Plan:
    return Plan(source=CARD, venue=place, out=out, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("BYBIT_API_KEY", "BYBIT_API_SECRET"):
        monkeypatch.delenv(name, raising=False)


def lived(run: WireRun, until: object, seconds: float = 30.0) -> None:
    """Run a session until something is so; it must become so."""
    assert callable(until)
    end = time.monotonic() + seconds
    run.run(lambda: until() or time.monotonic() > end)
    assert until()


def grade(report: Report, name: str) -> Grade:
    return next(check.grade for check in report.checks if check.name == name)


def test_a_session_over_sockets_trades_stops_and_is_taken_up_again(tmp_path: Path) -> None:
    with served() as one:
        ready = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), door(one, Place.TESTNET))
        assert ready.report.may_start, report_text(ready.report)
        run = ready.make()
        lived(
            run,
            lambda: (
                run.watch.figures.entries >= 1
                and not run.session.desk.coverage.open_lots(run.watch.ledger)
            ),
        )
        run.close()
        held = one.do(lambda v: v.state.positions["BTCUSDT"].size)
        heart = json.loads((ready.folder / HEARTBEAT).read_text())
        assert heart["venue"] == "testnet"
        again = wire_ready(plan(tmp_path, Place.TESTNET), door(one, Place.TESTNET))
        assert again.report.may_start, report_text(again.report)
        more = again.make()
        assert more.facts.run == run.facts.run
        assert more.watch.ledger.bar >= run.watch.ledger.bar
        lived(more, lambda: more.watch.figures.decisions >= 2)
        more.close()
        assert held >= 0
    assert lived_again(ready.folder).desk.state_hash() == more.session.desk.state_hash()


def test_a_session_that_has_lived_protects_before_anything_else_is_looked_at(
    tmp_path: Path,
) -> None:
    """Its stop does not wait for a report; where that refuses the start, it stands all the same."""
    with served() as one:
        run = wire_ready(
            plan(tmp_path, Place.TESTNET, prepares=True), door(one, Place.TESTNET)
        ).make()
        send, lost = run.session.backend._rest._protecting.send, list[str]()

        def kill(method: str, path: str, fields: dict[str, object]) -> Answered:
            if fields.get("triggerPrice"):
                lost.append(str(fields["orderLinkId"]))
                run.loop.stop()
                raise NotSent("killed")
            return send(method, path, fields)

        run.session.backend._rest._protecting.send = kill
        lived(run, lambda: bool(lost))
        for part in (*run._links, *run._workers.values()):
            part.stop()
        run.journal.close()
        assert run._lock is not None
        run._lock.release()
        told: list[bool] = []
        look = start.merged

        def merged(*parts: object, **how: object) -> Report:
            until = time.monotonic() + 20
            while not told and time.monotonic() < until:
                rows = one.do(lambda v: [o.link for o in v.state.orders.values()])
                told.extend([True] * (lost[0] in rows))
            return look(*parts, **how)

        with patch.object(start, "merged", merged):
            again = wire_ready(plan(tmp_path, Place.TESTNET), door(one, Place.TESTNET), starts=True)
        assert told == [True]
        assert again.make() is again.taken_up
        again.close()


def test_paper_needs_no_keys_and_asks_nothing_private(tmp_path: Path) -> None:
    with served() as one:
        ready = wire_ready(plan(tmp_path, Place.PAPER), door(one, Place.PAPER))
        assert ready.report.may_start, report_text(ready.report)
        run = ready.make()
        lived(run, lambda: run.watch.figures.closed >= 1)
        assert run.cockpit.picture().links == (("public", ""),)
        run.close()
        assert not one.do(lambda v: v.state.orders)
        more = wire_ready(plan(tmp_path, Place.PAPER), door(one, Place.PAPER)).make()
        assert more.session.desk.state_hash() != ""
        assert more.watch.ledger.bar >= run.watch.ledger.bar
        lived(more, lambda: more.watch.figures.decisions >= 1)
        more.close()
        run = more
    seen = lived_again(ready.folder)
    assert seen.done.items
    assert seen.desk.state_hash() == run.session.desk.state_hash()


def test_preflight_refuses_what_is_not_prepared_and_says_what_to_do(tmp_path: Path) -> None:
    with served(speed=1) as one:
        where = door(one, Place.TESTNET)
        one.do(lambda v: setattr(v.state.flags, "margin_mode", "REGULAR_MARGIN"))
        report = wire_ready(plan(tmp_path, Place.TESTNET), where).report
        assert not report.may_start
        assert grade(report, "margin") is Grade.FAIL
        assert grade(report, "leverage") is Grade.FAIL
        fixes = [check.fix for check in report.checks if check.grade is Grade.FAIL]
        assert all(fixes)
        report = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), where).report
        assert report.may_start
    assert not (tmp_path / "live-testnet").exists()


def test_preflight_says_what_demo_lacks(tmp_path: Path) -> None:
    with served(speed=1, environment=Environment.DEMO) as one:
        ready = wire_ready(plan(tmp_path, Place.DEMO, prepares=True), door(one, Place.DEMO))
    assert ready.report.may_start, report_text(ready.report)
    assert grade(ready.report, "key") is Grade.NOT_HERE
    assert grade(ready.report, "fees") is Grade.NOT_HERE


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (("manual", {"amount": "0.01"}), "position"),
        (("key_expired", {}), "account"),
        (("maintenance", {}), "venue"),
        (
            ("foreign_order", {"amount": "0.02", "price": "48000", "link": "ic7-abcdef-o1"}),
            "sessions",
        ),
    ],
)
def test_preflight_refuses(act: tuple[str, dict[str, str]], name: str, tmp_path: Path) -> None:
    from tools.fakebybit.control import perform

    with served(speed=1) as one:
        one.do(lambda v: (perform(v, act[0], act[1]), v.advance(v.now + 100)))
        ready = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), door(one, Place.TESTNET))
    assert grade(ready.report, name) is Grade.FAIL
    assert not ready.report.may_start


def test_real_money_refuses_on_a_warning_and_without_limits(tmp_path: Path) -> None:
    with served(speed=1) as one:
        asked = plan(tmp_path, Place.MAINNET, prepares=True, has_checked=True)
        report = wire_ready(asked, door(one, Place.MAINNET)).report
        assert not report.may_start
        assert grade(report, "limits") is Grade.FAIL


def test_a_wrong_clock_and_a_silent_venue_fail(tmp_path: Path) -> None:
    with served(speed=1) as one:
        where = door(one, Place.PAPER)
        one.do(lambda v: setattr(v.state.flags, "skew_ms", 5_000))
        assert grade(wire_ready(plan(tmp_path, Place.PAPER), where).report, "clock") is Grade.FAIL
        nobody = replace(where, http="http://127.0.0.1:9")
    report = wire_ready(plan(tmp_path, Place.PAPER), nobody).report
    assert grade(report, "venue") is Grade.FAIL
    assert not report.may_start


def test_the_command_prints_the_report_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "live.card.yaml"
    card.write_text(CARD.text)
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_API_SECRET", "secret")
    with served(speed=1) as one:
        words = ["live", str(card), "--venue", "testnet", "--url", one.http, "--out", str(tmp_path)]
        ran = cli(capsys, [*words, "--dry"])
        assert ran.code == 1
        assert "✗ leverage" in ran.out
        assert "--prepare" in ran.out
        ran = cli(capsys, [*words, "--dry", "--json"])
        rows = json.loads(ran.out)
        assert not rows["may_start"]
        assert {"name", "grade", "found", "fix"} == set(rows["checks"][0])


def test_a_local_session_goes_over_sockets_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "live.card.yaml"
    card.write_text(CARD.text)
    words = ["live", str(card), "--venue", "local", "--synthetic", "--bars", "5", "--wire"]
    ran = cli(capsys, [*words, "--out", str(tmp_path), "--speed", "30", "--json", "--no-page"])
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["figures"]["bars"] >= 4
    assert told["figures"]["fills"]
    assert (told["state"], told["why"].split(":")[0]) == ("holding", "ending")
    assert cli(capsys, [*words, "--out", str(tmp_path)]).code == 2


def test_without_keys_the_command_says_where_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "live.card.yaml"
    card.write_text(CARD.text)
    words = ["live", str(card), "--venue", "demo", "--out", str(tmp_path / "x")]
    ran = cli(capsys, words)
    assert ran.code == 1
    assert "BYBIT_API_KEY" in ran.err
    ran = cli(capsys, ["live", str(card), "--venue", "mainnet", "--out", str(tmp_path / "x")])
    assert ran.code == 2
    assert "--i-understand-real-money" in ran.err
    ran = cli(capsys, [*words, "--url", "https://api.example.com"])
    assert ran.code == 2
    assert "127.0.0.1" in ran.err


def test_a_second_session_of_the_same_account_is_refused(tmp_path: Path) -> None:
    with served() as one:
        where = door(one, Place.TESTNET)
        ready = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), where)
        run = ready.make()
        other = wire_ready(plan(tmp_path / "other", Place.TESTNET), where)
        with pytest.raises(Exception, match="locked by process"):
            other.make()
        run.close()
        run = other.make()
        run.close()


def test_a_session_is_stopped_from_another_thread_by_a_word(tmp_path: Path) -> None:
    with served() as one:
        run = wire_ready(plan(tmp_path, Place.PAPER), door(one, Place.PAPER)).make()
        thread = threading.Thread(target=run.run, args=(lambda: False,))
        thread.start()
        assert run.cockpit.ask(Asked("status", "ann")).data["venue"] == "paper"
        assert run.cockpit.ask(Asked("stop", "ann")).is_done
        thread.join(20)
        assert not thread.is_alive()
        run.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_session_that_is_told_to_go_by_a_signal_ends_as_by_a_word(
    tmp_path: Path, how: signal.Signals
) -> None:
    """A service or a container that stops, `kill PID`, a terminal that is closed."""
    with serving(killed.venue()) as one, killed.started(tmp_path, one.http) as command:
        made = command.start()
        command.speaks("pause", made)
        made.send_signal(how)
        said = made.communicate(timeout=60)[0]
    assert made.returncode == 0, said
    assert "start again there: the session goes on" in said


def test_nothing_a_session_writes_or_says_holds_the_key(tmp_path: Path) -> None:
    """The whole command in a process of its own, ended by a word: output and every file are looked at."""
    card = tmp_path / "live.card.yaml"
    card.write_text(CARD.text)
    start = time.time_ns() // 1_000_000 // MINUTE * MINUTE
    made = Venue(Settings(start_ms=start, key="key-of-ann-7", secret="secret-of-ann-7"))
    past = [
        Bar(start - (300 - n) * MINUTE, D(50000), D(50010), D(49990), D(50000), D(5))
        for n in range(300)
    ]
    made.preload("BTCUSDT", past, MINUTE)
    keys = {"BYBIT_API_KEY": "key-of-ann-7", "BYBIT_API_SECRET": "secret-of-ann-7"}
    env = {**os.environ, **keys, "PYTHONPATH": str(ROOT)}
    with serving(made, speed=1.0) as one:
        words = ["live", str(card), "--venue", "testnet", "--url", one.http, "--prepare", "--plain"]
        done = subprocess.Popen(
            [sys.executable, "-m", "ideacard", *words, "--out", str(tmp_path / "s")],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path,
        )  # fmt: skip
        folder = tmp_path / "s" / "live-testnet"
        until = time.monotonic() + 40
        while not (folder / "control.json").exists() and time.monotonic() < until:
            assert done.poll() is None, done.communicate()[0]
            time.sleep(0.1)
        assert speak(address_of(folder), Asked("status", "ann")).is_done
        assert speak(address_of(folder), Asked("halt", "ann")).is_done
        time.sleep(1.0)
        assert speak(address_of(folder), Asked("stop", "ann")).is_done
        said = done.communicate(timeout=30)[0]
    assert done.returncode == 0, said
    assert "pre-flight: may start" in said
    assert list(folder.glob("post-mortem-*.zip"))
    for path in sorted(p for p in tmp_path.rglob("*") if p.is_file()):
        assert b"of-ann-7" not in path.read_bytes(), path
    assert "of-ann-7" not in said
    assert not (folder / "control.json").exists()
