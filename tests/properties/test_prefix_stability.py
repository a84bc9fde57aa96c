"""Future bars never change past intents."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from runtime.market.timeframe import TIMEFRAMES
from runtime.orders.commands import Command
from runtime.orders.events import Event
from runtime.rules.market_stage import MarketStage
from tests.data_files import ROOT

CARDS = sorted((ROOT / "cards" / "gallery").glob("*.yaml"))
PROGRAMS = {
    path.stem: compile_card(Source(path.name, path.read_text(encoding="utf-8"))) for path in CARDS
}


def walk(seed: int, bars: int, timeframe: str) -> Frame:
    """Return a random walk with trends and quiet spells, the same for the same seed."""
    rng = random.Random(seed)
    made = Frame("BTCUSDT", timeframe, TIMEFRAMES[timeframe])
    close, calm = 50_000.0, 1.0
    for index in range(bars):
        if index % 40 == 0:
            calm, drift = rng.choice([0.3, 1.0, 2.5]), rng.uniform(-0.001, 0.001)
        open_ = close
        steps = [open_]
        for _ in range(4):
            steps.append(steps[-1] * (1 + drift + rng.gauss(0, 0.002 * calm)))
        close = round(steps[-1], 1)
        high, low = round(max(*steps, close), 1), round(min(*steps, close), 1)
        made.append(index * made.interval_ms, open_, high, low, close, rng.uniform(10, 500))
    return made


def live(card: str, frame: Frame, *, chunk: int) -> tuple[list[list[Command]], list[Event]]:
    """Run a card, the market stage advanced `chunk` bars at a time."""
    program, instrument = PROGRAMS[card], instrument_for("BTCUSDT")
    data = MarketData(exec=frame)
    ledger = Ledger(instrument, program.graph.settings)
    market = MarketStage(program, data)
    engine = Engine(program, ledger, market, instrument)
    events: list[Event] = []
    engine.listeners.append(events.append)
    exchange = SimulatedExchange(ledger, data, instrument, program.graph.settings, engine.apply)
    commands = []
    for bar in range(len(frame)):
        if bar >= market.done:
            market.advance(min(len(frame), bar + chunk))
        exchange.step(bar)
        commands.append(engine.close_bar(bar))
        exchange.submit(commands[-1])
    return commands, events


def prefix(frame: Frame, bars: int) -> Frame:
    columns = (frame.ts, frame.open, frame.high, frame.low, frame.close, frame.volume)
    return Frame(
        frame.symbol, frame.timeframe, frame.interval_ms, *(column[:bars] for column in columns)
    )


@pytest.mark.parametrize("card", sorted(PROGRAMS))
@settings(max_examples=max(5, settings.default.max_examples // 5))  # two runs of a card each
@given(seed=st.integers(0, 10_000), cut=st.integers(250, 899))
def test_future_bars_never_change_past_intents(card: str, seed: int, cut: int) -> None:
    whole = walk(seed, 900, PROGRAMS[card].graph.timeframe)
    commands, events = live(card, whole, chunk=len(whole))
    early, early_events = live(card, prefix(whole, cut), chunk=cut)
    assert early == commands[:cut]
    assert early_events == [event for event in events if event.bar < cut][: len(early_events)]


@pytest.mark.parametrize("card", sorted(PROGRAMS))
def test_bar_by_bar_equals_the_whole_history_at_once(card: str) -> None:
    frame = walk(7, 600, PROGRAMS[card].graph.timeframe)
    assert live(card, frame, chunk=1) == live(card, frame, chunk=600)


def test_the_walks_make_every_card_trade() -> None:
    """Without orders the property above would say nothing."""
    idle = []
    for card, program in PROGRAMS.items():
        placed = 0
        for seed in range(4):
            placed += sum(
                map(bool, live(card, walk(seed, 900, program.graph.timeframe), chunk=900)[0])
            )
        if not placed:
            idle.append(card)
    assert idle == []
