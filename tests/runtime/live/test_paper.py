"""A paper session: the venue's public bars and funding rates, the simulator answers."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from runtime.backends.bybit.rest import Rest
from runtime.backtest import market_stage, wire
from runtime.live import snapshot
from runtime.live.bars import BarGate
from runtime.live.journal import Journal
from runtime.live.paper import PaperBars, PaperDesk
from runtime.live.replay import replay
from runtime.live.resume import take_up
from runtime.live.session import Session
from runtime.live.snapshot import opened, picture, restore
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from tests.runtime.live.bench import BTC, MINUTE, START, SYMBOL, Late, Road, program, rows_of
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.links import Channel
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

D = Decimal
SPAN = 5 * MINUTE
CONTRACT = replace(BTC, funding_interval_minutes=5)
RATES = {
    due: D(Random(due).randrange(-30, 50)) / 10_000
    for due in range(START // SPAN * SPAN, START + 200 * MINUTE, SPAN)
}
CARD = (
    at_bar(2, emit("entry_long", size="0.1 base", stop_loss=48_000.0))
    + at_bar(11, emit("place_limit_exit_long", size="0.04 base", price=50_050.0, order_ref="x"))
    + at_bar(19, emit("exit_long"))
    + at_bar(22, emit("entry_short", size="0.05 base", stop_loss=52_000.0))
    + at_bar(40, emit("place_limit_short", size="0.05 base", price=50_100.0, order_ref="s"))
)


class Paper:
    """A paper session on the venue's public side, in one process, under its virtual time."""

    def __init__(self, folder: Path, *faults: Switch) -> None:
        self.folder = folder
        self.chance = Random(5)
        self.program = program(CARD)
        self.venue = Venue(
            Settings(
                start_ms=START, funding_rates=RATES, intervals={"1": MINUTE}, kline_push_ms=20_000
            ),
            instruments=[replace(BTCUSDT, funding_minutes=5)],
            faults=faults,
        )  # fmt: skip
        self.price = 50_000
        self.boot()

    def fresh(self) -> PaperDesk:
        return PaperDesk(self.program, MarketData(exec=Frame(SYMBOL, "1m", MINUTE)), CONTRACT)

    def boot(self) -> None:
        """Start, or go on from the journal."""
        self.journal = Journal(self.folder / "session.journal")
        taken = take_up(self.journal, self.fresh)
        desk = taken.desk
        assert isinstance(desk, PaperDesk)
        self.desk, self.lived = desk, taken.lived
        gate = BarGate(MINUTE, (desk.ledger.ts or START // MINUTE * MINUTE) - MINUTE)
        self.session = Session(
            desk, self.journal, gate, now=lambda: self.venue.now, snapshot_every=40
        )
        self.worker = Late()
        road = Road(Client(self.venue))
        self.side = PaperBars(
            CONTRACT, Rest(road, road), self.session.hooks, now=lambda: self.venue.now,
            interval="1", interval_ms=MINUTE,
            funding=self.session.funding, asking=self.worker,
        )  # fmt: skip
        taken.go_on(self.session, self.side)
        made = self.venue.connect(Channel.PUBLIC)
        assert made is not None
        frame = {"op": "subscribe", "req_id": "1", "args": [f"kline.1.{SYMBOL}"]}
        self.venue.hub.receive(made, json.dumps(frame), self.venue.now)
        made.take()
        self.stream = made
        self.session.link("public", is_up=True)

    def restart(self, away_ms: int = 0) -> None:
        """Kill the process, let some time pass, and start again."""
        self.journal.close()
        self.venue.hub.close(self.stream)
        self.market(away_ms)
        self.boot()

    def market(self, ms: int, step: int = 1_000) -> None:
        """Let the market go on with nobody there."""
        until = self.venue.now + ms
        while self.venue.now < until:
            if self.venue.now % 10_000 < step:
                self.price += self.chance.randrange(-40, 41)
                self.venue.trade(D(self.price))
            self.venue.advance(min(until, self.venue.now + step))

    def run(self, ms: int) -> None:
        """Let the market go on, the session with it."""
        until = self.venue.now + ms
        while self.venue.now < until:
            self.market(1_000)
            for raw in self.stream.take():
                frame = json.loads(raw) if isinstance(raw, str) else raw
                if "topic" in frame:
                    self.session.frame(frame)
            self.session.tick()
            while self.worker.waiting:
                self.worker.waiting.pop(0)()
                self.session.flush()

    def tested(self) -> tuple[float, float, int]:
        """Return what a back-test over the session's bars pays in funding, its balance, its fills."""
        rates = FundingSeries()
        for due, rate in RATES.items():
            rates.ts.append(due)
            rates.rate.append(float(rate))
        data = MarketData(exec=self.desk.bars, funding=rates)
        engine, exchange = wire(self.program, data, CONTRACT, market_stage(self.program, data))
        for bar in range(len(data.exec)):
            exchange.step(bar)
            exchange.submit(engine.close_bar(bar))
        account = engine.ledger.account
        return account.funding, account.balance, exchange.numbering.executions

    def came_to(self) -> tuple[float, float, int]:
        """Return the same of the session."""
        account = self.desk.ledger.account
        return account.funding, account.balance, self.desk.exchange.numbering.executions


def test_a_paper_session_pays_the_funding_that_a_back_test_pays(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.run(60 * MINUTE)
    assert len(paper.desk.bars) >= 59
    assert paper.came_to()[2] >= 4
    assert paper.came_to()[0] != 0
    assert paper.came_to() == paper.tested()


def test_rates_of_the_time_away_are_asked_for_with_its_bars(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.run(8 * MINUTE)
    paper.restart(away_ms=23 * MINUTE)
    paper.run(10 * MINUTE)
    dues = [due for due in RATES if paper.desk.bars.ts[0] < due <= paper.desk.ledger.ts]
    assert list(paper.desk.funding.ts) == dues
    assert len(dues) >= 7


def test_a_bar_waits_for_a_rate_that_comes_late(tmp_path: Path) -> None:
    silent = Switch(kind=Fault.DROP_ANSWER, on="market/funding/history", times=4)
    paper = Paper(tmp_path, silent)
    paper.run(60 * MINUTE)
    assert paper.came_to() == paper.tested()
    assert not [n for n in paper.session.notices if n.kind == "no_funding_rate"]


def test_a_rate_that_nobody_tells_is_said_and_not_counted(tmp_path: Path) -> None:
    silent = Switch(kind=Fault.DROP_ANSWER, on="market/funding/history")
    paper = Paper(tmp_path, silent)
    paper.run(20 * MINUTE)
    said = [n.text for n in paper.session.notices if n.kind == "no_funding_rate"]
    assert len(said) == 4
    assert "it is not counted" in said[0]
    assert len(paper.desk.bars) >= 18
    assert paper.desk.ledger.account.funding == 0


def test_what_is_kept_of_a_paper_desk_is_all_there_is(tmp_path: Path) -> None:
    desk = Paper(tmp_path).desk
    for kind, owner in (("paper", desk), ("exchange", desk.exchange)):
        known = snapshot.KEPT[kind] + snapshot.FRESH[kind]
        assert sorted(known) == sorted(vars(owner)), kind


def test_a_paper_desk_restored_from_any_cut_does_what_the_whole_did(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.run(50 * MINUTE)
    records = list(paper.journal.records())
    items = [at for at, record in enumerate(records) if record.kind == "item"]
    for cut in items[5 :: len(items) // 15]:
        whole, restored = paper.fresh(), paper.fresh()
        replay(records[:cut], whole)
        restored.take_bars(rows_of(whole.bars), whole.first)
        restore(restored, opened(picture(whole)))
        assert restored.state_hash() == whole.state_hash()
        replay(records[cut:], restored)
        assert restored.state_hash() == paper.desk.state_hash()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_paper_session_that_is_taken_up_lives_through_the_newest_records_alone(
    tmp_path: Path, *, restarts: bool
) -> None:
    paper = Paper(tmp_path)
    for part in range(6):
        paper.run(10 * MINUTE)
        if restarts:
            paper.restart()
            assert part == 0 or paper.lived < 60
    assert paper.came_to() == paper.tested()
