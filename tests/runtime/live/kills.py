"""Kill −9 at random moments, again and again, and see that nothing is lost or doubled.

python -m tests.runtime.live.kills --count 500
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from random import Random

from runtime.live.journal import Journal
from runtime.live.replay import replay
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import SYMBOL
from tests.runtime.live.process import fresh_desk
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

ROOT = Path(__file__).resolve().parents[3]
SPEED = 20.0


def started(folder: Path, served: Served) -> subprocess.Popen[str]:
    """Start the session as a process and wait until it lives."""
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.live.process", str(folder), served.http,
         served.streams, str(SPEED)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert made.stdout is not None
    assert made.stdout.readline() == "up\n"
    return made


def kill(process: subprocess.Popen[str]) -> None:
    """End a process that we have started, as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    if process.stdout is not None:
        process.stdout.close()


def uncovered(venue: Venue) -> Decimal:
    """Return how much of the position has no stop at the venue."""
    size = venue.state.positions[SYMBOL].size
    stops = sum(
        (o.qty for o in venue.state.open_orders(SYMBOL) if o.trigger and o.reduce_only), Decimal(0)
    )
    return max(Decimal(0), size - stops)


def covered_after(served: Served, seconds: float) -> float:
    """Return after how many seconds of the venue's time the position was covered."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if not served.do(uncovered):
            return (time.monotonic() - began) * SPEED
        time.sleep(0.01)
    return float("inf")


def story(folder: Path, kills: int, seed: int) -> dict[str, float]:
    """Kill a session so many times; AssertionError for anything lost or doubled. Returns figures."""
    chance = Random(seed)
    venue = Venue(Settings(start_ms=1_700_000_040_000, seed=seed, rate_limits=False))
    worst = 0.0
    with serving(venue, speed=SPEED) as served:
        for number in range(kills):
            process = started(folder, served)
            worst = max(worst, covered_after(served, 3))
            if number % 3 == 0:
                served.do(lambda v: v.faults.add(Switch(kind=Fault.DROP_ANSWER, p=0.2, times=1)))
            price = Decimal(50_000 + chance.randrange(-20, 20) * 10)
            served.do(lambda v, price=price: v.trade(price))
            time.sleep(chance.uniform(0.1, 4.0))
            kill(process)
        served.do(lambda v: v.faults.clear())
        process = started(folder, served)
        time.sleep(4.0)
        kill(process)
        check(folder, served)
        trades = len(served.venue.state.executions)
    return {"kills": kills, "worst_cover_s": worst, "executions": trades}


def check(folder: Path, served: Served) -> None:
    """Compare what the journal says with what the venue has."""
    desk = fresh_desk()
    journal = Journal(folder / "session.journal")
    replay(journal.records(), desk)
    journal.close()
    ledger, state = desk.ledger, served.venue.state
    held = 0 if ledger.position is None else ledger.position.side.sign * ledger.position.quantity
    booked = {x for order in ledger.orders.values() for x in order.executions}
    theirs = {e.id for e in state.executions if e.exec_type != "Funding"}
    late = theirs - booked  # at most what came in the last instant before the last kill
    assert booked <= theirs
    assert len(late) <= 1, f"{len(late)} executions were lost"
    if not late:
        assert held == int(state.positions[SYMBOL].size * 1_000)
    links = [order.link for order in state.orders.values() if order.link]
    assert len(links) == len(set(links))
    entries = [o for o in ledger.orders.values() if o.spec.role is Role.ENTRY and o.filled]
    assert len({(o.spec.created_bar, o.spec.order_ref) for o in entries}) == len(entries)


def main() -> None:
    """Kill many times, in stories of twenty kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    done, seed, worst, trades = 0, given.seed, 0.0, 0
    while done < given.count:
        with tempfile.TemporaryDirectory() as folder:
            told = story(Path(folder), min(20, given.count - done), seed)
        done, seed, worst = done + int(told["kills"]), seed + 1, max(worst, told["worst_cover_s"])
        trades += int(told["executions"])
        print(
            f"{done} kills, {trades} executions, worst cover {worst:.1f} s of the venue's time",
            flush=True,
        )


if __name__ == "__main__":
    main()
