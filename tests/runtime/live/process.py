"""A session as a process of its own against the venue on loopback, to be killed at any moment.

    python -m tests.runtime.live.process FOLDER HTTP STREAMS SPEED
    python -m tests.runtime.live.process --nursery

The venue's time runs SPEED times as fast as the clock on the wall; the session lives in the venue's time.
The nursery has imported everything and waits: each line on its input (what stands above behind the name, as
JSON) makes it fork one session, which is a process like any other, only quicker to be had.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.keys import read_keys
from runtime.backends.bybit.names import fresh_run, names_of
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.pybit_http import Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.streams import Line, Link
from runtime.backends.bybit.worker import Workers
from runtime.live.bars import BarGate
from runtime.live.code_digest import code_digest
from runtime.live.codec import encode
from runtime.live.coverage import Coverage
from runtime.live.desk import Desk
from runtime.live.items import TimerFired
from runtime.live.journal import Journal
from runtime.live.loop import Loop, Worker, be_quick
from runtime.live.resume import take_up
from runtime.live.session import Session
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from tests.runtime.live.contract import BTC, MINUTE, SYMBOL, TOPICS

_PATIENCE_MS = 100_000
CARD = f"""\
name: killed
symbol: {SYMBOL}
tf: 1m
account: {{ starting_equity_usdt: 10000 }}
blocks:
  - id: opens
    cases:
      - when: position_side == flat and pending_order_count == 0
        emit:
          - {{ action: entry_long, metadata: {{ size: "0.01 base", stop_loss: 40000.0, order_ref: "m" }} }}
          - {{ action: place_limit_long, metadata: {{ size: "0.01 base", price: 49000.0, order_ref: "a" }} }}
  - id: moves
    cases:
      - when: bars_since_entry == 1
        emit:
          - {{ action: amend_order, metadata: {{ order_ref: "a", price: 48900.0 }} }}
          - {{ action: adjust_stop, metadata: {{ price: 41000.0 }} }}
  - id: closes
    cases:
      - when: bars_since_entry >= 2 or oldest_pending_age_bars >= 3
        emit:
          - {{ action: cancel_order, metadata: {{ order_ref: "a" }} }}
          - exit_long
"""


@cache
def _card() -> Program:
    return compile_card(Source("killed.card.yaml", CARD))


def fresh_desk(bar_ms: int = MINUTE) -> Desk:
    """Return a desk that has lived through nothing; at every speed it bears the silence of a stop as long."""
    data = MarketData(exec=Frame(SYMBOL, "1m", bar_ms))
    return Desk(_card(), data, BTC, coverage=Coverage(timeout_ms=_PATIENCE_MS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a session is started with.

    `is_last`: it opens nothing any more. `is_spied_on`: every library logs all it can into the folder, and
    what every thread is doing is written there twenty times a second, local variables and all. `bar_ms`: how
    long a bar is at this venue.
    """

    folder: str
    http: str
    streams: str
    speed: float
    is_last: bool = False
    is_spied_on: bool = False
    bar_ms: int = MINUTE


def spy(path: Path) -> None:
    """Write what every thread is doing, with its local variables, until the process ends."""
    with path.open("a") as file:
        while True:
            for frame in list(sys._current_frames().values()):
                walk = traceback.walk_stack(frame)
                with suppress(Exception):  # a frame that runs may show what is half made
                    stack = traceback.StackSummary.extract(walk, capture_locals=True)
                    file.writelines(stack.format())
            file.flush()
            time.sleep(0.05)


def run(given: Given) -> None:
    """Run until killed."""
    folder, http = Path(given.folder), given.http
    if given.is_spied_on:
        logging.basicConfig(level=logging.DEBUG, filename=folder / "log")
        threading.Thread(target=spy, args=(folder / "frames",), daemon=True).start()
    with urllib.request.urlopen(f"{http}/fake/now") as answer:
        base = int(json.load(answer)["now"])
    began = time.monotonic()

    def now() -> int:
        return base + int((time.monotonic() - began) * 1_000 * given.speed)

    journal = Journal(folder / "session.journal")
    if journal.meta("run") is None:
        journal.set_meta("run", fresh_run())
        journal.set_meta("since", str(base))
    names = names_of(journal.meta("run") or "", "abcdef")
    taken = take_up(journal, partial(fresh_desk, given.bar_ms))
    desk = taken.desk
    last = desk.ledger.ts or now() // given.bar_ms * given.bar_ms
    # On loopback an answer is there at once, or the machine is busy: half a second of the wall tells the two apart.
    pace = Pace(reconcile_ms=10_000, settle_ms=500, request_ms=1_000, bar_ms=500).at(given.speed)
    session = Session(
        desk, journal, BarGate(given.bar_ms, last - given.bar_ms, pace), now=now, snapshot_every=100
    )
    loop, keys = Loop(), read_keys("testnet")
    place = Place(base=http)
    rest = Rest(
        PybitTransport(keys, place, 2), PybitTransport(keys, place, 5),
        protecting=PybitTransport(keys, place, 2), market=PybitTransport(keys, place, 5),
    )  # fmt: skip
    workers = Workers(
        **{name: Worker(loop.put, name) for name in ("placing", "asking", "protecting", "market")}
    )
    backend = BybitBackend(
        desk.ledger, rest, names, session.hooks, now=now, workers=workers,
        pace=pace, since=int(journal.meta("since") or 0),
    )  # fmt: skip
    taken.go_on(session, backend)
    if given.is_last:
        session.said("flatten", "test")
    lines = (
        Line(name="private", topics=TOPICS, base=given.streams),
        Line(
            name="public", topics=(f"kline.1.{SYMBOL}",), channel="linear", base=given.streams
        ),
    )  # fmt: skip
    for line in lines:
        Link(line, keys if line.channel == "private" else None, loop.put).start()
    print(f"up {os.getpid()} {desk.guard.halted or '-'}", flush=True)
    be_quick()
    loop.run(session)


def _end_with(pipe: int) -> None:
    """End this process when nobody holds the other end of a pipe any more, however that one ended."""

    def wait() -> None:
        while os.read(pipe, 1):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True, name="parent").start()


def nursery() -> None:
    """Fork a session for each line of the input; a child that ends is forgotten.

    What a process works out once is worked out here: a session of this nursery is as far as one whose
    interpreter has started.
    """
    fresh_desk()
    encode(TimerFired(ts=0))
    code_digest()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    mine, held = os.pipe()  # nothing is ever written there: it ends with the nursery
    print("ready", flush=True)
    for line in iter(sys.stdin.readline, ""):
        if os.fork() == 0:
            os.close(held)
            _end_with(mine)
            run(Given(**json.loads(line)))
            os._exit(0)


def main() -> None:
    """Run one session, or be the nursery of many."""
    if sys.argv[1] == "--nursery":
        nursery()
        return
    folder, http, streams, speed = sys.argv[1:5]
    _end_with(sys.stdin.fileno())
    run(Given(folder=folder, http=http, streams=streams, speed=float(speed)))


if __name__ == "__main__":
    main()
