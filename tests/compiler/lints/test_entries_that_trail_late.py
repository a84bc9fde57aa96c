"""A trail that a later rule sets protects an entry only where it is a stop from then on."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: late
symbol: BTCUSDT
tf: 15m
position_policy: { mode: long_only }
blocks:
  - id: a
    cases:
      - when: position_side == flat
        emit: [{ action: entry_long, metadata: { size: 200 usdt } }]
  - id: b
    cases:
      - when: position_side == long and position_trail is missing
        emit: [{ action: %s }]
"""


def codes(setting: str) -> set[str]:
    return {found.code for found in check(Source("card.yaml", CARD % setting)).diagnostics}


@pytest.mark.parametrize("start", ["activate_pct: 1.2", "activate: close * 1.01"])
def test_a_trail_that_a_rule_lets_begin_at_a_gain_limits_no_loss(start: str) -> None:
    assert "IC601" in codes(f"adjust_trail, metadata: {{ distance_pct: 0.3, {start} }}")


def test_a_trail_or_a_stop_that_a_rule_sets_at_once_limits_it() -> None:
    assert "IC601" not in codes("adjust_trail, metadata: { distance_pct: 0.3 }")
    assert "IC601" not in codes("adjust_stop, metadata: { price: low - 1% }")
