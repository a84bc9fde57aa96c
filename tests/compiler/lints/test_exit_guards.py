"""IC506 proposes no guard that would hold back what else its case asks for."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: out
symbol: BTCUSDT
tf: 15m
blocks:
  - id: in
    cases:
      - when: position_side == flat and close crosses above high[1]
        emit: [{{ action: entry_long, metadata: {{ size: 1% of equity, stop_loss: low }} }}, {{ action: place_limit_short, metadata: {{ order_ref: s, price: high + 2%, size: 1% of equity, stop_loss: high + 4% }} }}]
  - id: out
    cases:
      - when: close < open
        emit: [{emit}]
"""


@pytest.mark.parametrize(
    ("emit", "is_alone"),
    [
        ("exit_all", True),
        ("exit_long", True),
        ("cancel_all_orders, exit_all", False),
        ("exit_long, exit_short", False),
    ],
)
def test_a_guard_is_added_where_it_guards_the_exit_alone(emit: str, is_alone: bool) -> None:
    found = [
        d
        for d in check(Source("card.yaml", CARD.format(emit=emit))).diagnostics
        if d.code == "IC506"
    ]
    assert found
    for one in found:
        assert (one.fix is not None) is is_alone
        assert ("in a block of its own" in (one.help or "")) is not is_alone
