"""IC514: a cap of one layer beside entries of one oco group that wait together; who waits once or allows more is told nothing."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: BTCUSDT
tf: 15m
version: "3.2"
structures: {{ exec: [{{ type: fair_value_gap, key: gap }}] }}
{more}
blocks:
  - id: gaps
    cases:
      - when: gap.new_this_bar and position_side == flat{asks}
        emit:
          - action: place_limit_long
            metadata: {{ price: low, size: 5% of equity, stop_loss: low * 0.98, ttl_bars: {ttl}{options} }}
"""
GROUP = ", order_group: gaps, oco: true"


def said(more: str, options: str = GROUP, asks: str = "", ttl: int = 50) -> list[str]:
    text = CARD.format(more=more, options=options, asks=asks, ttl=ttl)
    found = check(Source("x", text)).diagnostics
    assert not [d for d in found if d.is_error]
    return [d.message.split(": ")[1].split(" counts")[0] for d in found if d.code == "IC514"]


ONE = "position_policy: { max_layers: 1 }"


@pytest.mark.parametrize(
    ("more", "who"),
    [
        (ONE, "`max_layers"),
        ("position_policy: { allow_scale_in: false }", "`allow_scale_in"),
        ("invariants: [max_layers: 1]", "the promise `max_layers"),
    ],
)
def test_entries_of_an_oco_group_that_wait_together_under_a_cap_of_one_layer_are_told(
    more: str, who: str
) -> None:
    assert said(more) == [who]


@pytest.mark.parametrize(
    ("more", "options", "asks", "ttl"),
    [
        ("position_policy: { max_layers: 3 }", GROUP, "", 50),
        ("position_policy: { mode: long_only }", GROUP, "", 50),
        (ONE, ", order_group: gaps", "", 50),
        (ONE, GROUP, " and pending_order_count == 0", 50),
        (ONE, GROUP + ", order_ref: dip", "", 50),
        (ONE, GROUP, "", 1),
    ],
)
def test_entries_that_wait_one_at_a_time_or_may_be_several_are_no_surprise(
    more: str, options: str, asks: str, ttl: int
) -> None:
    assert said(more, options, asks, ttl) == []
