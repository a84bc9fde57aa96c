"""A day of a session at one bar a second, hour by hour: what it holds in memory, and its threads.

    python -m tools.live_day --hours 24

The fake venue lives in the same process and keeps every order for ever, so memory is counted by who allocated
it: what the session's own rooms hold. Bars and columns grow for the first hour or two, until a window is full.
"""

from __future__ import annotations

import gc
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

import click

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.rest import Rest
from runtime.live.bars import BarGate
from runtime.live.desk import Desk
from runtime.live.items import BarArrived
from runtime.live.journal import Journal
from runtime.live.resume import take_up
from runtime.live.session import Session
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.orders.order import Order
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue
from tools.live.in_process import InProcess, Road
from tools.wire_bench import BTC, START

SECOND = 1_000
HOUR = 3_600
CARD = """\
name: day
symbol: BTCUSDT
tf: 1m
account: { starting_equity_usdt: 100000 }
features:
  - { id: slow, type: ema, params: { length: 20 } }
blocks:
  - id: market
    cases:
      - when: position_side == flat and close > slow
        emit:
          - { action: entry_long, metadata: { size: "0.01 base", stop_loss_offset_pct: 1, order_ref: "m" } }
      - when: position_side != flat and close < slow
        emit:
          - { action: exit_long }
  - id: rest
    cases:
      - when: close > 0
        emit:
          - { action: place_limit_long, metadata: { size: "0.01 base", price: 30000.0, order_ref: "a", ttl_bars: 5 } }
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """What stands at the end of an hour.

    `objects`: of the runtime's own classes; `held`: bytes of the session's rooms; `bars`: bytes of its columns.
    """

    number: int
    objects: int
    held: int
    bars: int
    orders: int
    asked: int
    threads: int
    journal: int


class Day:
    """One session on one venue, a second at a time."""

    def __init__(self, folder: Path, keep_ms: int = 3_600_000) -> None:
        self.venue = Venue(
            Settings(start_ms=START, seed=1, rate_limits=False, balance=Decimal(100_000))
        )
        program = compile_card(Source("day.card.yaml", CARD))
        self._folder = folder

        def fresh() -> Desk:
            frame = Frame("BTCUSDT", "1m", SECOND)
            return Desk(program, MarketData(exec=frame), BTC, keep_ms=keep_ms)

        self.journal = Journal(folder / "session.journal")
        taken = take_up(self.journal, fresh)
        assert isinstance(taken.desk, Desk)
        self.desk = taken.desk
        self.session = Session(
            self.desk, self.journal, BarGate(SECOND, 1 << 60), now=lambda: self.venue.now
        )
        road = Rest(Road(self.venue), Road(self.venue))
        backend = BybitBackend(
            self.desk.ledger,
            road,
            names_of("1", "abcdef"),
            self.session.hooks,
            now=lambda: self.venue.now,
            pace=Pace(reconcile_ms=60_000),
            since=START,
        )
        taken.go_on(self.session, backend)
        self.steps = InProcess(self.venue, self.session, ())
        self.steps.connect()
        self._chance = Random(1)
        self._price = 50_000.0

    def second(self) -> None:
        """Trade once, let the session do what that leads to, and close a bar."""
        self._price = max(40_000.0, self._price + self._chance.gauss(0.0, 8.0))
        price = Decimal(f"{self._price:.1f}")
        self.venue.trade(price)
        until = self.venue.now + SECOND
        while self.venue.now < until:
            self.steps.step(until - self.venue.now)
        self.session.tick()
        close = float(price)
        self.session.put(
            BarArrived(
                start=self.venue.now // SECOND * SECOND - SECOND,
                open=close,
                high=close,
                low=close,
                close=close,
                volume=1.0,
                mark=close,
                source="stream",
                received=self.venue.now,
            )
        )
        self.session.flush()
        self.steps.pump()

    def hours(self, count: int, seconds: int = HOUR) -> Iterator[Hour]:
        """Live through hours and yield what stands after each. Memory is counted while tracemalloc runs."""
        for number in range(1, count + 1):
            for _ in range(seconds):
                self.second()
            yield self._stands(number)

    def _stands(self, number: int) -> Hour:
        gc.collect()
        held = bars = 0
        if tracemalloc.is_tracing():
            shot = tracemalloc.take_snapshot().filter_traces(
                [tracemalloc.Filter(True, "*/runtime/*")]
            )
            for row in shot.statistics("filename"):
                name = row.traceback[0].filename
                is_column = "/market/" in name or "/rules/" in name or name.endswith("kernel.py")
                bars, held = (bars + row.size, held) if is_column else (bars, held + row.size)
        journal = sum(f.stat().st_size for f in self._folder.glob("session.journal*"))
        return Hour(
            number,
            count_objects(),
            held,
            bars,
            count_orders(),
            self.desk.ledger.orders.asked,
            threading.active_count(),
            journal,
        )


def count_orders() -> int:
    """Return how many orders there are in this process."""
    return sum(isinstance(one, Order) for one in gc.get_objects())


def count_objects() -> int:
    """Return how many objects of the runtime's own classes there are in this process."""
    return sum(str(type(one).__module__).startswith("runtime.") for one in gc.get_objects())


@click.command()
@click.option("--memory/--objects", default=True, help="Count bytes too: slower.")
@click.option("--hours", default=24, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=None, help="Of the journal.")
def main(memory: bool, hours: int, folder: Path | None) -> None:
    """Live through hours at one bar a second and say what is held after each."""
    if memory:
        tracemalloc.start()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for hour in Day(Path(place)).hours(hours):
            held = f"{hour.held / 1e6:.2f} MB, bars and columns {hour.bars / 1e6:.2f} MB, "
            click.echo(
                f"hour {hour.number:>2}: {held if memory else ''}{hour.objects} objects, "
                f"{hour.orders} orders held of {hour.asked} asked for, {hour.threads} threads, "
                f"journal {hour.journal / 1e6:.1f} MB ({time.monotonic() - began:.0f} s)"
            )


if __name__ == "__main__":
    main()
