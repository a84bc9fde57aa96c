"""One value where a section has settings: one finding, with the rule that it means."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """
name: x
version: "3.2"
symbol: BTCUSDT
tf: 15m
SECTION
blocks:
  - id: a
    cases:
      - when: close > open
        emit: [{ action: entry_long, metadata: { size: 100 usdt } }]
"""


@pytest.mark.parametrize(
    ("section", "rule"),
    [
        ("risk_model: { stop_loss: 2% }", "write `{ type: percent, value: 2 }`"),
        ("risk_model: { take_profit: 4.5 % }", "write `{ type: percent, value: 4.5 }`"),
        ("risk_model: { sizing: 10% }", "write `{ model: percent_equity, value: 10 }`"),
        ("risk_model: { stop_loss: near }", None),
        ("account: { fee_model: 0.1% }", "write `{ taker_bps: 10, maker_bps: 10 }`"),
        ("execution: { impact: 3 }", "write `{ model: sqrt, coefficient: 3 }`"),
    ],
)
def test_one_value_for_several_settings_is_told_once_and_by_their_names(
    section: str, rule: str | None
) -> None:
    (found,) = check(Source("x", CARD.replace("SECTION", section)), lints=False).diagnostics
    assert found.code == "IC110"
    assert found.help == rule
