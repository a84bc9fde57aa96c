"""Sessions over sockets: paper and testnet, with the unmodified pybit and the venue that is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from runtime.backends.bybit.rest import Answered
from runtime.errors import NotSent
from tests.tools.cli import run as cli
from tests.tools.live.made import ROOT, lived_again
from tests.tools.live.over_sockets import CARD, MINUTE, D, door, plan, served
from tools.fakebybit.candles import Bar
from tools.fakebybit.server import serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue
from tools.live import start
from tools.live.checks import Report, report_text
from tools.live.control import address_of, speak
from tools.live.folders import HEARTBEAT
from tools.live.plan import Place
from tools.live.start import wire_ready
from tools.live.wire import WireRun
from tools.live.words import Asked

pytestmark = pytest.mark.usefixtures("own_state")


def lived(run: WireRun, until: object, seconds: float = 30.0) -> None:
    """Run a session until something is so; it must become so."""
    assert callable(until)
    end = time.monotonic() + seconds
    run.run(lambda: until() or time.monotonic() > end)
    assert until()


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
        again.make().close()


def test_paper_needs_no_keys_and_asks_nothing_private(tmp_path: Path) -> None:
    with served() as one:
        ready = wire_ready(plan(tmp_path, Place.PAPER), door(one, Place.PAPER), starts=True)
        assert ready.report.may_start, report_text(ready.report)
        run = ready.make()
        lived(run, lambda: run.watch.figures.closed >= 1)
        assert run.cockpit.picture().links == (("public", ""),)
        run.close()
        assert not one.do(lambda v: v.state.orders)
        more = wire_ready(plan(tmp_path, Place.PAPER), door(one, Place.PAPER), starts=True).make()
        assert more.session.desk.state_hash() != ""
        assert more.watch.ledger.bar >= run.watch.ledger.bar
        lived(more, lambda: more.watch.figures.decisions >= 1)
        more.close()
        run = more
    seen = lived_again(ready.folder)
    assert seen.done.items
    assert seen.desk.state_hash() == run.session.desk.state_hash()


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
