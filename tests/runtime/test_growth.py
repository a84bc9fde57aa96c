"""Work grows with the bars, never with their square; it is counted in calls, so the clock has no say."""

from __future__ import annotations

import sys
from pathlib import Path

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.instrument_table import custom_instrument
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.reports.measures import run_view
from runtime.reports.metrics import METRICS, measure

CARD = Path(__file__).resolve().parents[2] / "bench" / "w1.card.yaml"
FEW, MORE = 6_000, 12_000


def calls(bars: int) -> int:
    """Return how many functions a run of the bench's card and its figures call."""
    text = CARD.read_text(encoding="utf-8").replace(
        "tf: 1m", "tf: 15m"
    )  # a market that moves enough
    source = Source(CARD.name, text)
    program = compile_card(source)
    spec = SyntheticSpec(symbol="W1USDT", timeframe="15m", bars=bars, seed=3)
    data, instrument = synthetic_market(spec), custom_instrument("W1USDT", 0.01, 0.000001)
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(count)
    try:
        record = run_backtest(program, data, instrument, flip=False)
        measure(run_view(record, data.exec, 100_000.0), METRICS)
    finally:
        sys.setprofile(None)
    assert len(record.fills) > bars / 500, "a run without fills shows nothing"
    return counted


def test_work_grows_with_the_bars() -> None:
    calls(FEW)  # what is imported by the first run is no work of it
    assert calls(MORE) < (MORE / FEW) ** 1.1 * calls(FEW)
