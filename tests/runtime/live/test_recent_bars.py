"""A session holds its newest bars alone, and decides what one decides that holds all."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.live import decider
from runtime.live.items import BarArrived, Item, Reconciled
from runtime.live.journal import Journal
from runtime.live.paper import PaperDesk
from runtime.live.snapshot import opened, picture, restore
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.recent import Recent
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.rules.rows_needed import rows_needed
from tests.runtime.live.bench import BTC, Live, rows_of
from tests.runtime.live.scenarios import play
from tests.runtime.live.test_placing import MARKET

CARDS = (
    "gallery/breakout_stops.yaml", "gallery/mean_reversion_partials.yaml",
    "gallery/zone_scalper_v1.yaml", "cookbook/10_rsi_divergence.card.yaml",
    "cookbook/15_win_streak_size.card.yaml", "cookbook/33_trailing_offset.card.yaml",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[3] / "cards"
BARS = 500


def card(name: str) -> Program:
    return compile_card(Source(name, (ROOT / name).read_text(encoding="utf-8")))


def items(program: Program, bars: int = BARS) -> list[Item]:
    """Return what a paper session takes: it may decide from the first bar that is warm."""
    timeframe = program.graph.timeframe
    data = synthetic_market(SyntheticSpec(timeframe=timeframe, bars=bars, seed=5))
    made: list[Item] = [Reconciled(ts=data.exec.ts[0])]
    for start, open_, high, low, close, volume in rows_of(data.exec):
        made.append(BarArrived(
            start=start, open=open_, high=high, low=low, close=close, volume=volume, mark=close,
            source="stream", received=start + data.exec.interval_ms,
        ))  # fmt: skip
    return made


def desk(program: Program) -> PaperDesk:
    graph = program.graph
    step = synthetic_market(SyntheticSpec(timeframe=graph.timeframe, bars=1)).exec.interval_ms
    return PaperDesk(program, MarketData(exec=Frame("BTCUSDT", graph.timeframe, step)), BTC)


def lived(one: PaperDesk, told: list[Item]) -> list[object]:
    """Return what each item led to."""
    return [(one.take(item), tuple(one.brought)) for item in told]


@pytest.mark.parametrize("name", CARDS)
def test_what_was_let_go_of_changes_no_decision(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = card(name)
    told = items(program)
    monkeypatch.setattr(decider, "_LEAST_BARS", 10**9)
    whole = desk(program)
    all_of_it = lived(whole, told)
    monkeypatch.setattr(decider, "_LEAST_BARS", 1)
    recent = desk(program)
    half = len(told) // 2
    first = lived(recent, told[:half])
    again = desk(program)  # a start: from what a snapshot and the journal's bars have
    again.take_bars(list(rows_of(whole.bars))[: len(recent.bars)], recent.first)
    restore(again, opened(picture(recent)))
    for goes_on in (recent, again):
        assert first + lived(goes_on, told[half:]) == all_of_it
        assert goes_on.state_hash() == whole.state_hash()
    assert whole.bars.first == 0
    assert len(whole.bars) == len(recent.bars) == BARS
    assert recent.bars.first > BARS - 2 * rows_needed(program)
    assert sum(bool(events[1:]) for _, events in all_of_it), (
        "a card that does nothing shows nothing"
    )  # type: ignore[misc]


def test_a_story_is_the_same_with_the_fewest_bars_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for least in (10**9, 1):
        monkeypatch.setattr(decider, "_LEAST_BARS", least)
        folder = tmp_path / str(least)
        folder.mkdir()
        live = play(7, folder)
        journal = Journal(folder / "session.journal")
        told.append([(record.kind, record.body) for record in journal.records()])
        journal.close()
    assert live.desk.bars.first > 0
    assert told[0] == told[1]


def test_a_session_of_any_length_holds_as_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "_LEAST_BARS", 50)
    program = card("gallery/zone_scalper_v1.yaml")
    one, most = desk(program), []
    for item in items(program, 800):
        one.take(item)
        most.append(max(rows_held(one)))
    assert max(most[400:]) <= max(most[:400]) <= 2 * max(50, rows_needed(program))


def rows_held(one: PaperDesk) -> list[int]:
    """Return how many rows each column of a session holds."""
    stage, bars = one.market, one.bars
    columns = [
        bars.ts,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        *stage._nodes.values(),
    ]
    for runner in stage.runners:
        columns += [*runner.outputs.values(), runner.clock.view, runner.clock.frame.ts]
        columns += [column for aligned in runner._depends for column in aligned.columns]
    for clock in stage._clocks:
        columns += clock._columns.values()
    assert all(isinstance(column, Recent) for column in columns)
    return [column.held for column in columns if isinstance(column, Recent)]


def test_bars_that_no_snapshot_has_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decider, "_LEAST_BARS", 4)
    live = Live(tmp_path, MARKET, snapshot_every=10**9)
    for _ in range(12):
        live.bar()
    assert live.desk.bars.first == 0
    live.session.keep()
    for _ in range(5):
        live.bar()
    assert 0 < live.desk.bars.first <= live.session.journal.kept_bars == 12
    ledger = live.desk.state_hash()
    live.restart()
    assert live.desk.state_hash() == ledger
    assert len(live.desk.bars) == 17
