"""A span of time where an indicator counts bars is told how many they are, at the timeframe that it reads."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """
name: x
symbol: BTCUSDT
tf: 15m
htf: 1h
features: [FEATURE]
blocks:
  - id: a
    cases:
      - when: WHEN
        emit: [exit_all]
"""
ATR = "{ type: atr, id: other }"


@pytest.mark.parametrize(
    ("when", "feature", "said"),
    [
        ("close > highest(high, 24h)", ATR, "it counts bars: `24h` are 96 at 15m"),
        ("close > sma(close, 30m)", ATR, "it counts bars: `30m` are 2 at 15m"),
        ("close > sma(close, 20m)", ATR, "it counts bars: `20m` is not a whole number of 15m bars"),
        ("close > top", "{ type: highest, id: top, params: { length: 24h } }", "it counts bars: `24h` are 96 at 15m"),
        ("close > top", "{ type: highest, id: top, tf: 1h, params: { length: 2d } }", "it counts bars: `2d` are 48 at 1h"),
        ("close > top", "{ type: highest, id: top, params: { length: many } }", "bars of the window"),
        ("close > bbands(20, 2h).upper", ATR, None),
    ],
)  # fmt: skip
def test_a_span_of_time_says_how_many_bars_it_is(when: str, feature: str, said: str | None) -> None:
    text = CARD.replace("FEATURE", feature).replace("WHEN", when)
    found = [d for d in check(Source("x", text), lints=False).diagnostics if d.is_error]
    assert [d.code for d in found] == ["IC110"]
    assert found[0].help == said or (said is None and "it counts" not in str(found[0].help))
