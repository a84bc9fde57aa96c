"""How long a session takes: from a closed bar to its request on the wire, and to decide.

    python -m tools.live_bench wire --bars 300 --folder .
    python -m tools.live_bench decide

`wire`: the session as it runs (queue, desk, journal on a disk, router, worker, the unmodified pybit) and a venue
that only takes requests, in a process of its own, so that it does not wait for the same interpreter. Times are
this machine's: compare what one run prints, with nothing else running.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.questions import Pace
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.streams import StreamMessage
from runtime.live.bars import BarGate
from runtime.live.desk import Desk
from runtime.live.items import BarArrived, LinkSaid, Reconciled, Told
from runtime.live.journal import Journal
from runtime.live.loop import Loop, Worker
from runtime.live.session import Session
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import Event, OrderAccepted, OrderAmended, OrderCancelled, OrderFilled
from runtime.orders.order_spec import OrderType
from tools.live.facts import empty_market

MINUTE = 60_000
START = 1_700_000_040_000
BTC = Instrument(
    symbol="BTCUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=1_190_000,
    max_market_lots=119_000, min_notional_usdt=5.0, max_leverage=100.0,
    funding_interval_minutes=480, tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip
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
_PAUSE_S = 0.16  # the session lets out seven entries a second


# ---------------------------------------------------------------- a venue that only takes


def sink() -> None:
    """Take requests, answer each at once; a line on the output says when one had arrived (ns)."""
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        taken, _ = server.accept()
        threading.Thread(target=_serve, args=(taken,), daemon=True).start()


def _serve(taken: socket.socket) -> None:
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    body = json.dumps({"retCode": 0, "retMsg": "OK", "result": {"list": []}}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
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
            taken.sendall(head.encode() + body)


# ---------------------------------------------------------------- from the event to the wire


class Bench:
    """One session in real time; its clock stands still but for the closes it is given."""

    def __init__(self, folder: Path, port: int) -> None:
        self.now = START
        program = compile_card(Source("bench.card.yaml", CARD))
        desk = Desk(program, empty_market(program, "BTCUSDT"), BTC)
        self.names = names_of(1, "abcdef")
        self.loop = Loop()
        self.session = Session(
            desk,
            Journal(folder / "bench.journal"),
            BarGate(MINUTE, START - MINUTE),
            now=lambda: self.now,
        )
        keys, place = Keys("key", "secret"), Place(base=f"http://127.0.0.1:{port}")
        backend = BybitBackend(
            desk.ledger,
            Rest(PybitTransport(keys, place, 5), PybitTransport(keys, place, 5)),
            self.names,
            self.session.hooks,
            now=lambda: self.now,
            placing=Worker(self.loop.put, "placing"),
            asking=Worker(self.loop.put, "asking"),
            pace=Pace(reconcile_ms=10**9),
            since=START,
        )
        self.session.start(backend, [])
        for link in ("private", "public"):
            self.session.link(link, is_up=True)
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


@click.group()
def main() -> None:
    """Measure a live session."""


@main.command("sink", hidden=True)
def sink_command() -> None:
    """Be the venue that only takes."""
    sink()


@main.command()
@click.option("--bars", default=300, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="On a real disk.")
def wire(bars: int, folder: Path) -> None:
    """From a closed bar in the queue to the whole request at the venue's socket."""
    venue = subprocess.Popen(
        [sys.executable, "-m", "tools.live_bench", "sink"], stdout=subprocess.PIPE, text=True
    )
    assert venue.stdout is not None
    port, took = int(venue.stdout.readline()), list[float]()
    try:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            bench = Bench(Path(place), port)
            time.sleep(1.0)
            for bar in range(bars):
                began = bench.close(bar)
                at, link = venue.stdout.readline().split()
                took.append((int(at) - began) / 1e6)
                bench.end(link)
                time.sleep(_PAUSE_S)
    finally:
        venue.kill()
    click.echo(f"{bars} closes to the wire, journal in {folder.resolve()}: {_figures(took, 'ms')}")


@main.command()
@click.option("--bars", default=3_000, show_default=True)
@click.argument("cards", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def decide(bars: int, cards: tuple[Path, ...]) -> None:
    """A close at the desk for each card: features, consequences, rules, orders decided."""
    for path in cards or sorted(Path("cards/gallery").glob("*.yaml")):
        click.echo(f"{path.stem:<28} {_figures(_decided(path, bars), 'µs')}")


def _decided(path: Path, bars: int) -> list[float]:
    """Return how long each close after the warm-up took, µs; every order is filled or rests as asked."""
    program = compile_card(Source(path.name, path.read_text(encoding="utf-8")))
    symbol = program.graph.symbols[0]
    desk = Desk(program, empty_market(program, symbol), replace(BTC, symbol=symbol))
    frame = synthetic_market(
        SyntheticSpec(seed=1, bars=bars, timeframe=program.graph.timeframe)
    ).exec
    took: list[float] = []
    desk.take(LinkSaid(link="private", is_up=True, why="", ts=frame.ts[0]))
    desk.take(Reconciled(ts=frame.ts[0]))
    for row in range(len(frame)):
        bar = frame.bar(row)
        item = BarArrived(
            start=frame.ts[row],
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            mark=bar.close,
            source="stream",
            received=frame.close_time(row),
        )
        began = time.perf_counter_ns()
        commands = desk.take(item)
        if desk.is_warm:
            took.append((time.perf_counter_ns() - began) / 1_000)
        _obey(desk, commands, bar.close)
    return took


def _obey(desk: Desk, commands: Sequence[Command], price: float) -> None:
    """Answer as an obedient venue does: what is at market fills, what rests is accepted, cancels end."""
    ledger = desk.ledger
    todo = list(commands)
    while todo:
        command = todo.pop(0)
        bar, ts = ledger.bar + 1, ledger.ts + 1
        told: list[Event] = []
        match command:
            case SubmitOrder(spec=spec):
                named = spec.order_id
                told.append(OrderAccepted(order_id=named, exchange_order_id=named, bar=bar, ts=ts))
                if spec.order_type is OrderType.MARKET:
                    told.append(
                        OrderFilled(
                            order_id=named,
                            execution_id=named,
                            quantity=spec.quantity,
                            price=price,
                            fee=0.0,
                            is_maker=False,
                            bar=bar,
                            ts=ts,
                        )
                    )
            case AmendOrder():
                told.append(
                    OrderAmended(
                        order_id=command.order_id,
                        bar=bar,
                        ts=ts,
                        quantity=command.quantity,
                        limit_price=command.limit_price,
                        trigger_price=command.trigger_price,
                    )
                )
            case CancelOrder(order_id=named, reason=reason):
                told.append(OrderCancelled(order_id=named, reason=reason, bar=bar, ts=ts))
            case SetProtection():
                pass
        for event in told:
            named = getattr(event, "order_id", "")
            if not ledger.orders[named].is_terminal:
                todo += desk.take(Told(event=event))


def _figures(took: Sequence[float], unit: str) -> str:
    ranked = sorted(took)
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    load = os.getloadavg()[0]
    return (
        f"median {statistics.median(ranked):.2f} {unit}, p99 {p99:.2f}, most {ranked[-1]:.2f} "
        f"(load {load:.1f})"
    )


if __name__ == "__main__":
    main()
