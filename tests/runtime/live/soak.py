"""Hours of a session at a bar a second, over sockets and with all its threads: do memory and threads stay flat?

    python -m tests.runtime.live.soak --hours 24 --speed 30

The session is a process of its own; the venue's time runs SPEED times as fast as the clock on the wall. What is
said is what the operating system says of that process, and what the session told of in its journal.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

from runtime.backends.base import Notice
from runtime.live.codec import decode
from runtime.live.journal import Journal, RecordKind
from runtime.live.replay import replay
from tests.runtime.live.contract import SYMBOL
from tests.runtime.live.kills import Child, nursery
from tests.runtime.live.process import Given, fresh_desk
from tools.fakebybit.feed import Tick
from tools.fakebybit.orders import Side
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

SECOND = 1_000
HOUR_MS = 3_600 * SECOND
START = 1_700_000_040_000


@dataclass(frozen=True, slots=True)
class Stand:
    """What a process holds: resident bytes without the pages of files, threads, open files."""

    bytes: int
    threads: int
    files: int


def stand(pid: int) -> Stand:
    """Return what a process holds, as Linux says it."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Stand(int(rows["RssAnon"].split()[0]) * 1_024, int(rows["Threads"]), files)


def prints(seed: int) -> Iterator[Tick]:
    """Yield a print a second for ever, around 50,000."""
    chance, price, ts = Random(seed), 50_000.0, START
    while True:
        price += chance.gauss(0.0, 8.0) + (50_000.0 - price) / 200
        side = chance.choice((Side.BUY, Side.SELL))
        yield Tick(ts, SYMBOL, Decimal(f"{price:.1f}"), Decimal(1), side)
        ts += SECOND


def stands(
    served: Served, child: Child, hours: float, each: float
) -> Iterator[tuple[float, Stand]]:
    """Yield what a session holds after each part of an hour of the venue's time."""
    began, number = served.do(lambda v: v.now), 0
    while number * each < hours:
        number += 1
        until = began + int(number * each * HOUR_MS)
        while served.do(lambda v: v.now) < until:
            time.sleep(0.2)
        yield number * each, stand(child.pid)


def lived(folder: Path, hours: float, speed: float, each: float) -> None:
    """Live through hours, say what is held after each part of one, replay the journal."""
    settings = Settings(
        start_ms=START, rate_limits=False, balance=Decimal(100_000), intervals={"1": SECOND},
        kline_push_ms=SECOND, ticker_push_ms=86_400_000,
    )  # fmt: skip
    venue = Venue(settings, feed=prints(1))
    began = time.monotonic()
    with serving(venue, speed=speed) as served, nursery() as born:
        given = Given(
            folder=str(folder), http=served.http, streams=served.streams, speed=speed,
            bar_ms=SECOND,
        )  # fmt: skip
        child = born.start(given)
        for hour, held in stands(served, child, hours, each):
            orders = served.do(lambda v: len(v.state.orders))
            journal = sum(f.stat().st_size for f in folder.glob("session.journal*"))
            print(
                f"hour {hour:5.2f}: {held.bytes / 1e6:.1f} MB, {held.threads} threads, "
                f"{held.files} open files, {orders} orders, journal {journal / 1e6:.1f} MB "
                f"({time.monotonic() - began:.0f} s)",
                flush=True,
            )
        child.kill()
    desk, read = fresh_desk(SECOND), Journal(folder / "session.journal")
    told = replay(read.records(), desk)
    notices = Counter(
        item.kind
        for record in read.records()
        if record.kind is RecordKind.ITEM and isinstance(item := decode(record.body), Notice)
    )
    bars = len(desk.bars)
    read.close()
    why = desk.guard.halted or "; ".join(desk.guard.blocked.values()) or "nothing"
    print(
        f"replayed: {told.items} items, {bars} bars, {told.hashes} hashes; holds entries back: {why}"
    )
    print(f"told: {', '.join(f'{kind} {n}' for kind, n in notices.most_common()) or 'nothing'}")


def main() -> None:
    """Live through hours at a bar a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speed", type=float, default=30.0)
    parser.add_argument("--each", type=float, default=0.5, help="hours between two lines")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lived(Path(folder), given.hours, given.speed, given.each)


if __name__ == "__main__":
    main()
