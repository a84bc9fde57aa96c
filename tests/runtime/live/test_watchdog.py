"""Heartbeat and watchdog: a session that hangs or is gone is told, with what stands at the venue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.backends.bybit.panic import Clock, Panic
from runtime.backends.bybit.rest import Rest
from runtime.live.lock import PanicMark
from runtime.live.pulse import Pulse, read_heartbeat
from runtime.live.watchdog import Alarm, Close, Watchdog
from tests.runtime.live.bench import SYMBOL, Live, Road
from tests.runtime.live.test_placing import MARKET, started
from tests.strategies.runs import at_bar, emit
from tests.tools.cli import run as cli
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.server import serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

ROOT = Path(__file__).parents[3]


def pulse(live: Live, path: Path, mark: PanicMark | None = None) -> Pulse:
    return Pulse(
        live.session, path, "testnet", seconds=lambda: live.venue.now / 1_000,
        wall_ms=lambda: live.venue.now, mark=mark,
    )  # fmt: skip


def watched(live: Live, path: Path, close: Close = Close.NEVER, *, lives: bool = True) -> Watchdog:
    road = Road(Client(live.venue))
    return Watchdog(path, Rest(road, road), close=close, settle_ms=0, lives=lambda _pid: lives)


def silent(live: Live, tmp_path: Path, close: Close = Close.NEVER, **more: bool) -> Alarm | None:
    """Let a session beat once and hang for a minute; return what the watchdog says."""
    path = tmp_path / "heartbeat.json"
    dog = watched(live, path, close, **more)
    pulse(live, path).beat()
    assert dog.look(live.venue.now + 29_000) is None
    return dog.look(live.venue.now + 60_000)


def test_a_session_that_beats_is_no_alarm_and_says_how_it_is(tmp_path: Path) -> None:
    live, path = started(tmp_path, MARKET), tmp_path / "heartbeat.json"
    dog, heart = watched(live, path), pulse(live, path)
    for _ in range(120):
        live.run(1_000)
        heart.beat()
        assert dog.look(live.venue.now) is None
    beat = read_heartbeat(path)
    assert beat is not None
    assert (beat.held_lots, beat.open_lots, beat.symbol) == (100, 0, SYMBOL)
    assert path.stat().st_mode & 0o777 == 0o600


def test_silence_is_told_once_a_minute_with_what_stands_at_the_venue(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    path = tmp_path / "heartbeat.json"
    dog = watched(live, path)
    pulse(live, path).beat()
    alarms = [dog.look(live.venue.now + second * 1_000) for second in range(0, 180, 2)]
    texts = [alarm.text for alarm in alarms if alarm is not None]
    assert len(texts) == 3
    assert "hangs; position 0.1 at the venue, all of it has a stop there" in texts[0]


def test_a_position_without_a_stop_is_told_and_closed_only_where_that_was_asked(
    tmp_path: Path,
) -> None:
    live = started(tmp_path, MARKET)
    assert silent(live, tmp_path, Close.UNCOVERED) == Alarm(
        f"{SYMBOL} on testnet: silent for 60 s, process {os.getpid()} hangs; "
        "position 0.1 at the venue, all of it has a stop there"
    )
    live.venue.faults.add(Switch(kind=Fault.DROP, on="order"))
    perform(live.venue, "drop_stop", {})
    told = silent(live, tmp_path, Close.UNCOVERED, lives=False)
    assert told is not None
    assert "is gone; position 0.1 at the venue, 0.1 of it WITHOUT A STOP" in told.text
    assert told.closes
    never = silent(live, tmp_path, Close.NEVER)
    assert never is not None
    assert not never.closes


@pytest.mark.parametrize("path", ["position/list", "order/realtime"])
def test_what_the_venue_does_not_answer_is_unknown_and_closes_nothing(
    tmp_path: Path, path: str
) -> None:
    live = started(tmp_path, MARKET)
    live.venue.faults.add(Switch(kind=Fault.CODE, on=path, value=10016))
    told = silent(live, tmp_path, Close.UNCOVERED)
    assert told is not None
    assert "unknown" in told.text
    assert not told.closes


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.json", "there is no file {}: no session has written it yet"),
        (".", "{} is a folder: name the heartbeat.json"),
        ("other.json", "{} holds no heartbeat"),
    ],
)
def test_a_file_that_never_was_is_told_as_that_and_by_no_number_of_seconds(
    name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json").write_text("[1]")
    path = tmp_path / name
    ran = cli(capsys, ["watchdog", str(path), "--once"])
    assert ran.code == 1
    assert said.format(path) in ran.out
    assert " s:" not in ran.out


def test_a_panic_halts_the_session_that_lives_and_resuming_does_not_help(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    mark = PanicMark("testnet", "key", SYMBOL, tmp_path)
    heart = pulse(live, tmp_path / "heartbeat.json", mark)
    heart.beat()
    assert not live.desk.guard.halted
    mark.put("panic")
    live.run(1_500)
    heart.beat()
    assert live.desk.guard.halted == "by panic"
    live.session.said("resume", "somebody")
    live.run(1_500)
    heart.beat()
    assert live.desk.guard.halted
    mark.lift()
    live.session.said("resume", "somebody")
    live.run(1_500)
    heart.beat()
    assert not live.desk.guard.halted
    live.replayed()


def test_a_panic_is_obeyed_again_right_after_a_word_that_resumes(tmp_path: Path) -> None:
    """Not only with the next beat, a second later: an entry of a close in between would leave."""
    live = started(tmp_path, MARKET)
    mark = PanicMark("testnet", "key", SYMBOL, tmp_path)
    heart = pulse(live, tmp_path / "heartbeat.json", mark)
    mark.put("panic")
    heart.beat()
    live.session.said("resume", "somebody")
    heart.beat()  # the same millisecond
    assert live.desk.guard.halted == "by panic"


def test_a_panic_from_another_machine_halts_the_session_that_sees_its_close(tmp_path: Path) -> None:
    """Its mark is a file of one home; what the venue shows reaches every session."""
    card = """
- id: b
  cases:
    - when: bar_index >= 1 and position_side == flat
      emit:
        - { action: entry_long, metadata: { size: 0.08 base, stop_loss: 49000.0 } }
"""
    live = started(tmp_path, card)
    live.run(3_000)
    assert live.venue_held == 80
    road = Road(Client(live.venue))
    clock = Clock(now=lambda: live.venue.now, sleep=lambda s: live.run(int(s * 1_000)))
    assert Panic(Rest(road, road), SYMBOL, clock, lambda _: None).run()
    live.bar(bars=2)
    assert live.desk.guard.halted.startswith("panic")
    assert live.held == live.venue_held == 0
    live.restart()
    live.bar()
    assert live.venue_held == 0
    live.session.said("resume", "ann")
    live.bar()
    live.run(2_000)
    assert live.held == live.venue_held == 80
    live.laws()


def test_a_panic_halts_a_session_that_was_down_meanwhile(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.run(12_000)
    live.kill()
    road = Road(Client(live.venue))
    clock = Clock(now=lambda: live.venue.now, sleep=lambda s: advance(live, s))
    assert Panic(Rest(road, road), SYMBOL, clock, lambda _: None).run()
    live._boot()
    live.run(5_000)
    assert live.desk.guard.halted.startswith("panic")


def advance(live: Live, seconds: float) -> None:
    live.venue.advance(live.venue.now + int(seconds * 1_000))


def test_the_command_looks_from_its_own_process_and_hands_no_keys_on(tmp_path: Path) -> None:
    path, note = tmp_path / "heartbeat.json", tmp_path / "note"
    beat = {
        "pid": 2**22 + 1, "at": 0, "symbol": SYMBOL, "venue": "testnet", "held_lots": 100,
        "open_lots": 0, "halted": "", "bar": 1,
    }  # fmt: skip
    path.write_text(json.dumps(beat))
    with serving(Venue(Settings(start_ms=1_700_000_040_000))) as served:
        told = subprocess.run(
            [sys.executable, "ideacard.py", "watchdog", str(path), "--venue", "testnet", "--once",
             "--url", served.http, "--command", f'echo "$IDEACARD_ALARM"; env > {note}'],
            capture_output=True, text=True, timeout=60, cwd=ROOT,
            env={**os.environ, "BYBIT_API_KEY": "key", "BYBIT_API_SECRET": "secret",
                 "no_proxy": "127.0.0.1"},
        )  # fmt: skip
    assert told.returncode == 1, told.stderr
    assert "is gone; no position at the venue" in told.stdout
    assert "API_SECRET" not in note.read_text()


def test_a_beat_that_is_old_after_a_sleep_is_no_silence(tmp_path: Path) -> None:
    """The clock has gone on by an hour and the session by nothing: it has had no moment to beat again."""
    live, path = started(tmp_path, MARKET), tmp_path / "heartbeat.json"
    pulse(live, path).beat()
    beat = json.loads(path.read_text())
    rest = Rest(live.road, live.road)
    dog = Watchdog(path, rest, close=Close.ALWAYS, lives=lambda _pid: True)
    woken = live.venue.now + 3_600_000
    assert dog.look(woken) is None
    path.write_text(json.dumps({**beat, "at": woken + 900}))
    assert dog.look(woken + 2_000) is None
    assert dog.look(woken + 60_000) is None  # the first look that misses this one
    assert dog.look(woken + 62_000) is None
    alarm = dog.look(woken + 66_000)
    assert alarm is not None
    assert "hangs" in alarm.text


def test_a_session_that_was_ended_in_order_is_told_of_once_and_closed_only_where_it_has_no_stop(
    tmp_path: Path,
) -> None:
    live, path = started(tmp_path, MARKET), tmp_path / "heartbeat.json"
    dogs = {close: watched(live, path, close, lives=False) for close in Close}
    pulse(live, path).end("ann")
    for close, dog in dogs.items():
        told = [dog.look(live.venue.now + minute * 60_000) for minute in range(5)]
        over = told[0]
        assert over is not None, close
        assert told[1:] == [None] * 4
        assert (over.is_over, over.closes) == (True, False), close
        assert "ended by ann; position 0.1 at the venue, all of it has a stop there" in over.text
    pulse(live, path).beat()  # it is started again, and dies
    assert dogs[Close.ALWAYS].look(live.venue.now) is None
    died = dogs[Close.ALWAYS].look(live.venue.now + 60_000)
    assert died is not None
    assert (died.is_over, died.closes) == (False, True)


def test_what_fills_after_an_end_in_order_is_told_and_closed_where_it_has_no_stop(
    tmp_path: Path,
) -> None:
    """Its request was on its way as the session ended: nobody else is there to see it."""
    live, path = (
        Live(tmp_path, at_bar(9, emit("entry_long", size="0.1 base"))),
        tmp_path / "heartbeat.json",
    )
    live.bar()
    dog = watched(live, path, Close.UNCOVERED, lives=False)
    pulse(live, path).end("ann")
    end = live.venue.now
    first = dog.look(end + 1_000)
    assert first is not None
    assert "no position at the venue" in first.text
    live.act_on_venue("manual", amount="0.05")
    assert dog.look(end + 2_000) is None, "it asks the venue every ten seconds"
    late = dog.look(end + 20_000)
    assert late is not None
    assert "ended by ann, and there is more than was told; position 0.05" in late.text
    assert (late.is_over, late.closes) == (True, True)
    assert dog.look(end + 40_000) is None
    live.act_on_venue("manual", amount="0.05")
    assert dog.look(end + 700_000) is None, "a person may trade by hand later on"
