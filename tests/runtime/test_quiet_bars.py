"""Bars that pass by leave what they leave when each of them is walked."""

from __future__ import annotations

import math
import sys
from typing import Any

import pytest

from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES, is_steady
from compiler.catalog.types import Stage
from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.account.builtins import Snapshot, read
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.orders.book import PendingOrderBook
from runtime.records.rows import RunRecord
from tests.strategies.made_cards import instrument, market, odd_card, right_card
from tests.strategies.runs import MINUTE, SMALL, Run, at_bar, card_text, emit, flat, live

SEEDS = range(40)


def record_of(text: str, seed: int) -> RunRecord:
    program = compile_card(Source("card.yaml", text))
    graph = program.graph
    return run_backtest(program, market(graph, seed, 300), instrument(graph), flip=False)


def differs(text: str, seed: int, patch: pytest.MonkeyPatch) -> bool:
    """Return whether a run differs from one in which every bar is walked."""
    passed = record_of(text, seed)
    with patch.context() as every:
        every.setattr(SimulatedExchange, "quiet_until", lambda _, t, __: t)
        walked = record_of(text, seed)
    return repr(passed) != repr(walked)  # digits and all


@pytest.mark.parametrize("seed", SEEDS)
def test_bars_that_pass_by_change_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    make = right_card if seed % 3 else odd_card
    assert not differs(make(seed), seed, monkeypatch)


def test_a_course_that_is_followed_sees_every_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card reads nothing that moves, so its closes would be passed by; another reader follows."""
    text = card_text(at_bar(5, emit("entry_long", size="1 base")))
    courses = []
    with monkeypatch.context() as patch:
        begin = Ledger.__init__

        def follows(ledger: Ledger, instrument: Any, settings: Any) -> None:
            begin(ledger, instrument, settings)
            ledger.follow(MINUTE)
            courses.append(ledger)

        patch.setattr(Ledger, "__init__", follows)
        assert not differs(text, 3, monkeypatch)
    passed, walked = (ledger.course for ledger in courses)
    assert passed == walked
    assert passed is not None
    assert passed.high is not None


def test_a_book_that_reaches_less_far_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PendingOrderBook, "reach", lambda _: (-math.inf, math.inf))
    assert any(differs(right_card(seed), seed, monkeypatch) for seed in SEEDS if seed % 3)


@pytest.mark.parametrize("ahead", [1, 40])
def test_a_liquidation_in_a_hole_is_not_passed_by(ahead: int) -> None:
    """Quiet bars, a long of 100 under 10x; in the hole before bar `50 + ahead` mark is at 80 for a minute."""
    text = card_text(at_bar(50, emit("entry_long", size="10 base")), account="max_leverage: 10")
    behind = 50 + ahead + 1
    bars, mark = (Frame("TESTUSDT", "1m", MINUTE) for _ in range(2))
    for bar in range(200):
        bars.append((bar if bar < behind else bar + 3) * MINUTE, *[100.0] * 4, 1e6)
    for minute in range(203):
        low = 80.0 if minute == behind + 1 else 100.0
        mark.append(minute * MINUTE, 100.0, 100.0, low, 100.0, 0.0)
    program = compile_card(Source("card.yaml", text))
    record = run_backtest(program, MarketData(exec=bars, mark=mark), SMALL)
    assert [(fill.bar, fill.role) for fill in record.fills] == [
        (51, "entry"), (behind, "liquidation")
    ]  # fmt: skip


LADDER = at_bar(1, emit("place_limit_long", price=95, size="10% of equity", order_ref="a"))


def lived(bars: int = 12) -> Run:
    return live(LADDER, [*flat(100.0, 3), (100, 100, 94, 96), *flat(96.0, bars)])


def test_a_steady_builtin_stands_while_only_bars_close() -> None:
    run = lived()
    ledger = run.ledger
    ledger.follow(MINUTE)
    names: list[Any] = [
        (name, "a" if "order_" in name else "3" if name in OF_LAST_TRADES else "", ())
        for name, spec in BUILTINS.items()
        if spec.stage is Stage.ACCOUNT
    ]
    assert len(names) > 20
    before = {name: read(ledger, *name) for name in names}
    for bar in range(ledger.bar + 1, ledger.bar + 4):
        ledger.close_bar(bar, bar, 90.0 + bar, 90.0 + bar)
    moved = {name for name in names if repr(read(ledger, *name)) != repr(before[name])}
    assert moved, "a price that moves moves something"
    assert not [name for name in moved if is_steady(name[0])]


def test_a_snapshot_is_what_reading_would_give_at_every_close() -> None:
    run = lived()
    names: list[Any] = [("equity", "", ()), ("position_layers", "", ()), ("balance", "", ())]
    snapshot = Snapshot(names)
    for bar in range(20, 26):
        run.ledger.close_bar(bar, bar, float(bar), float(bar))
        if bar == 23:
            run.ledger.account.fees += 1.0
            run.ledger.changes += 1
        assert list(snapshot.at_close(run.ledger)) == [read(run.ledger, *name) for name in names]


def main() -> None:
    """python -m tests.runtime.test_quiet_bars FIRST COUNT: print the seeds whose runs differ."""
    first, count = map(int, sys.argv[1:])
    patch = pytest.MonkeyPatch()
    bad = [
        seed
        for seed in range(first, first + count)
        if differs((right_card if seed % 3 else odd_card)(seed), seed, patch)
    ]
    print(f"{count} runs from {first} on, different: {bad}")


if __name__ == "__main__":
    main()
