"""A session as a process of its own against the venue on loopback, to be killed at any moment.

    python -m tests.runtime.live.process FOLDER HTTP STREAMS SPEED

The venue's time runs SPEED times as fast as the clock on the wall; the session lives in the venue's time.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from pathlib import Path

from runtime.backends.bybit.backend import BybitBackend, Pace
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.streams import Line, Link
from runtime.live.bars import BarGate
from runtime.live.desk import Desk
from runtime.live.journal import Journal, next_run
from runtime.live.loop import Loop, Worker
from runtime.live.replay import replay
from runtime.live.session import Session
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.orders.events import Event
from tests.runtime.live.bench import BTC, MINUTE, SYMBOL, TOPICS, program
from tests.strategies.runs import at_bar, emit

CARD = "".join(
    at_bar(
        bar,
        *{
            0: (emit("entry_long", size="0.01 base", stop_loss=40000.0, order_ref="m"),),
            1: (emit("place_limit_long", size="0.01 base", price=49000.0, order_ref="a"),),
            2: (emit("amend_order", order_ref="a", price=48900.0),),
            3: (emit("cancel_order", order_ref="a"), emit("adjust_stop", price=41000.0)),
            4: (emit("exit_long"),),
        }[bar % 5],
    )
    for bar in range(400)
)  # fmt: skip


def fresh_desk() -> Desk:
    """Return a desk that has lived through nothing."""
    data = MarketData(exec=Frame(SYMBOL, "1m", MINUTE))
    rich = {"account": "starting_equity_usdt: 10000"}
    return Desk(program(CARD, **rich), data, BTC)


def main() -> None:
    """Run until killed."""
    folder, http, streams, speed = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    with urllib.request.urlopen(f"{http}/fake/now") as answer:
        base = int(json.load(answer)["now"])
    began = time.monotonic()

    def now() -> int:
        return base + int((time.monotonic() - began) * 1_000 * speed)

    journal = Journal(folder / "session.journal")
    if journal.meta("run") is None:
        journal.set_meta("run", str(next_run(folder / "runs")))
        journal.set_meta("since", str(base))
    names = names_of(int(journal.meta("run") or 0), "abcdef")
    desk = fresh_desk()
    known: list[Event] = replay(journal.records(), desk).events
    last = desk.ledger.ts or now() // MINUTE * MINUTE
    session = Session(desk, journal, BarGate(MINUTE, last - MINUTE), now=now)
    loop, keys = Loop(), Keys("key", "secret")
    place = Place(base=http)
    rest = Rest(PybitTransport(keys, place, 2), PybitTransport(keys, place, 5))
    pace = Pace(reconcile_ms=10_000, settle_ms=2_000)
    backend = BybitBackend(
        desk.ledger, rest, names, session.hooks, now=now, placing=Worker(loop.put, "placing"),
        asking=Worker(loop.put, "asking"), pace=pace, since=int(journal.meta("since") or 0),
    )  # fmt: skip
    session.start(backend, known)
    lines = (
        Line(name="private", topics=TOPICS, base=streams),
        Line(name="public", topics=(f"kline.1.{SYMBOL}",), channel="linear", base=streams),
    )
    for line in lines:
        Link(line, keys if line.channel == "private" else None, loop.put).start()
    print("up", flush=True)
    loop.run(session)


if __name__ == "__main__":
    main()
