"""What a person has at hand: the control socket, the page on 127.0.0.1, its metrics, lines of text."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from runtime.live.items import Ordered
from runtime.live.journal import RecordKind
from runtime.orders.order_spec import Role
from tests.runtime.reports.browser import dump_address, section
from tests.tools.cli import run as cli
from tests.tools.live.made import LADDER, made
from tools.live.bundle import write_bundle
from tools.live.control import Control, NoSession, address_of, speak
from tools.live.local import LocalRun
from tools.live.page import Page, document
from tools.live.screen import render
from tools.live.screen_text import status_text
from tools.live.words import Asked, answer


@contextmanager
def held(tmp_path: Path, **more: object) -> Iterator[tuple[LocalRun, Path, Control, Page]]:
    """A session with a position, held after its last bar, with socket and page, in its own thread."""
    run, folder = made(LADDER, tmp_path, seed=3, **({"bars": 90} | more))
    run.run()
    page = Page(run.cockpit.show)
    control = Control(folder, run.cockpit.ask, page.url)
    over = threading.Event()
    thread = threading.Thread(target=run.hold, args=(over.is_set,))
    thread.start()
    try:
        yield run, folder, control, page
    finally:
        over.set()
        thread.join()
        control.close()
        page.close()
        run.close()


def get(page: Page, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    line = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def test_words_are_done_by_the_running_session_and_journaled_with_who(tmp_path: Path) -> None:
    with held(tmp_path) as (run, folder, _control, _page):
        there = address_of(folder)
        status = speak(there, Asked("status", "ann"))
        assert status.data["position"]["side"] == "long"
        assert "pullback_ladder on BTCUSDT" in status.text
        for word, name, value in (
            ("pause", "", 0.0),
            ("limits", "max_open_orders", 3.0),
            ("reduce", "", 50.0),
        ):
            assert speak(there, Asked(word, "ann", name, value)).is_done
        assert speak(there, Asked("status", "ann")).data["state"] == "holding"
        rows = [r.body for r in run.journal.records() if r.kind is RecordKind.ITEM]
    said = [json.loads(row) for row in rows if f'"{Ordered.__name__}"' in row]
    assert [(row["word"], row["by"]) for row in said] == [
        ("pause", "ann"),
        ("limit", "ann"),
        ("reduce", "ann"),
    ]


@pytest.mark.parametrize(
    ("word", "name", "value", "text"),
    [
        ("limits", "max_open_orders", 9.0, "can only be tightened"),
        ("limits", "max_regret", 9.0, "no such limit"),
        ("cancel", "rung_9", 0.0, "no working order `rung_9`"),
        ("reduce", "", 300.0, "above 0, up to 100"),
        ("why-not", "nothing", 0.0, "no block `nothing`"),
        ("dance", "", 0.0, "no such word"),
    ],
)
def test_a_word_that_cannot_be_done_says_so_and_changes_nothing(
    word: str, name: str, value: float, text: str, tmp_path: Path
) -> None:
    limits = {"limits": replace(made_limits(), max_open_orders=5)}
    with held(tmp_path, bars=2, **limits) as (run, folder, _control, _page):
        before = run.desk.state_hash()
        reply = speak(address_of(folder), Asked(word, "ann", name, value))
        assert not reply.is_done
        assert text in reply.text
        assert run.desk.state_hash() == before


@pytest.mark.parametrize(
    "line",
    [
        b'{"word": "limits", "by": "x", "name": "max_notional_usdt", "value": null}',
        b'{"word": "limits", "by": "x", "name": "max_notional_usdt", "value": NaN}',
        b'{"word": 7, "by": "x"}',
        b'{"word": "cancel", "by": "x", "name": ["a"]}',
        b'{"word": "status", "by": "x", "whisper": 1}',
        b"[]",
        b"",
    ],
)
def test_a_line_that_is_no_word_is_refused_and_the_session_lives(
    tmp_path: Path, line: bytes
) -> None:
    with held(tmp_path, bars=2) as (_run, folder, control, _page):
        there = control.address
        row = line.replace(b"{", f'{{"token": "{there.token}", '.encode(), 1)
        speaker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with speaker:
            speaker.settimeout(10)
            speaker.connect(there.path)
            speaker.sendall(row + b"\n")
            answer = json.loads(speaker.makefile("rb").readline())
        assert not answer["is_done"]
        assert speak(address_of(folder), Asked("status", "ann")).is_done


def test_a_question_that_fails_does_not_end_the_session(tmp_path: Path) -> None:
    with held(tmp_path, bars=2) as (run, folder, _control, _page):
        with pytest.raises(ZeroDivisionError):
            run.cockpit._within(lambda: 1 // 0)
        assert speak(address_of(folder), Asked("status", "ann")).is_done


def test_a_second_reduce_while_a_close_is_on_its_way_says_so(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3, bars=90)
    run.run()
    assert run.desk.ledger.position is not None
    first = answer(Asked("reduce", "ann", value=50), run.cockpit, run.watch)
    second = answer(Asked("reduce", "ann", value=50), run.cockpit, run.watch)
    assert first.is_done
    assert any(o.spec.role is Role.CLOSE_AT_END for o in run.desk.ledger.book)
    assert not second.is_done
    assert "on its way" in second.text
    run.close()


def test_a_reduce_in_another_lot_says_that_a_part_cannot_be_closed(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3, bars=90)
    run.run()
    run.desk.guard.is_regridded = True
    reply = answer(Asked("reduce", "ann", value=50), run.cockpit, run.watch)
    assert not reply.is_done
    assert "`flatten` closes all of it" in reply.text
    run.close()


def made_limits():  # type: ignore[no-untyped-def]
    from runtime.live.guard import SessionLimits

    return SessionLimits()


def test_nobody_else_may_speak_to_a_session(tmp_path: Path) -> None:
    with held(tmp_path, bars=2) as (_run, folder, control, _page):
        # A socket's path has a short limit: in a deep folder it lies elsewhere.
        for place in (folder / "control.json", Path(control.address.path)):
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
        other = replace(control.address, token="guessed")
        reply = speak(other, Asked("flatten", "eve"))
        assert not reply.is_done
        assert "another session" in reply.text
    with pytest.raises(NoSession):
        address_of(folder)


def test_a_session_in_a_deep_folder_still_listens(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    with held(deep, bars=2) as (_run, folder, control, _page):
        assert not control.address.path.startswith(str(folder))
        assert speak(address_of(folder), Asked("explain", "ann")).is_done


def test_the_page_tells_nothing_without_the_token_or_to_another_name(tmp_path: Path) -> None:
    with held(tmp_path, bars=2) as (_run, _folder, _control, page):
        bearer = f"Bearer {page.token}"
        assert get(page, "/view")[0] == 403
        assert get(page, "/view", Authorization="Bearer x")[0] == 403
        assert get(page, "/metrics")[0] == 403
        assert get(page, "/view", Authorization=bearer, Host=f"evil.example:{page.port}")[0] == 403
        status, body, _ = get(page, "/view", Authorization=bearer)
        assert (status, json.loads(body)["card"]) == (200, "pullback_ladder")
        status, body, headers = get(page, "/")
        assert status == 200
        assert "pullback_ladder" not in body
        assert page.token not in body
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_what_lets_in_is_in_no_file_but_the_private_one_and_there_while_it_runs(
    tmp_path: Path,
) -> None:
    with held(tmp_path, bars=2) as (_run, folder, control, page):
        tokens = (page.token.encode(), control.address.token.encode())
        holding = {
            path.name
            for path in folder.rglob("*")
            if path.is_file() and any(token in path.read_bytes() for token in tokens)
        }
        assert holding <= {"control.json"}
        made = write_bundle(folder, tmp_path / "bundle.zip")
        with zipfile.ZipFile(made) as bundle:
            for name in bundle.namelist():
                assert not any(token in bundle.read(name) for token in tokens), name
    assert not (folder / "control.json").exists()
    for path in folder.rglob("*"):
        assert not path.is_file() or not any(token in path.read_bytes() for token in tokens)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    text = document("n")
    assert not re.findall(r'(?:src|href)="(?!data:)[^"#]', text)
    assert not re.findall(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)


def test_metrics_are_prometheus_text(tmp_path: Path) -> None:
    with held(tmp_path) as (_run, _folder, _control, page):
        status, body, headers = get(page, "/metrics", Authorization=f"Bearer {page.token}")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r'^ideacard_[a-z_]+\{symbol="BTCUSDT"(,[a-z]+="[^"]*")*\} -?[0-9.e+-]+$')
    rows = [row for row in body.splitlines() if not row.startswith("#")]
    assert all(line.match(row) for row in rows)
    assert 'ideacard_state{symbol="BTCUSDT",state="running"} 1' in rows
    assert 'ideacard_link_up{symbol="BTCUSDT",link="private"} 1' in rows
    assert float(next(r for r in rows if r.startswith("ideacard_position_base")).split()[-1]) > 0


@pytest.mark.parametrize("window", ["1400,1700", "390,3000"])
def test_a_browser_shows_the_session(window: str, tmp_path: Path) -> None:
    with held(tmp_path) as (run, _folder, _control, page):
        shown = dump_address(page.url, tmp_path, window=window)
        stop = run.desk.ledger.stop_price()
    assert 'data-state="running"' in shown
    assert "long 0.098" in section(shown, "tiles")
    assert f"{stop:g}" in section(shown, "stops")
    assert "confirmed" in section(shown, "stops")
    assert "rung_3" in section(shown, "position")
    assert "<svg" in shown


def test_page_and_screen_show_what_became_of_each_promise(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3, bars=90)
    run.run()
    view = run.cockpit.picture()
    run.close()
    assert view.promises  # all of them kept
    broken = replace(view.promises[0], times=2, closes=17, unknown=5)
    view = replace(view, promises=(broken, *view.promises[1:]))
    page = Page(lambda: view)
    shown = dump_address(page.url, tmp_path)
    page.close()
    told = section(shown, "promises")
    assert broken.text in told
    assert re.search(r"broken\s+2\s+17\s+5\b", told)
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(render(view, "page"))
    text = console.export_text()
    words = f"{broken.text} (card line {broken.line}): broken 2 times, at 17 closes, unknown at 5"
    assert f"promise {words}" in text
    assert all(f"(card line {one.line}): kept" in text for one in view.promises[1:])


def test_a_browser_says_when_the_token_is_missing(tmp_path: Path) -> None:
    with held(tmp_path, bars=2) as (_run, _folder, _control, page):
        shown = dump_address(page.url.partition("#")[0], tmp_path)
    assert 'data-state="lost"' in shown
    assert "lacks the session" in shown


def test_status_fits_what_a_person_acts_on(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3, bars=90)
    run.run()
    text = status_text(run.cockpit.picture())
    run.close()
    for word in ("running", "long 0.098", "confirmed", "layer rung_3", "from fill"):
        assert word in text


def test_what_is_used_of_a_limit_counts_what_it_is_judged_by(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3, bars=60)
    run.run()
    run.cockpit.said("limit", "me", "max_notional_usdt", 1e9)
    view = run.cockpit.picture()
    run.close()
    (row,) = view.limits
    held = view.position
    would = sum((one.quantity - one.filled) * (one.price or 0.0) for one in view.orders)
    assert would > 0
    assert row.used == pytest.approx(would + (held.quantity * held.entry if held else 0.0))


def test_what_is_said_after_the_last_bar_is_done(tmp_path: Path) -> None:
    with held(tmp_path) as (run, folder, _control, _page):
        assert speak(address_of(folder), Asked("stop", "me", "close")).is_done
        until = time.monotonic() + 10
        while not run.cockpit.may_end and time.monotonic() < until:
            time.sleep(0.05)
        # It looks at the venue at once, not with the next round of looks.
        assert run.cockpit.may_end
        assert run.desk.ledger.position is None
        assert not run.venue.state.positions["BTCUSDT"].size
    assert run.cockpit.left_behind == ""


def test_words_without_a_session_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = cli(capsys, ["live", "status", "--out", str(tmp_path)])
    assert ran.code == 1
    assert "no session runs" in ran.err
    ran = cli(capsys, ["live", "flatten", "--session", str(tmp_path)])
    assert ran.code == 1


def test_the_commands_speak_to_the_only_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with held(tmp_path, bars=2):
        assert cli(capsys, ["live", "pause", "--out", str(tmp_path)]).code == 0
        ran = cli(capsys, ["live", "status", "--json", "--out", str(tmp_path)])
        assert json.loads(ran.out)["state"] == "holding"
        ran = cli(capsys, ["live", "limits", "max_notional_usdt", "--out", str(tmp_path)])
        assert ran.code == 2
