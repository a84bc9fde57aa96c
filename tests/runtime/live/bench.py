"""A session against the venue that is not there, in one process, under its virtual time, from one seed.

What is under test is the session as it runs: desk, journal on a disk, backend, requests signed and answered.
Only sockets and threads are missing; in which order answers and frames reach the loop is drawn by chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.names import LinkNames, names_of
from runtime.backends.bybit.outside import is_ours
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.reconcile import OnMismatch
from runtime.backends.bybit.rest import Answered, Banned, Rest
from runtime.backends.bybit.stand_ins import PREFIX
from runtime.backends.bybit.worker import Workers
from runtime.errors import OutcomeUnknown
from runtime.live.bars import BarGate
from runtime.live.coverage import Coverage
from runtime.live.desk import Desk
from runtime.live.exits import Exits
from runtime.live.guard import SessionLimits
from runtime.live.journal import Journal
from runtime.live.replay import Replayed, replay
from runtime.live.resume import take_up
from runtime.live.session import Session
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from tests.runtime.live.beyond import opened_too_much
from tests.runtime.live.contract import BTC as BTC
from tests.runtime.live.contract import MINUTE as MINUTE
from tests.runtime.live.contract import SYMBOL as SYMBOL
from tests.runtime.live.contract import TOPICS as TOPICS
from tests.runtime.live.covered import beyond_their_layer, short_of_stops
from tests.strategies.runs import card_text
from tools.fakebybit import auth
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Switch
from tools.fakebybit.inprocess import Client, Lost, Odd
from tools.fakebybit.links import Channel, Connection
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

T = TypeVar("T")
D = Decimal
START = 1_700_000_040_000  # a whole minute


def program(blocks: str, **settings: str) -> Program:
    """Compile a card on the venue's contract."""
    text = card_text(blocks, **settings).replace("TESTUSDT", SYMBOL)
    return compile_card(Source("live.card.yaml", text))


def _has_stand_in(order: Any) -> bool:
    return any(name.startswith(PREFIX) for name in order.executions)


class Road:
    """The in-process door as a transport. `before` is called when a request leaves."""

    ahead_ms = 0

    def __init__(self, client: Client) -> None:
        self.client = client
        self.before: Callable[[str, Body], None] = lambda _path, _body: None
        self.requests: list[tuple[str, Body]] = []
        self.is_halted: Callable[[], bool] = lambda: False
        self.opened_halted: list[Body] = []  # what would open more and left after a halt

    def send(self, method: str, path: str, fields: Body) -> Answered:
        if method == "POST":
            self.requests.append((path, fields))
            if path == "order/create" and not fields["reduceOnly"] and self.is_halted():
                self.opened_halted.append(fields)
            self.before(path, fields)
        return self.carry(method, path, fields)

    def clock(self) -> int:
        return self.client.now()

    def carry(self, method: str, path: str, fields: Body) -> Answered:
        """Send it and return the whole answer."""
        self.client.ahead_ms = self.ahead_ms
        try:
            call = self.client.get if method == "GET" else self.client.post
            answer = call(path, **fields)
        except Lost:
            raise OutcomeUnknown("lost") from None
        except Odd as error:
            if "403" in str(error):
                raise Banned(str(error)) from None
            raise OutcomeUnknown(str(error)) from None
        return Answered(answer, self.client.headers)


class Late:
    """A worker whose results wait until the bench lets one of them in."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        result = job()
        self.waiting.append(lambda: then(result))


class Live:
    """A venue at 50,000 and a session of a card on it. `kill` and `restart` end and take up the process."""

    can_refuse_one = True  # of its two links
    late_ms = 0  # our clock behind the venue's

    def __init__(
        self, folder: Path, blocks: str, *, faults: Iterable[Switch] = (), seed: int = 0,
        limits: SessionLimits | None = None, pace: Pace | None = None, more: dict[str, str] | None = None,
        venue: Venue | None = None, run: str = "1", on_mismatch: OnMismatch = OnMismatch.HALT,
        keep_ms: int = 3_600_000, snapshot_every: int = 40, **settings: Any,
    ) -> None:  # fmt: skip
        made = venue or Venue(Settings(start_ms=START, seed=seed, **settings), faults=faults)
        self.venue = made
        self.on_mismatch = on_mismatch
        self.keep_ms = keep_ms
        self.began = made.now
        self.snapshot_every = snapshot_every  # items: nearly every restart takes one up
        self.program = program(blocks, **(more or {}))
        self.folder = folder
        self.chance = Random(seed)
        self.limits = limits
        self.pace = pace or Pace(reconcile_ms=10_000)
        self.names: LinkNames = names_of(run, "abcdef")
        self.streams: dict[str, Connection] = {}
        self.refused: set[str] = set()  # links that do not come up
        self.road = self._door()
        self.posted: list[tuple[str, Body]] = self.road.requests
        self._boot()

    # ------------------------------------------------------------ the process

    def _door(self) -> Any:
        return Road(Client(self.venue))

    def _desk(self) -> Desk:
        data = MarketData(exec=Frame(SYMBOL, "1m", MINUTE))
        coverage = Coverage()
        return Desk(
            self.program,
            data,
            BTC,
            limits=self.limits,
            coverage=coverage,
            keep_ms=self.keep_ms,
            exits=Exits(patience_ms=self.pace.unheard_ms),
        )

    def _boot(self) -> None:
        self.journal = Journal(self.folder / "session.journal", room=0)
        taken = take_up(self.journal, self._desk)
        self.desk = taken.desk
        ts = self.desk.ledger.ts
        gate = BarGate(MINUTE, (ts or self.began // MINUTE * MINUTE) - MINUTE)
        self.lived = taken.lived
        self.session = Session(
            self.desk, self.journal, gate, now=lambda: self.venue.now - self.late_ms,
            snapshot_every=self.snapshot_every,
            fresh_mark=lambda: f"{self.chance.randrange(36**3):04x}"[-4:],
        )  # fmt: skip
        self.worker = Late()
        rest = Rest(self.road, self.road)
        self.backend = BybitBackend(
            self.desk.ledger, rest, self.names, self.session.hooks,
            now=lambda: self.venue.now - self.late_ms,
            workers=self.workers(), pace=self.pace, since=self.began,
            on_mismatch=self.on_mismatch,
        )  # fmt: skip
        self.road.is_halted = lambda: bool(self.desk.guard.halted)
        taken.go_on(self.session, self.backend)
        self.connect()
        self.pump()

    def workers(self) -> Workers:
        """Who carries out what: all of them here, in an order drawn by chance."""
        one = self.worker
        return Workers(placing=one, asking=one, protecting=one, market=one)

    def connect(self) -> None:
        """Open both streams; the session hears that they are up."""
        for link, channel, topics in (
            ("private", Channel.PRIVATE, TOPICS),
            ("public", Channel.PUBLIC, (f"kline.1.{SYMBOL}",)),
        ):
            if link in self.refused:
                continue
            made = self.venue.connect(channel)
            assert made is not None
            if channel is Channel.PRIVATE:
                expires = self.venue.now + 10_000
                signature = auth.stream_signature("secret", expires)
                self._say(made, op="auth", args=["key", expires, signature])
            self._say(made, op="subscribe", req_id="1", args=list(topics))
            made.take()
            self.streams[link] = made
            self.session.link(link, is_up=True)

    def _say(self, connection: Connection, **frame: Any) -> None:
        self.venue.hub.receive(connection, json.dumps(frame), self.venue.now)

    def disconnect(self) -> None:
        """Cut both streams; what was on its way is lost."""
        for link, connection in self.streams.items():
            self.venue.hub.close(connection)
            self.session.link(link, is_up=False, why="cut")
        self.streams = {}

    def kill(self) -> None:
        """End the process as if its power had gone: nothing in memory survives."""
        self.journal.close()
        for connection in self.streams.values():
            self.venue.hub.close(connection)
        self.streams = {}

    def end(self) -> None:
        """Close everything for good."""
        self.kill()

    def restart(self) -> None:
        """Kill the process and take the journal up again."""
        self.kill()
        self._boot()

    # ------------------------------------------------------------ time

    def pump(self) -> None:
        """Let in answers and frames, in an order drawn by chance, until nothing is on its way."""
        while True:
            waiting = [name for name, one in self.streams.items() if one.outbox]
            ways = len(waiting) + bool(self.worker.waiting)
            if not ways:
                return
            pick = self.chance.randrange(ways)
            if pick < len(waiting):
                raw = self.streams[waiting[pick]].outbox.popleft()
                if raw.startswith("{not"):
                    self.disconnect()  # what the supervisor of streams does with it
                    self.connect()
                    continue
                frame = json.loads(raw)
                if "topic" in frame:
                    self.session.frame(frame)
            else:
                self.worker.waiting.pop(0)()
                self.session.flush()

    def run(self, ms: int, step: int = 250) -> None:
        """Let time pass in steps, with a tick of the session after each."""
        until = self.venue.now + ms
        while self.venue.now < until:
            self.venue.advance(min(until, self.venue.now + step))
            self.pump()
            self.session.tick()
            self.pump()

    def wait(self, ms: int) -> None:
        """Let time pass in steps that grow: what happens at all, happens soon."""
        until, step = self.venue.now + ms, 250.0
        while self.venue.now < until:
            self.run(min(int(step), until - self.venue.now), int(step))
            step = min(3_000.0, step * 1.15)

    def bar(self, price: str = "50000", bars: int = 1) -> None:
        """Trade at a price and let minutes close."""
        for _ in range(bars):
            self.venue.trade(D(price))
            self.wait(MINUTE - self.venue.now % MINUTE)
            self.run(1_000)

    def trade(self, price: str, ms: int = 1_000) -> None:
        """Print one trade and let it have its effects."""
        self.venue.trade(D(price))
        self.run(ms)

    def act(self, name: str, **row: Any) -> None:
        """Have somebody else do something at the venue."""
        self.act_on_venue(name, **row)
        self.run(500)

    def act_on_venue(self, name: str, **row: Any) -> None:
        """The same while no session runs."""
        perform(self.venue, name, row)

    # ------------------------------------------------------------ looking

    @property
    def ledger(self) -> Any:
        return self.desk.ledger

    @property
    def held(self) -> int:
        """Signed lots of the ledger."""
        position = self.ledger.position
        return 0 if position is None else int(position.side.sign * position.quantity)

    @property
    def venue_held(self) -> int:
        """Signed lots at the venue."""
        return int(self.venue.state.positions[SYMBOL].size / D("0.001"))

    def warned(self, kind: str) -> bool:
        return any(notice.kind == kind for notice in self.session.notices)

    def at_venue(self) -> list[str]:
        """Our orders that are open at the venue, by their ids here."""
        found = (self.names.order_id(o.link) for o in self.venue.state.open_orders(SYMBOL))
        return sorted(name for name in found if name)

    def order(self, ref: str) -> Any:
        return self.ledger.orders[self.ledger.newest_by_ref[ref]]

    # ------------------------------------------------------------ laws

    def laws(self) -> None:
        """What must hold once the venue is obedient and quiet: call it after faults were cleared."""
        self.venue.faults.clear()
        if not self.streams:
            self.connect()
        self.wait(20_000)
        self.wait(20_000)
        state = self.venue.state
        assert self.held == self.venue_held, (self.held, self.venue_held)
        working = sorted(o.order_id for o in self.ledger.book if is_ours(o.spec))
        assert working == self.at_venue(), (working, self.at_venue())
        links = [order.link for order in state.orders.values() if order.link]
        assert len(links) == len(set(links))
        known = {x for order in self.ledger.orders.values() for x in order.executions}
        guessed = {x for x in known if x.startswith("adopted-")}
        # What a row stood in for counts by lots, not by name: what is held and each order's total say so.
        told = [o for o in self.ledger.orders.values() if not _has_stand_in(o)]
        guesses = [o for o in self.ledger.orders.values() if o not in told]
        links = {self.names.link(o.order_id) for o in guesses if is_ours(o.spec)}
        others = {o.order_id for o in guesses if not is_ours(o.spec)}
        booked = {x for order in told for x in order.executions} - guessed
        theirs = {
            e.id
            for e in state.executions
            if e.exec_type != "Funding" and e.symbol == SYMBOL
            if e.order_link not in links and e.order_id not in others
        }
        assert booked == theirs, booked ^ theirs
        assert not self.road.opened_halted
        assert opened_too_much(self.ledger, self.desk.exits) <= 0
        if not guessed and len(state.markets) == 1:
            # What is held counts at its entry: executions that came in another order than they happened
            # part realized and open profit in another way, and change nothing of their sum.
            account, began = self.ledger.account, float(state.settings.balance)
            theirs, mine = state.positions[SYMBOL], self.ledger.position
            cost = 0.0 if mine is None else mine.side.sign * mine.total_size_usdt
            cash = float(state.wallet.balance - theirs.size * theirs.entry)
            ours = account.balance - account.starting_equity + began - cost
            assert abs(cash - ours) < 0.01, f"the wallet holds {cash}, the ledger {ours}"
        assert not self.backend.sync.behind
        assert not any(order.uncertain for order in self.ledger.book)
        if not self.desk.guard.halted:
            left = {
                self.names.order_id(o.link): o.qty - o.filled for o in state.open_orders(SYMBOL)
            }
            assert short_of_stops(self.ledger, left) == {}
            assert beyond_their_layer(self.ledger, left) == {}
            assert self.desk.coverage.open_lots(self.ledger) == 0

    def replayed(self) -> Replayed:
        """Replay the journal into a fresh desk; the state must be the same."""
        fresh = self._desk()
        done = replay(self.journal.records(), fresh)
        assert fresh.state_hash() == self.desk.state_hash()
        return done


def ended(live: Live) -> None:
    """Hold a session to its laws, and its journal to a replay."""
    live.laws()
    live.replayed()


def rows_of(bars: Frame) -> Iterator[tuple[int, float, float, float, float, float]]:
    """Yield what a journal keeps of bars."""
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    yield from zip(*columns, strict=True)
