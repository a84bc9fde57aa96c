"""The whole command `ideacard live`, killed −9 where it hurts and started again, in processes of their own.

    python -m tests.tools.live.killed --count 3

An entry is filled, the request for its stop is lost with the process (or carried out with nobody there to hear
of it). What is held to: no process of the session is left, its watchdog says what stands there, the same
command takes the session over, the stop stands once, the journal replays.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

from runtime.live.pulse import read_heartbeat
from tests.tools.live.made import ROOT, lived_again
from tools.fakebybit.candles import Bar
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue
from tools.live.control import NoSession, address_of, speak
from tools.live.folders import HEARTBEAT
from tools.live.words import Asked

MINUTE = 60_000
SYMBOL = "BTCUSDT"
_PATIENCE_S = 150.0
_SILENT_S = 1.0
CARD = f"""\
name: killed
symbol: {SYMBOL}
tf: 1m
account: {{ starting_equity_usdt: 10000 }}
blocks:
  - id: opens
    cases:
      - when: position_side == flat
        emit:
          - {{ action: entry_long, metadata: {{ size: "0.01 base", stop_loss: 40000.0, order_ref: "m" }} }}
"""


def venue() -> Venue:
    """Return a venue with a past, at 50,000."""
    now = time.time_ns() // 1_000_000  # its bars end when the session's clock says so
    start = now // MINUTE * MINUTE
    made = Venue(Settings(start_ms=now))
    past = [
        Bar(start - (300 - n) * MINUTE, D(50000), D(50010), D(49990), D(50000), D(5))
        for n in range(300)
    ]
    made.preload(SYMBOL, past, MINUTE)
    return made


@dataclass(slots=True)
class Command:
    """`ideacard live CARD` against one venue. `wall` is when it was started."""

    home: Path
    http: str
    wall: float = 0.0
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.home / "s" / "killed-testnet"

    def python(self, *words: str) -> subprocess.Popen[str]:
        """Start one of the program's commands in a process of its own."""
        keys = {"BYBIT_API_KEY": "key", "BYBIT_API_SECRET": "secret", "no_proxy": "127.0.0.1"}
        env = {**os.environ, **keys, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(self.home)}
        made = subprocess.Popen(
            [sys.executable, "-m", "ideacard", *words], env=env, cwd=self.home, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.started.append(made)
        return made

    def end(self) -> None:
        """Leave none of them behind, whatever happened."""
        for one in self.started:
            one.kill()
            one.wait(timeout=10)

    def start(self) -> subprocess.Popen[str]:
        card = self.home / "killed.card.yaml"
        card.write_text(CARD)
        self.wall = time.monotonic()
        return self.python(
            "live", str(card), "--venue", "testnet", "--url", self.http, "--prepare", "--plain",
            "--out", str(self.home / "s"),
        )  # fmt: skip

    def speaks(self, word: str, by: subprocess.Popen[str]) -> None:
        """Wait until a session of this very process does as it is told."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            assert by.poll() is None, by.communicate()[0]
            try:
                where = address_of(self.folder)
                if where.pid == by.pid and speak(where, Asked(word, "ann")).is_done:
                    return
            except NoSession:
                pass
            time.sleep(0.1)
        raise AssertionError(f"the session does not answer `{word}`")


@contextmanager
def started(home: Path, http: str) -> Iterator[Command]:
    """Yield the command; no process of it outlives the block."""
    made = Command(home, http)
    try:
        yield made
    finally:
        made.end()


@contextmanager
def killing_at_the_stop(
    one: Served, living: subprocess.Popen[str], *, is_lost: bool
) -> Iterator[threading.Event]:
    """Kill a process in the venue's own thread as the request for its stop is there."""
    made, is_dead = one.venue, threading.Event()
    ask = made.request

    def asked(request: Any) -> Any:
        if is_dead.is_set() or request.method != "POST" or b"triggerPrice" not in request.body:
            return ask(request)
        living.send_signal(signal.SIGKILL)
        living.wait(timeout=10)
        is_dead.set()
        return replace(ask(replace(request, path="/nowhere") if is_lost else request), is_lost=True)

    made.request = asked  # type: ignore[method-assign]
    yield is_dead
    one.do(lambda v: setattr(v, "request", ask))


def stops(one: Served) -> list[str]:
    """Return the ids of the stops that stand at the venue."""
    return one.do(lambda v: [o.link for o in v.state.open_orders(SYMBOL) if o.trigger])


def _wait_for_silence(heartbeat: Path) -> None:
    """Wait until the last beat is as old as the watchdog is told that silence is: before, there is none."""
    while (
        beat := read_heartbeat(heartbeat)
    ) and time.time() * 1_000 <= beat.at + _SILENT_S * 1_000:
        time.sleep(0.05)


def once(home: Path, *, is_lost: bool) -> float:
    """Kill the command at its stop and start it again; return how long that stop took, s."""
    with ExitStack() as on_exit, serving(venue(), speed=1.0) as one:
        command = on_exit.enter_context(started(home, one.http))
        first = command.start()
        with killing_at_the_stop(one, first, is_lost=is_lost) as is_dead:
            if not is_dead.wait(_PATIENCE_S):
                first.send_signal(signal.SIGINT)
                raise AssertionError(f"no stop was asked for: {first.communicate(timeout=30)[0]}")
        assert len(stops(one)) == (not is_lost)
        _wait_for_silence(command.folder / HEARTBEAT)
        watching = command.python(
            "live", "watchdog", str(command.folder / HEARTBEAT), "--venue", "testnet",
            "--url", one.http, "--silent", str(_SILENT_S), "--once",
        )  # fmt: skip
        told = watching.communicate(timeout=_PATIENCE_S)[0]
        assert watching.returncode == 1, told
        assert SYMBOL in told, told
        second = command.start()
        took = -1.0
        while took < 0:
            assert second.poll() is None, second.communicate()[0]
            assert time.monotonic() - command.wall < _PATIENCE_S
            took = time.monotonic() - command.wall if stops(one) else -1.0
            time.sleep(0.005)
        command.speaks("status", second)
        time.sleep(3.0)
        command.speaks("stop", second)
        said = second.communicate(timeout=_PATIENCE_S)[0]
        assert second.returncode == 0, said
        links = one.do(lambda v: [o.link for o in v.state.orders.values()])
        assert len(links) == len(set(links)) == 2, links
        assert len(stops(one)) == 1
        held = one.do(lambda v: v.state.positions[SYMBOL].size)
    _holds(command.folder, held)
    return took


def _holds(folder: Path, held: D) -> None:
    """Check that a journal replays bit for bit to what the venue holds."""
    desk = lived_again(folder).desk
    assert desk.ledger.position is not None
    assert desk.ledger.position.quantity == int(held * 1_000)
    assert not desk.guard.halted


def main() -> None:
    """Kill and start again so many times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2)
    for number in range(parser.parse_args().count):
        with tempfile.TemporaryDirectory() as home:
            took = once(Path(home), is_lost=not number % 2)
        what = "lost" if not number % 2 else "carried out, nobody there"
        print(
            f"stop {what}: taken over, it stood {took:.2f} s after the start of the process",
            flush=True,
        )


if __name__ == "__main__":
    main()
