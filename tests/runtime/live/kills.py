"""Kill −9 at random moments, again and again, and see that nothing is lost or doubled.

python -m tests.runtime.live.kills --count 500

The moments: any time; when the journal is being written; at a request, before it is carried out, after, or
carried out by the venue when nobody is there any more to hear of it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from runtime.backends.bybit.names import LinkNames, names_of
from runtime.backends.bybit.outside import is_ours
from runtime.live.desk import Desk
from runtime.live.journal import Journal
from runtime.live.replay import Replayed, replay
from runtime.orders.events import OrderAccepted, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import SYMBOL
from tests.runtime.live.process import Given, fresh_desk
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

ROOT = Path(__file__).resolve().parents[3]
SPEED = 40.0
_MOST_S = 4.0  # a life that nothing ended by then ends anyway
_FRESH = 25  # every so many kills the next session is a new interpreter, not a fork


class Moment(StrEnum):
    """When a session is killed."""

    ANY_TIME = "any time"
    AT_A_WRITE = "at a write"
    BEFORE_REQUEST = "request lost"
    WITH_REQUEST = "request carried out, nobody there"
    AFTER_REQUEST = "request carried out"


@dataclass(slots=True)
class Told:
    """What many kills have shown. Seconds on the wall, `cover_s` of the venue's time too."""

    kills: Counter[str] = field(default_factory=Counter)
    executions: int = 0
    orders: int = 0
    journals: int = 0  # replayed: the same events, commands and hashes
    items: int = 0
    hashes: int = 0
    halted: Counter[str] = field(default_factory=Counter)  # why sessions found themselves halted
    uncovered: int = 0  # restarts that found a position without a stop
    start_s: list[float] = field(default_factory=list)  # from the start to the first tick
    fresh_s: list[float] = field(default_factory=list)  # the same of whole interpreters
    cover_s: list[float] = field(default_factory=list)  # from the start to the stop at the venue
    cover_venue_s: list[float] = field(default_factory=list)  # from the first tick, venue's time

    def add(self, other: Told) -> None:
        for name in Told.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + theirs)

    def text(self) -> str:
        """Return the figures in one line."""
        halts = "; ".join(f"{n} halted: {why}" for why, n in self.halted.items() if n)
        by_moment = ", ".join(f"{n} {name}" for name, n in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({by_moment}); {self.orders} orders, "
            f"{self.executions} executions; {self.journals} journals replayed the same ({self.items} "
            f"items, {self.hashes} hashes); {self.uncovered} restarts with an open position without "
            f"a stop; stop at the venue after at most {max(self.cover_s, default=0):.2f} s "
            f"({max(self.cover_venue_s, default=0):.1f} s of the venue's time after the first "
            f"tick); start {_most(self.start_s)} s forked, {_most(self.fresh_s)} s fresh; "
            f"{halts or 'none halted'}"
        )


def _most(values: list[float]) -> str:
    return f"{max(values):.2f}" if values else "-"


# ---------------------------------------------------------------- processes


@dataclass(slots=True)
class Child:
    """A session that lives."""

    pid: int
    halted: str
    took_s: float
    fresh: subprocess.Popen[str] | None = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.fresh is not None:
            self.fresh.send_signal(signal.SIGKILL)
            self.fresh.wait(timeout=10)
            assert self.fresh.stdout is not None
            self.fresh.stdout.close()
            return
        os.kill(self.pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while lives(self.pid):
            assert time.monotonic() < until
            time.sleep(0.001)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill_left(child: Child) -> None:
    """End a session that may be stopped or gone already."""
    if lives(child.pid):
        child.kill()


class Nursery:
    """Gives birth to sessions."""

    def __init__(self) -> None:
        self._process = _python("--nursery")
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def start(self, given: Given) -> Child:
        """Fork a session and wait until it lives."""
        process, began = self._process, time.monotonic()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(given)) + "\n")
        process.stdin.flush()
        _, pid, halted = process.stdout.readline().split(maxsplit=2)
        return Child(int(pid), halted.strip(), time.monotonic() - began)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)


@contextmanager
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    try:
        yield made
    finally:
        made.close()


def fresh(given: Given) -> Child:
    """Start a session in an interpreter of its own and wait until it lives."""
    began = time.monotonic()
    made = _python(given.folder, given.http, given.streams, str(given.speed))
    assert made.stdout is not None
    _, pid, halted = made.stdout.readline().split(maxsplit=2)
    return Child(int(pid), halted.strip(), time.monotonic() - began, made)


def _python(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.live.process", *words],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={
            "BYBIT_API_KEY": "key", "BYBIT_API_SECRET": "secret", **os.environ,
            "no_proxy": "127.0.0.1",
        },
    )  # fmt: skip


# ---------------------------------------------------------------- one story


def uncovered(venue: Venue) -> Decimal:
    """Return how much of the position has no stop at the venue."""
    size = venue.state.positions[SYMBOL].size
    stops = sum(
        (o.qty for o in venue.state.open_orders(SYMBOL) if o.trigger and o.reduce_only), Decimal(0)
    )
    return max(Decimal(0), size - stops)


class Story:
    """One account, one journal, many sessions one after the other."""

    def __init__(self, folder: Path, served: Served, seed: int, born: Nursery) -> None:
        self.chance = Random(seed)
        self.told = Told()
        self.folder = folder
        self._served = served
        self._born = born
        self._given = Given(
            folder=str(folder), http=served.http, streams=served.streams, speed=SPEED
        )
        self._ask = served.venue.request

    def live_and_die(self, number: int) -> bool:
        """Start a session, wait for its stop, kill it; False where it found itself halted."""
        chance, told = self.chance, self.told
        was_open = bool(self._served.do(uncovered))
        began = time.monotonic()
        is_fresh = number % _FRESH == _FRESH - 1
        child = fresh(self._given) if is_fresh else self._born.start(self._given)
        (told.fresh_s if is_fresh else told.start_s).append(child.took_s)
        if was_open:
            told.uncovered += 1
            self._cover(began, child)
        if number % 3 == 0:
            switch = Switch(kind=Fault.DROP_ANSWER, p=0.2, times=1)
            self._served.do(lambda v: v.faults.add(switch))
        price = Decimal(50_000 + chance.randrange(-20, 20) * 10)
        self._served.do(lambda v: v.trade(price))
        moment = chance.choice(list(Moment))
        told.kills[moment.value] += 1
        self._die(child, moment)
        told.halted[child.halted] += child.halted != "-"
        return child.halted == "-"

    def _cover(self, began: float, child: Child) -> None:
        up = began + child.took_s
        while self._served.do(uncovered):
            assert time.monotonic() - began < 10, "a position has had no stop for ten seconds"
            time.sleep(0.005)
        at = time.monotonic()
        self.told.cover_s.append(at - began)
        self.told.cover_venue_s.append((at - up) * SPEED)

    def _die(self, child: Child, moment: Moment) -> None:
        match moment:
            case Moment.ANY_TIME:
                time.sleep(self.chance.uniform(0.02, 1.5))
                child.kill()
            case Moment.AT_A_WRITE:
                self._at_a_write(child)
            case _:
                self._at_a_request(child, moment)

    def _at_a_write(self, child: Child) -> None:
        wal = self.folder / "session.journal-wal"
        time.sleep(self.chance.uniform(0.02, 1.0))
        size, until = _size(wal), time.monotonic() + _MOST_S
        while _size(wal) == size and time.monotonic() < until:
            time.sleep(0.0002)
        time.sleep(self.chance.uniform(0.0, 0.003))
        child.kill()

    def _at_a_request(self, child: Child, moment: Moment) -> None:
        """Kill at one of the next requests, in the venue's own thread: nothing can come in between."""
        venue, ask, left = self._served.venue, self._ask, self.chance.choice((1, 1, 2, 3))
        delay, is_dead, is_due = self.chance.uniform(0.0, 0.01), False, threading.Event()

        def asked(request: Any) -> Any:
            nonlocal left, is_dead
            left -= request.method == "POST"
            if left or request.method != "POST" or is_due.is_set():
                return ask(request)
            if moment is not Moment.AFTER_REQUEST:
                child.kill()
                is_dead = True
            is_due.set()
            if moment is Moment.BEFORE_REQUEST:
                return replace(ask(replace(request, path="/nowhere")), is_lost=True)
            return ask(request)

        venue.request = asked  # type: ignore[method-assign]
        is_due.wait(_MOST_S)
        time.sleep(delay)
        self._served.do(lambda v: setattr(v, "request", ask))
        if not is_dead:
            child.kill()

    def end(self) -> None:
        """Let a last session settle everything, then compare journal and venue."""
        self._served.do(lambda v: v.faults.clear())
        child = self._born.start(replace(self._given, is_last=True))
        time.sleep(4 * 60 / SPEED)
        child.kill()
        state = self._served.venue.state
        self.told.executions += len(state.executions)
        self.told.orders += len(state.orders)
        told = check(self.folder, self._served)
        assert told.hashes > self.told.kills.total(), "a session has left no hash of its state"
        self.told.journals += 1
        self.told.items += told.items
        self.told.hashes += told.hashes


def _size(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def story(folder: Path, kills: int, seed: int, born: Nursery) -> Told:
    """Kill a session so many times; AssertionError for anything lost or doubled."""
    venue = Venue(Settings(start_ms=1_700_000_040_000, seed=seed, rate_limits=False))
    with serving(venue, speed=SPEED) as served:
        made = Story(folder, served, seed, born)
        for number in range(kills):
            if not made.live_and_die(number + seed):
                break
        made.end()
    return made.told


# ---------------------------------------------------------------- what must hold


def replayed(folder: Path) -> tuple[Desk, Replayed, LinkNames]:
    """Return a desk that has lived through a journal again, all that it was told, and its names at the venue.

    Differs where events, commands or the hash of a state, one at the start of every session, are others.
    """
    desk = fresh_desk()
    journal = Journal(folder / "session.journal")
    told = replay(journal.records(), desk)
    names = names_of(journal.meta("run") or "", "abcdef")
    journal.close()
    return desk, told, names


def check(folder: Path, served: Served) -> Replayed:
    """Replay the journal and compare what the journal says with what the venue has: nothing lost, nothing doubled.

    By the journal's events: orders that ended an hour ago have left the ledger.
    """
    desk, told, names = replayed(folder)
    events = told.events
    ledger, state = desk.ledger, served.venue.state
    fills = [event for event in events if isinstance(event, OrderFilled)]
    booked = {fill.execution_id for fill in fills}
    theirs = {e.id for e in state.executions if e.exec_type != "Funding"}
    assert booked == theirs, f"{len(theirs - booked)} lost, {len(booked - theirs)} made up"
    held = 0 if ledger.position is None else ledger.position.side.sign * ledger.position.quantity
    assert held == int(state.positions[SYMBOL].size * 1_000)
    links = [order.link for order in state.orders.values() if order.link]
    assert len(links) == len(set(links)), "an id was used twice"
    specs = {e.spec.order_id: e.spec for e in events if isinstance(e, OrderSubmitted)}
    ours = {names.link(spec.order_id) for spec in specs.values() if is_ours(spec)}
    assert set(links) <= ours, f"lost: {set(links) - ours}"
    working = {names.link(o.order_id) for o in ledger.book if is_ours(o.spec)}
    assert working == {o.link for o in state.open_orders(SYMBOL)}
    taken = {e.order_id for e in events if isinstance(e, OrderAccepted)} & set(specs)
    entries = [specs[named] for named in taken if specs[named].role is Role.ENTRY]
    decided = Counter((spec.created_bar, spec.order_ref) for spec in entries)
    assert max(decided.values(), default=1) == 1, f"doubled: {decided.most_common(1)}"
    return told


def main() -> None:
    """Kill many times, in stories of fifty kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    seed, told, began = given.seed, Told(), time.monotonic()
    with nursery() as born:
        while told.kills.total() < given.count:
            with tempfile.TemporaryDirectory() as folder:
                left = given.count - told.kills.total()
                told.add(story(Path(folder), min(50, left), seed, born))
            seed += 1
            print(f"{told.text()}; {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
