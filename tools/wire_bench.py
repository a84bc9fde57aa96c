"""How long it takes from a closed bar to its request on the wire, and where the time goes.

The session as it runs (queue, desk, journal on a disk, router, worker, the unmodified pybit) against a venue
that only takes requests, in a process of its own, so that it does not wait for the same interpreter.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.streams import StreamMessage
from runtime.backends.bybit.worker import Workers
from runtime.live.bars import BarGate
from runtime.live.desk import Desk
from runtime.live.journal import Journal, RecordKind
from runtime.live.loop import Loop, Worker, be_quick
from runtime.live.session import Session
from runtime.market.instrument_facts import Instrument, RiskTier
from tools.live.facts import empty_market

MINUTE = 60_000
START = 1_700_000_040_000
BTC = Instrument(
    symbol="BTCUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=1_190_000,
    max_market_lots=119_000, min_notional_usdt=5.0, max_leverage=100.0,
    funding_interval_minutes=480, tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip
SUMS = ("until its bytes are in the socket", "until the venue has read them")
ALONE = "this machine alone: a millisecond of counting"  # what no program can be more even than
_PAUSE_S = 0.16  # the session lets out seven entries a second
# Each stage ends with its mark; all of them are what one request takes.
STAGES = {
    "waking up": "taken",
    "parsed, decided, encoded": "decided",
    "on the disk": "durable",
    "handed to the worker": "asked",
    "signed and worded by pybit, into the socket": "sent",
}
CARD = """\
name: bench
symbol: BTCUSDT
tf: 1m
account: { starting_equity_usdt: 10000 }
blocks:
  - id: always
    cases:
      - when: close > 0
        emit:
          - { action: place_limit_long, metadata: { size: "0.01 base", price: 40000.0, order_ref: "a" } }
"""
# ---------------------------------------------------------------- a venue that only takes


_FLAT: list[dict[str, object]] = [
    {
        "symbol": "BTCUSDT", "side": "", "size": "0", "positionIdx": 0, "avgPrice": "0",
        "positionValue": "", "markPrice": "50000", "liqPrice": "", "leverage": "1",
        "positionStatus": "Normal", "adlRankIndicator": 0, "isReduceOnly": False, "seq": 1,
        "updatedTime": str(START), "createdTime": str(START), "tradeMode": 1, "stopLoss": "",
    }
]  # fmt: skip


def sink() -> None:
    """Take requests, answer each at once; a line on the output says when one had arrived (ns)."""
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        taken, _ = server.accept()
        threading.Thread(target=_serve, args=(taken,), daemon=True).start()


def _answer(rows: list[dict[str, object]]) -> bytes:
    body = json.dumps({"retCode": 0, "retMsg": "OK", "result": {"list": rows}}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _serve(taken: socket.socket) -> None:
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    held = b""
    while part := taken.recv(65_536):
        at = time.monotonic_ns()
        held += part
        while b"\r\n\r\n" in held:
            top, _, rest = held.partition(b"\r\n\r\n")
            length = 0
            for line in top.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(rest) < length:
                break
            held = rest[length:]
            if top.startswith(b"POST"):
                print(at, json.loads(rest[:length])["orderLinkId"], flush=True)
            taken.sendall(_answer(_FLAT if b"/position/list" in top else []))


# ---------------------------------------------------------------- from the event to the wire


class Bench:
    """One session in real time; its clock stands still but for the closes it is given."""

    def __init__(self, folder: Path, port: int) -> None:
        self.now = START
        program = compile_card(Source("bench.card.yaml", CARD))
        desk = Desk(program, empty_market(program, "BTCUSDT"), BTC)
        self.names = names_of("1", "abcdef")
        self.loop = Loop()
        self.session = Session(
            desk,
            Journal(folder / "bench.journal"),
            BarGate(MINUTE, START - MINUTE),
            now=lambda: self.now,
        )
        names = ("placing", "asking", "protecting", "market")
        workers = Workers(**{name: Worker(self.loop.put, name) for name in names})
        keys, place = Keys("key", "secret"), Place(base=f"http://127.0.0.1:{port}")
        backend = BybitBackend(
            desk.ledger,
            Rest(
                PybitTransport(keys, place, 5),
                PybitTransport(keys, place, 5),
                protecting=PybitTransport(keys, place, 5),
                market=PybitTransport(keys, place, 5),
            ),
            self.names,
            self.session.hooks,
            now=lambda: self.now,
            workers=workers,
            pace=Pace(reconcile_ms=10**9, warm_ms=15_000),
            since=START,
        )
        self.session.start(backend, [])
        for link in ("private", "public"):
            self.session.link(link, is_up=True)
        be_quick()
        threading.Thread(target=self.loop.run, args=(self.session,), daemon=True).start()

    def close(self, bar: int) -> int:
        """Let a bar close, as the stream tells it; return when it was put in (ns)."""
        start = START + bar * MINUTE
        self.now = start + MINUTE + 5
        price = "50000"
        row = {
            "start": start,
            "end": start + MINUTE - 1,
            "interval": "1",
            "open": price,
            "close": price,
            "high": price,
            "low": price,
            "volume": "1",
            "turnover": "1",
            "confirm": True,
            "timestamp": self.now,
        }
        message = {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": self.now, "data": [row]}
        at = time.monotonic_ns()
        self.loop.put(StreamMessage("public", 1, self.now, message))
        return at

    def end(self, link: str) -> None:
        """Tell that the order was taken and is over, so that the next close asks for another."""
        row = {
            "category": "linear",
            "symbol": "BTCUSDT",
            "orderId": f"x-{link}",
            "orderLinkId": link,
            "side": "Buy",
            "orderType": "Limit",
            "price": "40000",
            "qty": "0.01",
            "timeInForce": "GTC",
            "orderStatus": "Cancelled",
            "cumExecQty": "0",
            "leavesQty": "0",
            "avgPrice": "",
            "cumExecValue": "0",
            "cumExecFee": "0",
            "reduceOnly": False,
            "closeOnTrigger": False,
            "triggerPrice": "",
            "triggerDirection": 0,
            "triggerBy": "",
            "stopOrderType": "",
            "createType": "CreateByUser",
            "rejectReason": "EC_NoError",
            "cancelType": "CancelByUser",
            "positionIdx": 0,
            "createdTime": str(self.now),
            "updatedTime": str(self.now),
        }
        self.loop.put(StreamMessage("private", 1, self.now, {"topic": "order", "data": [row]}))


# ---------------------------------------------------------------- where the time goes


def _counting(rounds: int) -> float:
    """Return how long counting so far took, ms: it waits for nothing, what it takes more is the machine's."""
    began = time.perf_counter_ns()
    for _ in range(rounds):
        pass
    return (time.perf_counter_ns() - began) / 1e6


def _rounds_of_a_millisecond() -> int:
    """Return how far one counts in a ms, where nothing disturbs."""
    return int(100_000 / min(_counting(100_000) for _ in range(50)))


class Marks:
    """When each stage of the newest request was reached first or, of the bytes, last; ns."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}
        self._placing = 0

    def first(self, name: str) -> None:
        self.at.setdefault(name, time.monotonic_ns())

    def asked(self, _session: object, method: str, *_rest: object) -> None:
        if method == "POST":
            self._placing = threading.get_ident()
            self.first("asked")

    def sent(self, *_rest: object) -> None:
        if threading.get_ident() == self._placing:
            self.at["sent"] = time.monotonic_ns()

    def written(self, name: str, rows: list[tuple[int, RecordKind, str]]) -> None:
        if any(kind is RecordKind.COMMAND for _ts, kind, _body in rows):
            self.first(name)


def _nothing(*_given: object) -> None:
    """Mark nothing."""


@contextmanager
def _around(
    owner: Any, name: str, before: Callable[..., None], after: Callable[..., None] = _nothing
) -> Iterator[None]:
    """Have two functions called around a method, with what it is called with."""
    held = getattr(owner, name)

    @wraps(held)
    def called(*given: Any, **named: Any) -> Any:
        before(*given)
        result = held(*given, **named)
        after(*given)
        return result

    setattr(owner, name, called)
    try:
        yield
    finally:
        setattr(owner, name, held)


@contextmanager
def marked() -> Iterator[Marks]:
    """Mark the stages of every request meanwhile."""
    marks = Marks()
    with (
        _around(Session, "frame", lambda *_: marks.first("taken")),
        _around(
            Journal,
            "write",
            lambda _journal, rows: marks.written("decided", rows),
            lambda _journal, rows: marks.written("durable", rows),
        ),
        _around(PybitTransport, "send", marks.asked),
        _around(http.client.HTTPConnection, "send", _nothing, marks.sent),
    ):
        yield marks


@contextmanager
def _venue() -> Iterator[subprocess.Popen[str]]:
    venue = subprocess.Popen(
        [sys.executable, "-m", "tools.live_bench", "sink"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield venue
    finally:
        venue.kill()


def measured(bars: int, folder: Path) -> dict[str, list[float]]:
    """Return what each of so many closes took, ms: by stage, until the bytes are in the socket, until they are there.

    Last, what a ms of counting took after the same pause as each close: a machine that is shared with others, or
    asleep between two closes, makes both longer.
    """
    took: dict[str, list[float]] = {name: [] for name in (*STAGES, *SUMS, ALONE)}
    rounds = _rounds_of_a_millisecond()
    with _venue() as venue, marked() as marks, tempfile.TemporaryDirectory(dir=folder) as place:
        assert venue.stdout is not None
        bench = Bench(Path(place), int(venue.stdout.readline()))
        time.sleep(1.0)
        for bar in range(bars):
            marks.at.clear()
            began = bench.close(bar)
            at, link = venue.stdout.readline().split()
            time.sleep(0.01)  # the last mark is made by then
            reached = began
            for stage, mark in STAGES.items():
                took[stage].append((marks.at[mark] - reached) / 1e6)
                reached = marks.at[mark]
            for stage, end in zip(SUMS, (reached, int(at)), strict=True):
                took[stage].append((end - began) / 1e6)
            bench.end(link)
            time.sleep(_PAUSE_S)
            took[ALONE].append(_counting(rounds))
            time.sleep(_PAUSE_S)
    return took
