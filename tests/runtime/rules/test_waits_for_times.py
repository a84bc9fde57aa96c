"""What a card remembers of several times of a condition is told: no number of bars warms it up."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.rules.begun_before import waits_for_times

CARD = (
    "name: times\nsymbol: TESTUSDT\ntf: 1h\nblocks:\n"
    "  - { id: a, cases: [{ when: 'WHAT and position_side == flat', emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, stop_loss: close - 2% }}]}]}\n"
)


@pytest.mark.parametrize(
    ("when", "times"),
    [
        ("close > value_when(days_left_in_month == 0, close, 12)", 13),
        ("close > mean_when(close > open, close, 10)", 10),
        ("close > value_when(close > open, close, 2) and low < lowest_when(close < open, low, 5)", 5),
        ("equity > mean_when(position_side != flat, equity, 3)", 3),
        ("close > value_when(close > open, close)", 0),
        ("bars_since(close > open) > 3", 0),
        ("close > mean_when(true, close, 50)", 0),
    ],
)  # fmt: skip
def test_how_many_times_are_waited_for_is_said(when: str, times: int) -> None:
    program = compile_card(Source("card.yaml", CARD.replace("WHAT", when)))
    said = list(waits_for_times(program.graph))
    assert len(said) == bool(times)
    if times:
        assert f"last {times} times" in said[0]
